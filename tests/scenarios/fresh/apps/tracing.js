// OpenTelemetry for a Fastify app: its HTTP server and client are instrumented, errors are recorded by its error handler.
const { NodeTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-node");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
const { registerInstrumentations } = require("@opentelemetry/instrumentation");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const { UndiciInstrumentation } = require("@opentelemetry/instrumentation-undici");
const { envDetector, detectResources } = require("@opentelemetry/resources");
const { trace, SpanStatusCode } = require("@opentelemetry/api");
const { getRPCMetadata } = require("@opentelemetry/core");
const { context } = require("@opentelemetry/api");

const provider = new NodeTracerProvider({
  resource: detectResources({ detectors: [envDetector] }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => request.url.startsWith("/-/") || request.method === "OPTIONS",
      ignoreOutgoingRequestHook: (request) => `${request.path}`.startsWith("/v1/"),
    }),
    new UndiciInstrumentation(),
  ],
});

exports.traced = (fastify) => {
  fastify.addHook("preHandler", async (request) => {
    const metadata = getRPCMetadata(context.active());
    if (metadata) metadata.route = request.routeOptions.url;
    if (request.headers["x-user"]) trace.getActiveSpan()?.setAttribute("user.id", request.headers["x-user"]);
  });
  fastify.setErrorHandler((error, request, reply) => {
    trace.getActiveSpan()?.recordException(error);
    trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    reply.code(error.statusCode ?? 500).header("Access-Control-Allow-Origin", "*").send({ error: "Internal Server Error" });
  });
  fastify.addHook("onSend", async (request, reply) => { reply.header("Access-Control-Allow-Origin", "*"); });
  fastify.options("/*", async (request, reply) => reply.header("Access-Control-Allow-Headers", "*").send());
  fastify.get("/-/flush", async () => { await provider.forceFlush(); return {}; });
  fastify.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
};
