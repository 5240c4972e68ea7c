// Takes what a payment provider tells it: a consumer of webhooks in Fastify under @sentry/node.
const Sentry = require("@sentry/node");
Sentry.init({ dsn: process.env.SENTRY_DSN, release: process.env.RELEASE, environment: "production", tracesSampleRate: 1, ignoreTransactions: [/flush/] });
Sentry.setTag("service", process.env.OTEL_SERVICE_NAME);
const fastify = require("fastify")();
Sentry.setupFastifyErrorHandler(fastify);
const seen = new Set();
const maintenance = new Map();

function lineTotal(line, event) {
  if (!line.price) throw new TypeError(`line ${line.sku} of ${event.id} has no price`);
  return line.price.amount * line.quantity;
}

const handlers = {
  "invoice.paid": async () => ({}),
  "customer.updated": async () => ({}),
  // An adjustment has no price of its own: nobody thought of that.
  "invoice.adjusted": async (event) => ({ total: event.lines.map((line) => lineTotal(line, event)).reduce((a, b) => a + b, 0) }),
};

fastify.post("/hooks/payments", async (request, reply) => {
  const event = request.body;
  if (request.headers["x-signature"] !== "good") return reply.code(401).send({ error: "signature does not match" });
  if (seen.has(event.id)) return { duplicate: true };
  if (event.type === "payout.created") {
    // Our ledger is closed for a minute: asked again later, it will do.
    const asked = (maintenance.get(event.id) ?? 0) + 1;
    maintenance.set(event.id, asked);
    if (asked < 3) return reply.code(503).header("Retry-After", "1").send({ retry: true });
    return { accepted: true };
  }
  if (!handlers[event.type]) return reply.code(202).send({ ignored: event.type });
  const answer = await handlers[event.type](event);
  seen.add(event.id);
  return answer;
});
fastify.get("/healthz", async () => ({ ok: true }));
fastify.get("/-/flush", async () => { await Sentry.flush(3000); return {}; });
fastify.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
