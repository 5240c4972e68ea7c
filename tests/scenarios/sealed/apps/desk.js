// An Express app under @sentry/node.
const Sentry = require("@sentry/node");
Sentry.init({ dsn: process.env.SENTRY_DSN, release: process.env.RELEASE, environment: "production", tracesSampleRate: 1, ignoreTransactions: ["GET /-/flush"] });
const express = require("express");
const app = express();

function nameOf(guest) {
  return guest.person.name.trim();
}
const later = () => new Promise((resolve) => setTimeout(resolve, 3));

app.get("/now", (request, response) => response.json(nameOf({})));
app.get("/await", async (request, response) => {
  await later();
  response.json(await Promise.all([1, 2].map(async () => nameOf({}))));
});
app.get("/then", (request, response, next) => {
  later().then(() => response.json(nameOf({}))).catch(next);
});

// Somebody else's service, which answers 503 at once.
const { Worker } = require("node:worker_threads");
let down = 0;
new Worker(
  `const server = require("node:http").createServer((request, response) => { response.statusCode = 503; response.end(); });
  server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port));`,
  { eval: true, execArgv: [] },
).on("message", (port) => { down = port; });
app.get("/mail", async (request, response) => {
  for (let attempt = 0; attempt < 7; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${down}/outbox`);
    if (answer.ok) break;
  }
  response.json({ sent: false });
});
app.get("/-/flush", async (request, response) => { await Sentry.flush(3000); response.end(); });
Sentry.setupExpressErrorHandler(app);
app.listen(Number(process.env.PORT), "127.0.0.1");
