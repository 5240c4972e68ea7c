// A till of a garden centre in Fastify under OpenTelemetry.
const { traced } = require("./tracing.js");
const fastify = require("fastify")();
const pause = (ms) => new Promise((done) => setTimeout(done, ms * (0.8 + 0.4 * Math.random())));

function loyaltyOf(order) {
  return Math.floor(order.customer.card.points / 100);
}

fastify.get("/healthz", async () => ({ ok: true }));
fastify.get("/plants", async () => { await pause(25); return ["fern", "rose"]; });
fastify.get("/orders/:order", async (request) => { await pause(30); return { order: request.params.order }; });
fastify.post("/orders", async (request, reply) => { await pause(40); return reply.code(201).send({}); });
fastify.post("/checkout/:order", async (request) => {
  await pause(35);
  const guest = { customer: { name: "guest" } };
  return { points: loyaltyOf(guest) };
});
traced(fastify);
