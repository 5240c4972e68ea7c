"""Numbered spans over OTLP, at an even pace: ADDRESS KEY COUNT PACE; says how long its own end took."""

import sys
import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

address, key, count, pace = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
provider = TracerProvider()
exporter = OTLPSpanExporter(endpoint=f"{address}/v1/traces", headers={"x-improver-key": key})
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = provider.get_tracer("bench")
for number in range(count):
    tracer.start_span(f"number {number}").end()
    time.sleep(pace)
begun = time.monotonic()
provider.shutdown()
sys.stdout.write(f"{time.monotonic() - begun:.1f}\n")
