"""Recorded payloads move in time, and their copies have ids of their own; nothing else in them changes."""

import json

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.scenarios.keys import SERVER
from tests.scenarios.shift import Shift, shifted

AT = 1_795_248_000.0  # 2026-11-21T08:00:00Z
LATER = Shift(by=3600, around=AT)
COPY = Shift(by=3600, around=AT, copy="c1", visitor="visitor-9")
ID = "0af7651916cd43dd8448eb211c80319c"


def test_times_move_in_every_unit_and_shape():
    record = {
        "timestamp": AT, "ms": int(AT * 1e3), "ns": str(int(AT * 1e9)), "iso": "2026-11-21T08:00:00.123Z",
        "log": "2026-11-21 08:00:00,5 done", "born": "1990-01-01T00:00:00Z", "count": 12, "big": 9_999_999_999,
    }  # fmt: skip
    assert LATER.value(record) == {
        "timestamp": AT + 3600, "ms": int(AT * 1e3) + 3_600_000, "ns": str(int((AT + 3600) * 1e9)),
        "iso": "2026-11-21T09:00:00.123Z", "log": "2026-11-21 09:00:00,5 done", "born": "1990-01-01T00:00:00Z",
        "count": 12, "big": 9_999_999_999,
    }  # fmt: skip


def test_times_move_as_nginx_writes_them():
    text = '2026/11/21 08:00:00 [error] 203.0.113.9 - - [21/Nov/2026:08:00:00 +0000] "GET /2026/11/ HTTP/1.1" 200'
    assert LATER.text(text) == text.replace("08:00:00", "09:00:00")


def test_a_copy_has_ids_and_a_visitor_of_its_own_everywhere_the_same():
    text = f"{ID} {ID} visitor-1 toolu_{ID} order-12"
    first, second, visitor, tool, order = COPY.text(text).split()
    assert first == second != ID
    assert tool == f"toolu_{first}"
    assert (visitor, order, len(first)) == ("visitor-9", "order-12", 32)
    assert LATER.text(text) == text


def test_keys_stay():
    assert COPY.text(f"key={SERVER}") == f"key={SERVER}"


def test_an_envelope_stays_one():
    item = json.dumps({"event_id": ID, "timestamp": AT}).encode()
    body = b'{"event_id":"%s"}\n{"type":"event","length":%d}\n%s\n{"type":"session"}\n{"started":%d}\n' % (
        ID.encode(), len(item), item, AT,
    )  # fmt: skip
    head, event, moved, session, last = shifted(body, "/api/1/envelope/", "", COPY).splitlines()
    assert json.loads(event)["length"] == len(moved)
    assert json.loads(moved)["timestamp"] == AT + 3600
    assert json.loads(moved)["event_id"] == json.loads(head)["event_id"] != ID
    assert json.loads(session)["length"] == len(last)
    assert json.loads(last)["started"] == AT + 3600


def test_spans_move_whole():
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = bytes.fromhex(ID), b"12345678", "GET /"
    span.start_time_unix_nano, span.end_time_unix_nano = int(AT * 1e9), int(AT * 1e9) + 5
    who = span.attributes.add(key="user.id")
    who.value.string_value = "visitor-1"
    moved = ExportTraceServiceRequest.FromString(shifted(request.SerializeToString(), "/v1/traces", "", COPY))
    (found,) = moved.resource_spans[0].scope_spans[0].spans
    assert found.start_time_unix_nano == int((AT + 3600) * 1e9)
    assert found.end_time_unix_nano == int((AT + 3600) * 1e9) + 5
    assert found.trace_id != span.trace_id
    assert (found.name, found.attributes[0].value.string_value) == ("GET /", "visitor-9")
