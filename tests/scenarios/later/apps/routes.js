// Planning of routes in Express under OpenTelemetry, with a log of JSON lines as pino writes them.
const { served, who } = require("./tracing.js");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Worker } = require("node:worker_threads");
const { trace, SpanStatusCode } = require("@opentelemetry/api");
const express = require("express");
const app = express();
app.use(express.json(), who);
const file = path.join(process.env.SCRATCH, "routes.log");
const slower = Number(process.env.SLOWER || 1);

function log(level, msg, more) {
  const line = { level, time: new Date().toISOString(), pid: process.pid, hostname: "routes-1", ...more, msg };
  fs.appendFileSync(file, JSON.stringify(line) + "\n");
}

// Somebody else's service, which knows where an address is.
let geocoder = 0;
new Worker(
  `const server = require("node:http").createServer((request, response) => setTimeout(() => response.end("{}"), 45));
  server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port));`,
  { eval: true, execArgv: [] },
).on("message", (port) => { geocoder = port; });

app.get("/tours/:tour/map", async (request, response) => {
  const places = [];
  for (let stop = 1; stop <= 9; stop++) {
    places.push(await (await fetch(`http://127.0.0.1:${geocoder}/places/${request.params.tour}${stop}`)).json());
  }
  response.json(places);
});

const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const pause = (median) => new Promise((done) => setTimeout(done, median * Math.exp(0.2 * normal())));
app.get("/estimates", async (request, response) => {
  await pause(70 * slower);
  response.json({});
});
app.get("/drivers", async (request, response) => {
  await pause(50);
  response.json([]);
});

function tonnes(load) {
  return load.pallets.reduce((sum, pallet) => sum + pallet.weight, 0) / 1000;
}
app.post("/loads", (request, response) => {
  try {
    log(30, "load received", { load: request.body.number });
    response.json(tonnes(request.body));
  } catch (error) {
    trace.getActiveSpan().recordException(error);
    trace.getActiveSpan().setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    log(50, error.message, { load: request.body.number, err: { type: error.name, message: error.message, stack: error.stack } });
    response.status(500).json({});
  }
});
// Server-sent events: the answer takes as long as somebody listens.
app.get("/events", (request, response) => {
  response.set("Content-Type", "text/event-stream");
  let number = 0;
  const timer = setInterval(() => {
    response.write(`data: ${number}\n\n`);
    if (++number === 5) { clearInterval(timer); response.end(); }
  }, 900);
});
served(app);
