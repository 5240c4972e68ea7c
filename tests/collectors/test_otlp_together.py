"""Spans decoded together are, row by row, what they are when they are decoded one by one."""

import base64
import json
from dataclasses import replace

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from improver.errors import ImproverError
from improver.model import Request, TrustLabel
from tests import world
from tests.collectors.otlp_alike import (
    IDS,
    NOW_NS,
    PAIRS,
    TEXTS,
    TIMES,
    agree,
    any_value,
    both,
    damaged,
    fill,
    otlp,
    payload,
    read_or_refused_alike,
)
from tests.ingest import CAPTURES, Ingest


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    chosen = world.settings(folder, world.make_shop(folder / "shop"), folder / "none.json", services=["checkout"])
    with world.opened(chosen) as opened:
        yield opened


@st.composite
def spans(draw):
    made = {
        "trace_id": draw(st.sampled_from([b"t" * 16] * 8 + [b"", b"\0" * 16, b"t" * 15])),
        "span_id": draw(st.sampled_from([*IDS * 3, b"", bytes(8), b"1" * 7])),
        "parent_span_id": draw(st.sampled_from([b"", b"", *IDS, b"odd"])),
        "name": draw(TEXTS),
        "kind": draw(st.integers(-1, 7)),
        "flags": draw(st.sampled_from([0, 1, 0x100, 0x300, 0x301])),
        "start_time_unix_nano": draw(TIMES),
        "end_time_unix_nano": draw(TIMES),
    }
    return made, draw(PAIRS), draw(st.sampled_from([None, None, 0, 1, 2])), draw(TEXTS), draw(st.integers(0, 9))


REQUESTS = st.lists(
    st.tuples(PAIRS, TEXTS, st.lists(spans(), max_size=4, unique_by=lambda one: one[0]["span_id"])), max_size=3
)


def body_of(blocks):
    request = ExportTraceServiceRequest()
    for resource, scope_name, found in blocks:
        block = request.resource_spans.add()
        fill(block.resource, resource)
        scope = block.scope_spans.add()
        scope.scope.name = scope_name
        for fields, pairs, status, message, more in found:
            span = scope.spans.add(**fields)
            fill(span, pairs)
            if status is not None:
                span.status.code, span.status.message = status, message
            if more == 1:
                fill(
                    span.events.add(name="exception", time_unix_nano=NOW_NS),
                    [("exception.type", any_value("string_value", "E"))],
                )
            if more == 2:
                span.links.add(trace_id=b"t" * 16, span_id=b"s" * 8)
            if more == 3:
                span.events.add(name="told")
    return request.SerializeToString()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(REQUESTS, min_size=1, max_size=3))
def test_whatever_a_request_says_both_ways_make_the_same_rows_of_it(runtime, requests):
    agree(runtime, *(payload(body_of(one)) for one in requests))


@pytest.mark.parametrize(
    ("code", "status"),
    [(200, ""), (404, "not_found"), (422, "invalid_argument"), (499, "cancelled"), (503, "error")],
)
def test_what_a_server_refuses_has_its_word_either_way(runtime, code, status):
    fields = {"trace_id": b"t" * 16, "span_id": b"1" * 8, "name": "GET", "kind": 2, "start_time_unix_nano": NOW_NS}
    answered = [("http.response.status_code", any_value("int_value", code))]
    tables = agree(runtime, payload(body_of([([], "", [(fields, answered, None, "", 0)])])))
    assert [row["status"] for row in tables["spans"]] == [status]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REQUESTS.filter(bool), st.data())
def test_a_damaged_request_is_read_or_refused_alike(runtime, request_, data):
    good = body_of([([], "", [])])
    read_or_refused_alike(runtime, payload(good), payload(damaged(body_of(request_), data)))


def json_of(blocks, whole=str):
    """The same request as OTLP/JSON, its whole numbers as text or as numbers."""

    def said(found, name=""):
        if isinstance(found, dict):
            return {key: said(inner, key) for key, inner in found.items()}
        if isinstance(found, list):
            return [said(inner) for inner in found]
        if name in ("traceId", "spanId", "parentSpanId"):
            return base64.b64decode(found).hex()
        return whole(found) if name == "intValue" else found

    request = ExportTraceServiceRequest.FromString(body_of(blocks))
    return said(MessageToDict(request, use_integers_for_enums=True))


def as_json(record, **options):
    return payload(json.dumps(record, **options).encode(), "application/json")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(REQUESTS, st.sampled_from([str, int]), st.booleans()), min_size=1, max_size=3))
def test_whatever_a_request_says_as_json_both_ways_make_the_same_rows_of_it(runtime, requests):
    agree(runtime, *(as_json(json_of(one, whole), ensure_ascii=plain) for one, whole, plain in requests))


