// Numbered errors from @sentry/node, at an even pace: ADDRESS KEY COUNT PACE; says how long its own end took.
const Sentry = require("@sentry/node");
const [address, key, count, pace] = process.argv.slice(2);
Sentry.init({ dsn: address.replace("://", `://${key}@`) + "/1", defaultIntegrations: false });
(async () => {
  for (let number = 0; number < Number(count); number++) {
    Sentry.captureMessage(`number ${number}`, "error");
    await new Promise((done) => setTimeout(done, Number(pace) * 1000));
  }
  const begun = Date.now();
  await Sentry.close(2000);
  console.log(((Date.now() - begun) / 1000).toFixed(1));
})();
