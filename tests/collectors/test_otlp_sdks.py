"""OpenTelemetry's real SDK and exporters, against a real server, into a Warehouse."""

import importlib.util
import os
import subprocess
import sys

import pytest

from improver.config import Settings
from improver.keys import Keys
from improver.model import TrustLabel
from improver.opening import owned_runtime
from improver.stages import ingest
from tests.doors import Doors, serving

APP = """
import logging, sys
from importlib import import_module
from opentelemetry import metrics, trace
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

exporters = "opentelemetry.exporter.otlp." + sys.argv[1]
spans = import_module(exporters + ".trace_exporter").OTLPSpanExporter()
measured = import_module(exporters + ".metric_exporter").OTLPMetricExporter()
lines = import_module(exporters + "._log_exporter").OTLPLogExporter()
tracing, logged = TracerProvider(), LoggerProvider()
tracing.add_span_processor(BatchSpanProcessor(spans))
logged.add_log_record_processor(BatchLogRecordProcessor(lines))
metering = MeterProvider(metric_readers=[PeriodicExportingMetricReader(measured, export_interval_millis=600000)])
logging.getLogger().addHandler(LoggingHandler(logger_provider=logged))
tracer, orders = tracing.get_tracer("shop"), metering.get_meter("shop").create_counter("orders", unit="1")
shape = {"http.request.method": "POST", "http.route": "/pay", "session.id": "s1", "list": ["a", "b"]}
with tracer.start_as_current_span("POST /pay", kind=trace.SpanKind.SERVER, attributes=shape) as span:
    orders.add(2, {"plan": "free"})
    with tracer.start_as_current_span("execute_tool search", attributes={
        "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "gen_ai.tool.call.arguments": '{"q":1}',
    }):
        pass
    try:
        1 / 0
    except ZeroDivisionError as error:
        span.record_exception(error)
        span.set_status(trace.Status(trace.StatusCode.ERROR, "it broke"))
        logging.getLogger("shop").exception("payment failed for order %s", 17)
for provider in (tracing, metering, logged):
    provider.shutdown()
"""
EXPORTERS = ("proto.http", "json.http", "proto.grpc")


@pytest.fixture
def doors(tmp_path):
    pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
    (tmp_path / "shop").mkdir()
    settings = Settings(data_dir=tmp_path / "data", targets={"shop": {"repo": tmp_path / "shop"}})
    with owned_runtime(settings) as runtime:
        key = Keys.create(runtime.data.keys, "shop", TrustLabel.SERVER)
        with serving(runtime) as (http, grpc):
            yield Doors(runtime=runtime, http=http, grpc=grpc, key=key.value)


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_what_a_real_exporter_sends_is_in_the_warehouse(doors, tmp_path, exporter):
    if importlib.util.find_spec(f"opentelemetry.exporter.otlp.{exporter}") is None:
        pytest.skip(f"needs the OTLP exporter for {exporter}: pip install 'improver[dev]'")
    port = doors.grpc if exporter == "proto.grpc" else doors.http
    environment = {
        "PATH": os.environ["PATH"],
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-improver-key={doors.key}",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_RESOURCE_ATTRIBUTES": "service.version=r1,deployment.environment.name=test",
        "OTEL_SERVICE_NAME": "shop-web",
    }
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", APP, exporter], env=environment, cwd=tmp_path, timeout=60, check=True
    )
    ingest.run(doors.runtime)
    common = "service = 'shop-web' and release = 'r1' and environment = 'test' and target = 'shop' and trust = 'server'"
    (root,) = doors.rows(f"select * from spans where root and {common}")
    assert (root["name"], root["route"], root["op"], root["status"], root["session"]) == (
        "POST /pay", "/pay", "http.server", "error", "s1",
    )  # fmt: skip
    (inner,) = doors.rows(f"select * from spans where not root and {common}")
    assert (inner["trace_id"], inner["parent_id"]) == (root["trace_id"], root["span_id"])
    errors = doors.rows(f"select * from errors where {common} order by message")
    assert [(e["exception_type"], e["message"]) for e in errors] == [
        ("ZeroDivisionError", ""), ("ZeroDivisionError", "payment failed for order 17"),
    ]  # fmt: skip
    assert {(e["trace_id"], e["span_id"], e["key"]) for e in errors} == {
        (root["trace_id"], root["span_id"], errors[0]["key"])
    }
    (line,) = doors.rows(f"select * from logs where {common}")
    assert (line["body"], line["severity"], line["logger"]) == ("payment failed for order 17", 17, "shop")
    (call,) = doors.rows(f"select * from tool_calls where {common}")
    assert (call["tool"], call["arguments"], call["agent"]) == ("search", '{"q":1}', "shop-web")
    (metric,) = doors.rows(f"select * from metrics where {common} and name = 'orders'")
    assert (metric["aspect"], metric["value"], metric["unit"]) == ("value", 2.0, "1")
    assert doors.rows("select * from quarantine") == []
