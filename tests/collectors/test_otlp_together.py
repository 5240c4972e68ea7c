"""Spans decoded together are, row by row, what they are when they are decoded one by one."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from improver import plugins
from improver.errors import ImproverError
from improver.model import Payload, TrustLabel
from improver.placing import Placer
from tests import world
from tests.ingest import CAPTURES, NOW, Ingest

otlp = plugins.load("collectors", "otlp")
NOW_NS = int(NOW.timestamp()) * 10**9
_numbers = itertools.count()


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    chosen = world.settings(folder, world.make_shop(folder / "shop"), folder / "none.json", services=["checkout"])
    with world.opened(chosen) as opened:
        yield opened


def payload(body, **more):
    return Payload(
        id=f"{next(_numbers):032x}",
        collector="otlp",
        path="/v1/traces",
        received_at=NOW,
        body=body,
        trust=TrustLabel.PUBLIC,
        content_type="application/x-protobuf",
        **more,
    )


def both(runtime, payloads):
    """The rows of both ways, by table and Event, and what both left out."""
    for decode in (otlp.decode_together, otlp.decode):
        batch = decode(payloads, otlp.Config())
        tables = Placer(runtime, payloads).tables(batch)
        rows = {name: sorted(table.to_pylist(), key=lambda row: row["event_id"]) for name, table in tables.items()}
        yield {name: found for name, found in rows.items() if found}, +Counter(batch.rejected)


def agree(runtime, *bodies):
    (together, left_out), (one_by_one, left_out_too) = both(runtime, [payload(body) for body in bodies])
    assert (together, left_out) == (one_by_one, left_out_too)
    return together


IDS = [bytes([number]) * 8 for number in range(1, 7)]
TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            "GET",
            "5",
            "500",
            "ann@example.org",
            "10.0.0.1",
            "::1",
            "token=abc",
            "Bearer abcdefgh",
            "4111111111111111",
            "a\0b",
            "\u0130d",
            'say "hi"\n',
            "\\",
            "é\u2028",
            "x" * 300,
            "y" * 1030,
            "z" * 17000,
            "/home/ann/x",
            "\x7f\x1b",
        ]
    ),
    st.text(max_size=12),
)
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, 42, 4111111111111111, 2**63 - 1, -(2**63), 2_000_000_000_000])
)
REALS = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [0.0, -0.0, 1.0, 1e9, 1e16, 1e-4, 1e-5, 123456.5]
)
NAMES = st.sampled_from(
    [
        "",
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "db.system",
        "rpc.service",
        "rpc.method",
        "rpc.system",
        "user.id",
        "session.id",
        "enduser.id",
        "deployment.environment",
        "messaging.destination.name",
        "messaging.system",
        "password",
        "value",
        "key",
        "name",
        "release",
        "code",
        "exception.stacktrace",
        "client.address",
        "gen_ai.operation.name",
        "mcp.method.name",
        "tags",
        "k" * 201,
        "nul\0",
        'quo"te',
    ]
)


def any_value(kind, said):
    value = AnyValue()
    if kind == "list":
        value.array_value.values.add().string_value = "x"
    elif kind == "object":
        value.kvlist_value.values.add(key="password").value.string_value = "x"
    elif kind != "none":
        setattr(value, kind, said)
    return value


VALUES = st.one_of(
    TEXTS.map(lambda said: any_value("string_value", said)),
    NUMBERS.map(lambda said: any_value("int_value", said)),
    REALS.map(lambda said: any_value("double_value", said)),
    st.booleans().map(lambda said: any_value("bool_value", said)),
    st.sampled_from(
        [any_value("list", None), any_value("object", None), any_value("none", None), any_value("bytes_value", b"\0x")]
    ),
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
TIMES = st.one_of(
    st.just(0),
    st.integers(NOW_NS - 10**12, NOW_NS + 2 * 60 * 10**9),
    st.sampled_from([1, 999, 2**64 - 1, NOW_NS + 60 * 10**9]),
)


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


def fill(message, pairs):
    for name, value in pairs:
        message.attributes.add(key=name).value.CopyFrom(value)


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
    agree(runtime, *map(body_of, requests))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REQUESTS.filter(bool), st.data())
def test_a_damaged_request_is_read_or_refused_alike(runtime, request_, data):
    body = bytearray(body_of(request_))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1)) if body else 0
        body[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
    good = body_of([([], "", [])])
    try:
        otlp.decode([payload(bytes(body))], otlp.Config())
    except ImproverError:
        with pytest.raises(ImproverError):
            otlp.decode_together([payload(good), payload(bytes(body))], otlp.Config())
    else:
        agree(runtime, good, bytes(body))


def test_recorded_requests_are_read_alike(runtime, tmp_path):
    ingest = Ingest(tmp_path, "otlp")
    for path in sorted(CAPTURES.glob("otel-[!g]*/*.json")):
        ingest.replay(path.stem)
    payloads = [replace(one, trust=TrustLabel.PUBLIC) for one in ingest.spooled()]
    assert payloads
    (together, left_out), (one_by_one, left_out_too) = both(runtime, payloads)
    assert (together, left_out) == (one_by_one, left_out_too)
