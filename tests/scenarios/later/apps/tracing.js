// OpenTelemetry as its docs say to set it up for an Express app.
const { NodeTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-node");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { ExpressInstrumentation } = require("@opentelemetry/instrumentation-express");
const { UndiciInstrumentation } = require("@opentelemetry/instrumentation-undici");
const { envDetector, detectResources } = require("@opentelemetry/resources");
const { trace } = require("@opentelemetry/api");

const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => request.url.startsWith("/-/"), ignoreOutgoingRequestHook: (request) => `${request.path}`.startsWith("/v1/") }),
    new ExpressInstrumentation(),
    new UndiciInstrumentation(),
  ],
});

exports.served = (app) => {
  app.get("/-/flush", (request, response) => provider.forceFlush().then(() => response.end()));
  app.listen(Number(process.env.PORT), "127.0.0.1");
};
exports.who = (request, response, next) => {
  if (request.get("x-user")) trace.getActiveSpan()?.setAttribute("user.id", request.get("x-user"));
  next();
};
