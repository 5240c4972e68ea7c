"""What nobody should send over OTLP: it is refused, or costs itself only, and never breaks anything."""

import base64
import gzip
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from improver.model import LogEvent, Payload, Request, SpanEvent
from improver.scrub import scrub_event
from improver.warehouse.events import Placed, tables
from tests.collectors.otlp_requests import decoded, logs, metrics, of, otlp, record, span, traces, value
from tests.ingest import CAPTURES, NOW, Ingest

CONFIG = otlp.Config()
SIGNALS = ("traces", "logs", "metrics")
TYPES = ("application/x-protobuf", "application/json", "text/plain", "")
BODIES = [gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body for body in (
    base64.b64decode(json.loads(path.read_text())["body_b64"]) for path in sorted(CAPTURES.glob("otel-*/*.json"))
)]  # fmt: skip


def taken(signal, body, content_type, encoding=""):
    """The Events that come out where it is accepted; None where it is refused."""
    headers = {"content-type": content_type, "content-encoding": encoding, "authorization": "Bearer"}
    request = Request(method="POST", path=f"/v1/{signal}", query={}, headers=headers, body=body)
    assert isinstance(otlp.key_of(request), str)
    payload = Payload(
        id="p", collector="otlp", path=request.path, received_at=NOW, body=body,
        content_type=content_type, content_encoding=encoding,
    )  # fmt: skip
    reply = otlp.examine(request, CONFIG)
    if reply.status != 200:
        assert 400 <= reply.status < 500
        assert reply.reason
        return None
    events = otlp.decode([payload], CONFIG).events
    # The Warehouse takes whatever comes out.
    tables([Placed(event=scrub_event(event), payload=payload, ordinal=0, target="t") for event in events])
    return events


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=200),
    st.sampled_from(SIGNALS),
    st.sampled_from(TYPES),
    st.sampled_from(["", "gzip", "zstd", "x"]),
)
def test_garbage_is_refused_or_decoded(body, signal, content_type, encoding):
    taken(signal, body, content_type, encoding)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(BODIES), st.data(), st.sampled_from(SIGNALS))
def test_a_damaged_recording_is_refused_or_decoded(body, data, signal):
    at = data.draw(st.integers(0, len(body) - 1))
    damaged = data.draw(
        st.sampled_from([body[:at], body[:at] + data.draw(st.binary(min_size=1, max_size=4)) + body[at + 1 :]])
    )
    for content_type in TYPES[:2]:
        taken(signal, damaged, content_type)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "exception.type", "exception.stacktrace", "gen_ai.operation.name", "gen_ai.system", "gen_ai.tool.call.arguments",
    "gen_ai.usage.input_tokens", "mcp.method.name", "gen_ai.tool.call.result", "event.name", "tool_parameters",
    "session.id", "success", "duration_ms", "http.route", "user.id", "exception.escaped", "isError",
)  # fmt: skip
WORDS = st.sampled_from(
    ["execute_tool", "chat", "tools/call", "claude_code.tool_result", '{"isError": true}', "[[", "-1"]
)
PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.dictionaries(st.sampled_from(NAMES), PLAIN, max_size=6)
FIELDS = (
    "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes", "events",
    "links", "status", "body", "severityNumber", "timeUnixNano", "sum", "gauge", "histogram", "summary", "flags",
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(ATTRIBUTES, ATTRIBUTES, PLAIN, st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3))
def test_attributes_and_fields_of_any_shape_become_events_or_a_reason(attributes, resource, body, odd):
    happened = {"name": "exception", "attributes": [{"key": k, "value": value(v)} for k, v in attributes.items()]}
    number = {"name": "m", "gauge": {"dataPoints": [{"asDouble": 1, **odd}]}, **odd}
    requests = {
        "traces": traces(span(1, attributes=attributes, events=[happened]), span(2, parent=1) | odd, resource=resource),
        "logs": logs(record(body, attributes=attributes), record() | odd, resource=resource, scope="claude_code"),
        "metrics": metrics(number),
    }
    for signal, request in requests.items():
        taken(signal, json.dumps(request).encode("utf-8", "replace"), "application/json")


@pytest.mark.parametrize("depth", [60, 200, 50_000])
def test_deep_nesting_costs_its_item_only(depth):
    deep = '{"arrayValue":{"values":[' * depth + '{"stringValue":"x"}' + "]}}" * depth
    whole = json.dumps(logs(record("SHALLOW"), record("DEEP"))).replace('{"stringValue": "DEEP"}', deep)
    events = taken("logs", whole.encode(), "application/json")
    assert events is None or "SHALLOW" in [event.body for event in events]


def test_deep_protobuf_costs_its_item_only():
    request = ExportLogsServiceRequest()
    records = request.resource_logs.add().scope_logs.add().log_records
    records.add().body.string_value = "shallow"
    body, level = b"", 0
    while level < 150:  # array_value of values
        inner = b"\x0a" + _size(len(body)) + body
        body, level = b"\x2a" + _size(len(inner)) + inner, level + 1
    item = b"\x2a" + _size(len(body)) + body
    scope = b"\x12" + _size(len(item)) + item
    block = b"\x12" + _size(len(scope)) + scope
    whole = request.SerializeToString() + b"\x0a" + _size(len(block)) + block
    assert [event.body for event in taken("logs", whole, "application/x-protobuf")] == ["shallow"]


