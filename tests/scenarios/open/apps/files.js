// An Express app under OpenTelemetry that reads files while others wait, or lets them.
const fs = require("node:fs");
const path = require("node:path");
const { NodeTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-node");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { ExpressInstrumentation } = require("@opentelemetry/instrumentation-express");
const { FsInstrumentation } = require("@opentelemetry/instrumentation-fs");
const { envDetector, detectResources } = require("@opentelemetry/resources");

const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => request.url.startsWith("/-/") }),
    new ExpressInstrumentation(),
    new FsInstrumentation({ requireParentSpan: true }),
  ],
});

const express = require("express");
const app = express();
const big = path.join(process.env.SCRATCH, "catalogue.bin");
fs.writeFileSync(big, Buffer.alloc(180e6));

app.get("/catalogue", (request, response) => {
  const content = fs.readFileSync(big);
  response.json({ size: content.length });
});
app.get("/pictures", (request, response) => {
  fs.readFile(big, (error, content) => response.json({ size: content.length }));
});
app.get("/-/flush", (request, response) => provider.forceFlush().then(() => response.end()));
app.listen(Number(process.env.PORT), "127.0.0.1");
