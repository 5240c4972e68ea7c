"""The OTLP Collector on the wire: what the real SDKs sent, what is answered, and what both become."""

import base64
import gzip
import json
import zlib
from datetime import UTC, datetime

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from improver.analyze import analyze
from improver.collectors import _otlp_signals
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import ErrorEvent, LogEvent, MetricEvent, Payload, SpanEvent, ToolCallEvent, TrustLabel
from tests.collectors.otlp_requests import decoded, logs, metrics, otlp, record, span, traces
from tests.ingest import CAPTURES, NOW, Ingest

PROTOBUF = ("Content-Type", "application/x-protobuf")
JSON = ("Content-Type", "application/json")
EVERY_CAPTURE = sorted(path.stem for path in CAPTURES.glob("otel-*/*.json") if "grpc" not in path.stem)
WHOLE = {
    "/v1/traces": [SpanEvent, ToolCallEvent, SpanEvent, ErrorEvent],
    "/v1/logs": [LogEvent, ErrorEvent],
    "/v1/metrics": [MetricEvent] * 5,
}


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path, "otlp")
    yield ingest
    ingest.spool.close()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def replayed(ingest, name):
    assert ingest.replay(name).status == 200
    return ingest.decoded()


def post(ingest, signal, body, *headers):
    return ingest.ask("POST", f"/v1/{signal}", headers, body)


# What the SDKs send.


@pytest.mark.parametrize("name", EVERY_CAPTURE)
def test_every_recorded_request_is_accepted_and_decodes(ingest, name):
    answer = ingest.replay(name)
    assert answer.status == 200, answer.body
    batch = ingest.decoded()
    assert set(batch.rejected) <= {"exporter_log"}
    assert len(batch.events) + sum(batch.rejected.values()) > 0


@pytest.mark.parametrize("folder", ["otel-http-proto", "otel-http-json"])
def test_both_formats_become_the_same_events(ingest, folder):
    for number in (1, 2, 3):
        assert ingest.replay(f"{folder}-00{number}").status == 200
    for payload in ingest.spooled():
        events = otlp.decode([payload], otlp.Config()).events
        assert [type(event) for event in events] == WHOLE[payload.path]
        common = {(event.service, event.environment, event.release) for event in events}
        assert common == {("shop", "dev", "1.2.3")}


def test_a_trace_field_by_field(ingest):
    batch = replayed(ingest, "otel-http-proto-001")
    inner, call, root, error = batch.events
    payload = ingest.spooled()[0]
    trace = "b229acafd2aad50b8003ce2c572f1cc7"
    assert batch.rejected == {}
    assert {event.payload_id for event in batch.events} == {payload.id}
    assert {event.trace_id for event in batch.events} == {trace}
    assert (payload.trust, payload.key_id, payload.content_type) == (TrustLabel.PUBLIC, "", "application/x-protobuf")

    assert root.occurred_at == at("2026-11-21T01:51:37.563957")
    assert (root.name, root.op, root.route, root.status, root.root) == (
        "POST /pay",
        "http.server",
        "/pay",
        "error",
        True,
    )
    assert (root.span_id, root.parent_id, root.duration_ms) == ("b2498f61a13d50d1", "", 0.991412)
    assert root.data["attributes"]["http.response.status_code"] == 500
    assert root.data["resource"]["telemetry.sdk.version"] == "1.45.2"
    assert (root.data["kind"], root.data["status_message"]) == ("server", "division by zero")

    assert (inner.name, inner.op, inner.route, inner.status, inner.root) == (
        "chat gpt",
        "gen_ai.chat",
        "/pay",
        "",
        False,
    )
    assert (inner.parent_id, inner.span_id) == (root.span_id, "9212550dc9c0f6d0")
    assert (call.tool, call.model, call.input_tokens, call.agent) == ("", "m", 10, "shop")

    assert error.occurred_at == at("2026-11-21T01:51:37.564572")
    assert (error.span_id, error.route, error.platform, error.level) == (root.span_id, "/pay", "python", "error")
    assert (error.client_id, error.message, error.handled) == (f"{trace}{root.span_id}0", "", True)
    (raised,) = error.raised
    assert (raised.type, raised.value) == ("ZeroDivisionError", "division by zero")
    (frame,) = raised.frames
    assert (frame.filename, frame.function, frame.lineno) == ("/srv/ap/clients/otel.py", "<module>", 44)
    assert frame.context_line == "try: 1/0"


