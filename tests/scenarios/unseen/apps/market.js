// A second-hand market in Express under @sentry/node.
const Sentry = require("@sentry/node");
Sentry.init({
  dsn: process.env.SENTRY_DSN, release: process.env.RELEASE, environment: "production", tracesSampleRate: 1,
  integrations: [Sentry.httpIntegration({ ignoreIncomingRequests: (path) => path.startsWith("/-/") })],
});
Sentry.setTag("service", process.env.OTEL_SERVICE_NAME);
const express = require("express");
const app = express();
app.use(express.json(), (request, response, next) => {
  if (request.get("x-user")) Sentry.setUser({ id: request.get("x-user") });
  next();
});
const pause = (ms) => new Promise((done) => setTimeout(done, ms * (0.8 + 0.4 * Math.random())));

app.get("/healthz", (request, response) => response.json({ ok: true }));
app.get("/robots.txt", (request, response) => response.type("text").send("User-agent: *\nAllow: /\n"));
app.get("/items", async (request, response) => { await pause(25); response.json(["lamp", "sofa"]); });
// What was sold is gone: half of all that ever was.
app.get("/items/:item", async (request, response) => {
  await pause(20);
  const item = Number(request.params.item);
  if (item % 2) return response.status(404).json({ error: "this item was sold" });
  response.json({ item, price: 10 + (item % 90) });
});
app.post("/offers", async (request, response) => {
  await pause(30);
  if (!(request.body.price > 0)) return response.status(422).json({ price: "please say how much" });
  response.status(201).json({});
});
app.post("/session", async (request, response) => {
  await pause(60);
  if (request.body.password !== "right") return response.status(401).json({ error: "wrong password" });
  response.json({});
});
app.get("/-/flush", async (request, response) => { await Sentry.flush(3000); response.end(); });
Sentry.setupExpressErrorHandler(app);
app.listen(Number(process.env.PORT), "127.0.0.1");
