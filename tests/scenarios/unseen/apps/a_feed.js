// Puts a shop's products into a price comparison's feed, and says on its console how that went.
const say = (...words) => console.log(new Date().toISOString(), ...words);
const complain = (...words) => console.error(new Date().toISOString(), ...words);
const products = Array.from({ length: 48 }, (_, index) => ({
  id: 8800 + Math.floor(Math.random() * 90000), stock: index % 7,
  // What came by the supplier's new list has no pictures yet.
  ...(index % 9 === 4 ? {} : { images: [{ url: `/img/${index}.jpg` }] }),
}));

function imageOf(product) {
  return `https://shop.example${product.images[0].url}`;
}

async function put(product) {
  await new Promise((done) => setTimeout(done, 3 + 5 * Math.random()));
  return { id: product.id, image: imageOf(product) };
}

(async () => {
  say("feed: 48 products since the last run");
  let sent = 0;
  for (const product of products) {
    if (product.stock === 0) { say(`product ${product.id} skipped: out of stock`); continue; }
    try {
      await put(product);
      sent += 1;
      say(`product ${product.id} sent`);
    } catch (error) {
      complain(`could not send product ${product.id}`, error);
    }
  }
  say(`feed: done, ${sent} sent`);
})();