def test_ids_in_json_are_hexadecimal(ingest):
    inner, _, root, error = replayed(ingest, "otel-http-json-001").events
    assert {inner.trace_id, root.trace_id, error.trace_id} == {"33bac6bd0be04c561f4b9acfc48ad4d0"}
    assert (inner.span_id, inner.parent_id) == ("a87bc6221d0d3e80", "9102085141912db1")
    assert (root.span_id, error.span_id) == ("9102085141912db1", "9102085141912db1")
    assert root.occurred_at == at("2026-11-21T01:51:41.508309")


def test_a_log_with_an_exception_field_by_field(ingest):
    line, error = replayed(ingest, "otel-http-proto-003").events
    trace, span_id = "b229acafd2aad50b8003ce2c572f1cc7", "b2498f61a13d50d1"
    for event in (line, error):
        assert (event.trace_id, event.span_id) == (trace, span_id)
        assert event.occurred_at == at("2026-11-21T01:51:37.564631")
    assert (line.severity, line.body, line.logger) == (17, "payment failed for order 17", "shop")
    assert line.data["attributes"]["code.line.number"] == 47
    assert (error.level, error.message, error.platform) == ("error", "payment failed for order 17", "python")
    assert error.raised[0].frames[0].function == "<module>"


def test_metrics_field_by_field(ingest):
    orders, *histogram = replayed(ingest, "otel-http-json-002").events
    assert (orders.name, orders.unit, orders.aspect, orders.value) == ("orders", "", "value", 1.0)
    assert orders.occurred_at == at("2026-11-21T01:51:41.516115")
    assert orders.trace_id == "33bac6bd0be04c561f4b9acfc48ad4d0"
    assert (orders.data["attributes"], orders.data["temporality"]) == ({"plan": "free"}, "cumulative")
    assert orders.data["monotonic"] is True
    assert {(one.name, one.unit) for one in histogram} == {("http.server.request.duration", "s")}
    assert {one.aspect: one.value for one in histogram} == {"count": 1.0, "sum": 0.3, "min": 0.3, "max": 0.3}
    assert histogram[0].data["buckets"][:3] == [0, 1, 0]


def test_the_old_names_of_an_auto_instrumented_flask_app(ingest):
    root, error = replayed(ingest, "otel-auto-flask-003").events
    assert (root.route, root.op, root.status, root.root) == ("/pay", "http.server", "error", True)
    assert [frame.function for frame in error.raised[0].frames][-1] == "pay"
    ingest.replay("otel-auto-flask-001")
    error = ingest.decoded().events[-1]
    assert (error.message, error.trace_id, error.span_id) == ("Exception on /pay [GET]", root.trace_id, root.span_id)


def test_a_gzipped_log_loses_only_the_exporters_own_lines(ingest):
    batch = replayed(ingest, "otel-http-proto-gzip-005")
    assert [type(event) for event in batch.events] == [LogEvent, ErrorEvent]
    assert batch.rejected == {"exporter_log": 1}
    assert ingest.spooled()[0].content_encoding == "gzip"


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("", bytes), ("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", None)],
)
def test_every_encoding_is_taken(ingest, encoding, pack):
    if pack is None:
        pack = pytest.importorskip("zstandard", reason="needs zstandard: pip install zstandard").compress
    body = pack(json.dumps(traces(span())).encode())
    assert post(ingest, "traces", body, JSON, ("Content-Encoding", encoding)).status == 200
    assert len(ingest.decoded().events) == 1


# Keys.


def test_a_key_is_found_in_either_header(ingest):
    body = json.dumps(traces(span())).encode()
    for name, said in (("X-Improver-Key", "{}"), ("Authorization", "Bearer {}"), ("authorization", "bearer {} ")):
        assert post(ingest, "traces", body, JSON, (name, said.format(ingest.key.value))).status == 200
    assert [(p.key_id, p.trust) for p in ingest.spooled()] == [(ingest.key.id, TrustLabel.SERVER)] * 3