ODD = st.sampled_from(
    [
        *(None, True, 0, -1, 3, 2**40, 2**70, -0.0, 1.5, 1e400, [], {}, [None], [{}]),
        *("", "0", "+5", "1_0", " 7", "0x1F", "-3", "9" * 25, "NaN", "text", "SPAN_KIND_SERVER", "\ud800", "A b", "\0"),
        *({"stringValue": "x"}, {"stringValue": "x", "intValue": "1"}, {"stringValue": None, "boolValue": False}),
        *({"arrayValue": {}}, {"arrayValue": {"values": [None]}}, {"bytesValue": "A"}, {"bytesValue": "!"}, {"odd": 1}),
    ]
)


def places(found):
    """Where anything stands in it."""
    for key, inner in found.items() if isinstance(found, dict) else enumerate(found):
        yield found, key
        if isinstance(inner, dict | list):
            yield from places(inner)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(REQUESTS.filter(bool), st.sampled_from([str, int]), st.data())
def test_json_with_something_odd_in_it_is_read_alike(runtime, request_, whole, data):
    record = json_of(request_, whole)
    for _ in range(data.draw(st.integers(1, 2))):
        where, key = data.draw(st.sampled_from(list(places(record)) or [(record, "resourceSpans")]))
        if isinstance(where, dict) and data.draw(st.booleans()):
            where[data.draw(st.sampled_from(["odd", "flags", "stringValue", "kind", "trace_id", "é"]))] = data.draw(ODD)
        else:
            where[key] = data.draw(ODD)
    agree(runtime, as_json(json_of([])), as_json(record))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REQUESTS.filter(bool), st.data())
def test_damaged_json_is_read_or_refused_alike(runtime, request_, data):
    body = bytearray(json.dumps(json_of(request_)).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        bad = data.draw(st.sampled_from([b"", b"\0", b"}", b"{", b"\xff", b'"']))
        body[at : at + data.draw(st.integers(0, 2))] = bad
    damaged, good = payload(bytes(body), "application/json"), as_json(json_of([]))
    try:
        otlp.decode([damaged], otlp.Config())
    except ImproverError:
        with pytest.raises(ImproverError):
            otlp.decode_together([good, damaged], otlp.Config())
    else:
        agree(runtime, good, damaged)


@pytest.mark.parametrize(
    "body",
    [b'{"odd":[]}{}', b'{}}\n{"body":{}', b'{},"body":{}', b"{}", b"[]", b"", b"null", b"{}\0", b"\xef\xbb\xbf{}"],
)
def test_a_body_that_is_more_or_less_than_one_object_is_refused_alike(runtime, body):
    odd, good = payload(body, "application/json"), as_json(json_of(SOUND))
    try:
        otlp.decode([odd], otlp.Config())
    except ImproverError:
        with pytest.raises(ImproverError):
            otlp.decode_together([good, odd, good], otlp.Config())
    else:
        agree(runtime, good, odd)


SPAN = {"trace_id": b"t" * 16, "span_id": b"s" * 8, "name": "GET /", "kind": 2, "start_time_unix_nano": NOW_NS}
PLAIN = [("http.route", any_value("string_value", "/")), ("http.response.status_code", any_value("int_value", 200))]
SOUND = [(PLAIN, "shop", [(SPAN, PLAIN, None, "", 0)])]


@pytest.mark.parametrize("whole", [str, int])
def test_plain_spans_of_json_are_rows_and_no_event_is_made_of_them(whole):
    batch = otlp.decode_together([as_json(json_of(SOUND, whole))] * 2, otlp.Config())
    assert not batch.events
    assert [one.columns.num_rows for one in batch.rows] == [2]


@pytest.mark.parametrize(
    ("odd", "rejected"),
    [
        ({}, 0),
        ({"kind": "SPAN_KIND_SERVER", "unknown": 1}, 0),
        ({"spanId": "00" * 8}, 1),
        ({"traceId": "xy" * 16}, 1),
        ({"attributes": [{"key": "a", "value": {"stringValue": "x", "boolValue": True}}]}, 1),
        ({"attributes": [{"key": "a", "value": {"bytesValue": "!"}}], "flags": -1}, 1),
    ],
)
def test_a_large_request_of_json_is_told_of_its_bad_spans_as_a_small_one_is(odd, rejected):
    record = json_of(SOUND)
    listed = record["resourceSpans"][0]["scopeSpans"][0]["spans"]
    (plain,) = listed
    listed[:] = [plain | {"spanId": f"{number:016x}"} for number in range(1, 101)]
    listed[50] |= odd
    body = json.dumps(record).encode()
    headers = {"content-type": "application/json"}
    reply = otlp.examine(Request(method="POST", path="/v1/traces", query={}, headers=headers, body=body), otlp.Config())
    told = json.loads(reply.body).get("partialSuccess", {})
    assert (reply.status, int(told.get("rejectedSpans", 0))) == (200, rejected)


def test_recorded_requests_are_read_alike(runtime, tmp_path):
    ingest = Ingest(tmp_path, "otlp")
    for path in sorted(CAPTURES.glob("otel-[!g]*/*.json")):
        ingest.replay(path.stem)
    payloads = [replace(one, trust=TrustLabel.PUBLIC) for one in ingest.spooled()]
    assert payloads
    (together, left_out), (one_by_one, left_out_too) = both(runtime, payloads)
    assert (together, left_out) == (one_by_one, left_out_too)
