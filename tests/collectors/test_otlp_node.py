"""OpenTelemetry's real SDK for Node, with every exporter it has, against a real server, into a Warehouse."""

import json
import os
import subprocess

import pytest

from tests.clients import reporting
from tests.js_clients import node_modules

APP = """
const { NodeSDK } = require("@opentelemetry/sdk-node");
const { HttpInstrumentation } = require("@opentelemetry/instrumentation-http");
const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation()] });
sdk.start();
const { metrics, trace, SpanStatusCode } = require("@opentelemetry/api");
const { logs, SeverityNumber } = require("@opentelemetry/api-logs");
const http = require("http");
function average(prices) { return prices.total.sum; }
const server = http.createServer((request, response) => {
  request.resume();
  const attributes = { "user.id": "u1", "session.id": "s1", list: ["a", "b"] };
  trace.getTracer("shop").startActiveSpan("price of cart", { attributes }, (span) => {
    try { average([]); } catch (exception) {
      span.recordException(exception);
      span.setStatus({ code: SpanStatusCode.ERROR, message: "it broke" });
      const severity = { severityNumber: SeverityNumber.ERROR, severityText: "ERROR" };
      const body = "payment failed for order 17";
      logs.getLogger("shop").emit({ ...severity, body, exception, attributes: { about: { items: [1, 2] } } });
    }
    span.end();
  });
  response.statusCode = 500;
  response.end("broken");
});
server.listen(0, "127.0.0.1", () => {
  metrics.getMeter("shop").createCounter("orders", { unit: "1" }).add(2);
  const url = `http://127.0.0.1:${server.address().port}/cart/17?coupon=x`;
  http.get(url, (answer) => answer.resume().on("end", async () => { server.close(); await sdk.shutdown(); }));
});
"""
OURS = {"target": "shop", "trust": "server", "service": "shop-web", "environment": "test", "release": "r1"}


def told(row, *names):
    return tuple(row[name] for name in names)


@pytest.fixture(scope="module", params=["http/protobuf", "http/json", "grpc"])
def node(request, tmp_path_factory):
    """What one run of the app left in the Warehouse."""
    if request.param == "grpc":
        pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
    folder = tmp_path_factory.mktemp("node")
    (folder / "node_modules").symlink_to(node_modules())
    (folder / "app.js").write_text(APP)
    with reporting(folder) as warehouse:
        environment = {
            "PATH": os.environ["PATH"],
            "OTEL_EXPORTER_OTLP_PROTOCOL": request.param,
            "OTEL_EXPORTER_OTLP_ENDPOINT": warehouse.grpc if request.param == "grpc" else warehouse.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-improver-key={warehouse.key.value}",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_RESOURCE_ATTRIBUTES": "service.version=r1,deployment.environment.name=test",
            "OTEL_SERVICE_NAME": "shop-web",
        }
        done = subprocess.run(
            ["node", "app.js"], env=environment, cwd=folder, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        yield warehouse


def ours(row):
    return {name: row[name] for name in OURS}


def test_a_request_is_two_spans_of_one_trace(node):
    (served,) = node.rows("select * from spans where op = 'http.server'")
    (asked,) = node.rows("select * from spans where op = 'http.client'")
    (inner,) = node.rows("select * from spans where name = 'price of cart'")
    assert ours(served) == ours(asked) == ours(inner) == OURS
    assert {span["trace_id"] for span in (served, asked, inner)} == {served["trace_id"]}
    assert (len(served["trace_id"]), len(served["span_id"])) == (32, 16)
    assert (served["parent_id"], inner["parent_id"]) == (asked["span_id"], served["span_id"])
    assert told(served, "root", "status", "route") == (True, "error", "GET")
    assert told(inner, "root", "status", "route", "user", "session") == (False, "error", "GET", "u1", "s1")
    assert served["duration_ms"] >= inner["duration_ms"] > 0
    attributes = json.loads(inner["data"])["attributes"]
    assert attributes["list"] == ["a", "b"]


def test_a_recorded_exception_is_an_error_with_its_frames(node):
    (span,) = node.rows("select * from spans where name = 'price of cart'")
    (error,) = node.rows("select * from errors where message = ''")
    assert ours(error) == OURS
    assert told(error, "trace_id", "span_id", "route") == told(span, "trace_id", "span_id", "route")
    assert told(error, "exception_type", "platform", "user", "session", "handled") == (
        "TypeError", "node", "u1", "s1", True,
    )  # fmt: skip
    (raised,) = json.loads(error["raised"])
    innermost = raised["frames"][-1]
    assert raised["value"] == "Cannot read properties of undefined (reading 'sum')"
    assert told(innermost, "function", "lineno", "colno") == ("average", 9, 48)
    assert innermost["filename"].endswith("/app.js")


def test_a_log_with_an_exception_is_a_line_and_the_same_error(node):
    (line,) = node.rows("select * from logs")
    assert ours(line) == OURS
    assert told(line, "body", "severity", "logger") == ("payment failed for order 17", 17, "shop")
    assert json.loads(line["data"])["attributes"]["about"] == {"items": [1, 2]}
    recorded, logged = node.rows("select * from errors order by message")
    assert ours(logged) == OURS
    assert told(logged, "message", "level") == ("payment failed for order 17", "error")
    assert told(logged, "key", "trace_id", "span_id") == told(recorded, "key", "trace_id", "span_id")


def test_numbers_arrive_and_nothing_is_refused(node):
    (orders,) = node.rows("select * from metrics where name = 'orders'")
    assert ours(orders) == OURS
    assert told(orders, "value", "unit", "aspect") == (2.0, "1", "value")
    served = node.rows("select value from metrics where name = 'http.server.request.duration' and aspect = 'count'")
    assert served == [{"value": 1.0}]
    assert node.rows("select * from rejections") == node.rows("select * from quarantine") == []