@pytest.mark.parametrize(
    "headers", [[], [("authorization", "Bearer somebody-elses")], [("authorization", "Basic eDp5")]]
)
def test_without_a_known_key_it_is_public_evidence(ingest, headers):
    assert post(ingest, "logs", json.dumps(logs(record())).encode(), JSON, *headers).status == 200
    assert (ingest.spooled()[0].key_id, ingest.spooled()[0].trust) == ("", TrustLabel.PUBLIC)


def test_a_key_can_be_required(tmp_path):
    ingest = Ingest(tmp_path, "otlp", config=otlp.Config(require_key=True))
    body = json.dumps(traces(span())).encode()
    assert post(ingest, "traces", body, JSON).status == 401
    assert post(ingest, "traces", body, JSON, ("x-improver-key", "wrong")).status == 403
    assert post(ingest, "traces", body, JSON, ("x-improver-key", ingest.key.value)).status == 200
    assert ingest.receiver.counters()["otlp"] == {"payloads": 1, "rejected": {"missing_key": 1, "unknown_key": 1}}
    ingest.spool.close()


# Replies.


def test_a_reply_has_the_format_of_its_request(ingest):
    empty = ExportTraceServiceRequest().SerializeToString()
    answer = post(ingest, "traces", empty, PROTOBUF)
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "application/x-protobuf", b"")
    answer = post(ingest, "traces", b"{}", ("Content-Type", "application/json; charset=utf-8"))
    assert (answer.status, answer.headers["content-type"], answer.json) == (200, "application/json", {})


def test_bad_spans_are_counted_in_the_reply_and_the_good_ones_kept(ingest):
    bad = [span(2, traceId=""), span(3, spanId="00" * 8), span(4, traceId="nothexadecimal"), {"name": 5}, None]
    answer = post(ingest, "traces", json.dumps(traces(span(1), *bad)).encode(), JSON)
    partial = answer.json["partialSuccess"]
    assert (answer.status, partial["rejectedSpans"]) == (200, "5")
    assert "2 without a trace id of 16 bytes" in partial["errorMessage"]
    assert "3 could not be read" in partial["errorMessage"]
    batch = ingest.decoded()
    assert [event.span_id for event in batch.events] == ["0000000000000001"]
    assert batch.rejected == {"invalid_id": 2, "malformed_item": 3}


def test_protobuf_has_partial_success_too(ingest):
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name="good")
    spans.add(trace_id=b"t" * 8, span_id=b"s" * 8, name="short id")
    answer = post(ingest, "traces", request.SerializeToString(), PROTOBUF)
    assert ExportTraceServiceResponse.FromString(answer.body).partial_success.rejected_spans == 1
    assert [event.name for event in ingest.decoded().events] == ["good"]


def test_a_protobuf_item_that_cannot_be_read_costs_only_itself(ingest):
    request = ExportTraceServiceRequest()
    block = request.resource_spans.add()
    block.resource.attributes.add(key="service.name").value.string_value = "shop"
    scope = block.scope_spans.add()
    scope.scope.name = "mine"
    for name in ("first", "bad-utf8", "last"):
        scope.spans.add(trace_id=b"t" * 16, span_id=name.encode()[:4] + b"span", name=name)
    body = request.SerializeToString().replace(b"bad-utf8", b"bad-\xff\xfe\xfd\xfc")
    answer = post(ingest, "traces", body, PROTOBUF)
    assert ExportTraceServiceResponse.FromString(answer.body).partial_success.rejected_spans == 1
    batch = ingest.decoded()
    assert [(event.name, event.service) for event in batch.events] == [("first", "shop"), ("last", "shop")]
    assert batch.rejected == {"malformed_item": 1}
    assert batch.events[0].data["scope"] == {"name": "mine"}


def test_logs_and_metrics_count_what_they_refuse_under_their_own_names(ingest):
    answer = post(ingest, "logs", json.dumps(logs(record(), {"timeUnixNano": "soon"})).encode(), JSON)
    assert answer.json["partialSuccess"]["rejectedLogRecords"] == "1"
    answer = post(ingest, "metrics", json.dumps(metrics({"name": 7})).encode(), JSON)
    assert answer.json["partialSuccess"]["rejectedDataPoints"] == "1"
    assert ExportLogsServiceResponse().partial_success.rejected_log_records == 0


