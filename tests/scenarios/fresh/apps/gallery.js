// A photo club's gallery under @sentry/browser: thumbnails as they come into sight, more photos at the end of the page,
// and a search whose question before is called off by the next.
import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: window.DSN, release: window.RELEASE, environment: "production", tracesSampleRate: 1,
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 1200, finalTimeout: 12000, enableInp: false })],
});

const wall = document.getElementById("wall");
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting || target.src) continue;
    target.src = target.dataset.src;
    seen.unobserve(target);
  }
});

let page = 0;
async function morePhotos() {
  const photos = await (await fetch(`photos.json?page=${++page}`)).json();
  for (const photo of photos) {
    const image = document.createElement("img");
    image.dataset.src = `leaf.svg?photo=${page}-${photo.id}`;
    image.alt = photo.title;
    image.addEventListener("click", () => open(photo));
    wall.append(image);
    seen.observe(image);
  }
}

function focalLength(photo) {
  return `${photo.exif.lens.focal} mm`;
}

async function open(photo) {
  document.getElementById("caption").textContent = photo.title;
  await new Promise((done) => setTimeout(done, 20));
  document.getElementById("caption").textContent += ` at ${focalLength(photo)}`;
}

let asking;
document.getElementById("q").addEventListener("input", async (event) => {
  asking?.abort();
  asking = new AbortController();
  const found = await fetch(`slow-photos.json?q=${event.target.value}`, { signal: asking.signal });
  document.getElementById("hits").textContent = (await found.json()).length;
});

new IntersectionObserver((entries) => { if (entries[0].isIntersecting && page < 5) morePhotos(); }).observe(document.getElementById("end"));
window.flushed = () => Sentry.flush(2000);