def _size(size):
    encoded = bytearray()
    while size > 0x7F:
        encoded.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*encoded, size])


def test_of_a_key_that_is_there_twice_the_last_counts():
    body = json.dumps(traces(span(name="first"))).replace('"name": "first"', '"name": "first", "name": "last"')
    assert [event.name for event in taken("traces", body.encode(), "application/json")] == ["last"]
    twice = span(attributes=None) | {"attributes": [{"key": "a", "value": value(n)} for n in (1, 2)]}
    assert of(SpanEvent, traces(twice))[0].data["attributes"] == {"a": 2}


def test_half_a_character_costs_only_itself():
    (event,) = of(LogEvent, logs(record("before \ud800 after")))
    assert event.body == "before ? after"


def test_a_bomb_is_refused_before_it_goes_off(tmp_path):
    ingest = Ingest(tmp_path, "otlp")
    bomb = gzip.compress(b" " * (200 << 20), 1)
    for content_type in TYPES[:2]:
        answer = ingest.ask("POST", "/v1/logs", [("content-type", content_type), ("content-encoding", "gzip")], bomb)
        assert answer.status == 413
    ingest.spool.close()


def field(number, content):
    return bytes([number << 3 | 2]) + _size(len(content)) + content


def item(content):
    """A request of one item."""
    return field(1, field(2, field(2, content)))


MILLIONS = 1_200_000  # of what two bytes are enough for
AMPLIFIED = {
    "attributes of a span": ("traces", item(b"\x4a\x00" * MILLIONS)),
    "attributes of a resource": ("logs", field(1, field(1, b"\x0a\x00" * MILLIONS))),
    "events of a span": ("traces", item(b"\x5a\x00" * MILLIONS)),
    "points of a metric": ("metrics", item(field(5, b"\x0a\x00" * MILLIONS))),
    "values of an array": ("logs", item(field(5, field(5, b"\x0a\x00" * MILLIONS)))),
    "names of an entity's keys": ("logs", field(1, field(1, field(3, b"\x1a\x00" * MILLIONS)))),
    "lists in JSON": ("logs", b'{"resourceLogs": [%b[]]}' % (b"[]," * MILLIONS)),
    "numbers in JSON": ("logs", b'{"resourceLogs": [%b1]}' % (b"1," * 3 * MILLIONS)),
}


@pytest.mark.parametrize("what", AMPLIFIED)
def test_what_would_take_a_hundred_times_its_size_in_memory_is_refused_before_it_is_read(what):
    signal, body = AMPLIFIED[what]
    content_type = TYPES["JSON" in what]
    request = Request(
        method="POST", path=f"/v1/{signal}", query={}, headers={"content-type": content_type}, body=body
    )  # fmt: skip
    reply = otlp.examine(request, CONFIG)
    assert (reply.status, reply.reason) == (413, "too_large")


def test_a_large_request_as_real_ones_are_is_taken():
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in range(1, 1501):
        one = spans.add(name="GET /", trace_id=b"t" * 16, span_id=number.to_bytes(8, "big"))
        for key in range(12):
            one.attributes.add(key=f"http.request.header.x{key}").value.string_value = f"{number} " * 8
    body = request.SerializeToString()
    assert len(body) > 1 << 20
    assert len(taken("traces", body, "application/x-protobuf")) == 1500


def test_a_number_without_end_costs_its_item_only():
    endless = span(2) | {"kind": "SHOWN"}
    body = json.dumps(traces(span(1), endless)).replace('"SHOWN"', "1e999").encode()
    assert [event.span_id for event in taken("traces", body, "application/json")] == [f"{1:016x}"]


def test_unknown_fields_are_passed_over():
    request = traces(span(1, name="known", somethingNew={"x": [1]}), scope="s") | {"alsoNew": 1}
    assert [event.name for event in of(SpanEvent, request)] == ["known"]


def test_a_hostile_stack_is_read_in_no_time():
    texts = (
        "    at " * 9000,
        "\tat a.b(" * 9000,
        "Caused by: " * 5000,
        'File "x", line 1, in ' * 3000,
        "@:" * 30000,
        "a:" * 30000,
    )
    begun = time.process_time()
    for text in texts:
        for stack in (
            text,
            "Traceback (most recent call last):\n" + text,
            text.replace(" ", "\n"),
            "Error: x\n" + text,
        ):
            decoded(
                logs(
                    record(attributes={"exception.type": "E", "exception.message": "m", "exception.stacktrace": stack})
                )
            )
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "request_of", [ExportTraceServiceRequest, ExportMetricsServiceRequest, ExportLogsServiceRequest]
)
def test_nothing_at_all_is_a_request_too(request_of):
    signal = {"Trace": "traces", "Metri": "metrics", "LogsS": "logs"}[request_of.__name__.removeprefix("Export")[:5]]
    assert taken(signal, request_of().SerializeToString(), "application/x-protobuf") == ()
    assert taken(signal, b"{}", "application/json") == ()