@pytest.mark.parametrize(
    ("headers", "body", "status", "reason"),
    [
        ([("Content-Type", "text/plain")], b"{}", 415, "unknown_content_type"),
        ([], b"{}", 415, "unknown_content_type"),
        ([JSON, ("Content-Encoding", "lzma")], b"{}", 415, "unknown_encoding"),
        ([JSON, ("Content-Encoding", "gzip")], b"{}", 400, "malformed"),
        ([JSON], b"", 400, "malformed"),
        ([JSON], b"[]", 400, "malformed"),
        ([JSON], b"[" * 100_000, 400, "malformed"),
        ([JSON], b'{"a":' * 100_000, 400, "malformed"),
        ([PROTOBUF], b"garbage", 400, "malformed"),
        ([PROTOBUF], b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 400, "malformed"),
        ([PROTOBUF, ("Content-Encoding", "gzip")], gzip.compress(bytes(21 << 20)), 413, "too_large"),
    ],
)
def test_what_makes_no_sense_is_refused_with_why(ingest, headers, body, status, reason):
    answer = post(ingest, "traces", body, *headers)
    assert (answer.status, ingest.spooled()) == (status, [])
    assert ingest.receiver.counters()["otlp"] == {"payloads": 0, "rejected": {reason: 1}}
    if PROTOBUF in headers:
        assert answer.headers["content-type"] == "application/x-protobuf"
        assert Status.FromString(answer.body).message
        return
    assert answer.json["message"]


def test_a_request_of_too_many_items_is_refused_before_it_is_unpacked(ingest):
    scope = b"\x12\x00" * (_otlp_signals.MAX_ITEMS + 1)
    block = b"\x12" + _size(scope) + scope
    body = b"\x0a" + _size(block) + block
    assert len(body) < 200_000
    assert post(ingest, "traces", body, PROTOBUF).status == 413
    many = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{}] * (_otlp_signals.MAX_ITEMS + 1)}]}]}
    assert post(ingest, "logs", json.dumps(many).encode(), JSON).status == 413
    points = {"gauge": {"dataPoints": [{}] * (_otlp_signals.MAX_ITEMS + 1)}}
    body = gzip.compress(json.dumps(metrics(points)).encode())
    assert post(ingest, "metrics", body, JSON, ("content-encoding", "gzip")).status == 413
    assert ingest.spooled() == []


def _size(content):
    size, encoded = len(content), bytearray()
    while size > 0x7F:
        encoded.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*encoded, size])


def test_when_there_is_no_room_exporters_are_told_to_try_again(tmp_path):
    from improver.config import settings

    ingest = Ingest(tmp_path, "otlp", spool=settings.Spool(min_free_mb=1 << 40))
    answer = post(ingest, "traces", json.dumps(traces(span())).encode(), JSON)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    ingest.spool.close()


# Lines of a file.


def test_a_line_says_itself_which_signal_it_is():
    batch = decoded(traces(span()), logs(record()), metrics({"name": "m", "gauge": {"dataPoints": [{"asInt": "3"}]}}))
    assert [type(event) for event in batch.events] == [SpanEvent, LogEvent, MetricEvent]


@pytest.mark.parametrize("line", [b"nonsense", b"{}", b"[]"])
def test_an_unreadable_line_is_an_error_so_that_it_can_be_set_aside(line):
    payload = Payload(
        id="p", collector="otlp", path=otlp.LINE_PATH, received_at=NOW, body=line, content_type="application/json"
    )
    with pytest.raises(ImproverError):
        otlp.decode([payload], otlp.Config())


def test_files_of_requests_are_analysed_into_findings(tmp_path):
    file = tmp_path / "requests.jsonl"
    file.write_bytes(b"".join(_recorded(f"otel-http-json-00{number}") + b"\n" for number in (1, 2, 3)) + b"nonsense\n")
    found = analyze(Settings(data_dir=tmp_path), [file], "otlp")
    told = [(event.ref, event.kind) for event in found.events]
    assert told == [(f"{file}:1", "error"), (f"{file}:3", "error"), (f"{file}:3", "log")]
    assert len({event.fingerprint for event in found.events if event.kind == "error"}) == 1
    assert found.unreadable == (f"{file}:4",)
    (finding,) = found.findings
    assert "ZeroDivisionError" in finding.title


def _recorded(name):
    return base64.b64decode(json.loads(next(CAPTURES.glob(f"*/{name}.json")).read_text())["body_b64"])
