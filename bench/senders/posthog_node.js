// Numbered events from posthog-node, at an even pace: ADDRESS KEY COUNT PACE; says how long its own end took.
const { PostHog } = require("posthog-node");
const [address, key, count, pace] = process.argv.slice(2);
const client = new PostHog(key, { host: address });
client.on("error", () => {});
(async () => {
  for (let number = 0; number < Number(count); number++) {
    client.capture({ distinctId: "u1", event: `number ${number}` });
    await new Promise((done) => setTimeout(done, Number(pace) * 1000));
  }
  const begun = Date.now();
  await client.shutdown();
  console.log(((Date.now() - begun) / 1000).toFixed(1));
})();
