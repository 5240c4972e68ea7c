// Numbered spans over OTLP from Node, at an even pace: ADDRESS KEY COUNT PACE; says how long its own end took.
const { tracing, node } = require("@opentelemetry/sdk-node");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-proto");
const [address, key, count, pace] = process.argv.slice(2);
const exporter = new OTLPTraceExporter({ url: `${address}/v1/traces`, headers: { "x-improver-key": key } });
const provider = new node.NodeTracerProvider({ spanProcessors: [new tracing.BatchSpanProcessor(exporter)] });
const tracer = provider.getTracer("bench");
(async () => {
  for (let number = 0; number < Number(count); number++) {
    tracer.startSpan(`number ${number}`).end();
    await new Promise((done) => setTimeout(done, Number(pace) * 1000));
  }
  const begun = Date.now();
  await provider.shutdown().catch(() => {});
  console.log(((Date.now() - begun) / 1000).toFixed(1));
})();
