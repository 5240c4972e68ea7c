"""What both ways of decoding are given, and that they agree."""

import itertools
from collections import Counter

import pytest
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from improver import plugins
from improver.errors import ImproverError
from improver.model import Payload, TrustLabel
from improver.placing import Placer
from tests.ingest import NOW

otlp = plugins.load("collectors", "otlp")
NOW_NS = int(NOW.timestamp()) * 10**9
_numbers = itertools.count()


def payload(body, content_type="application/x-protobuf", signal="traces"):
    return Payload(
        id=f"{next(_numbers):032x}",
        collector="otlp",
        path=f"/v1/{signal}",
        received_at=NOW,
        body=body,
        trust=TrustLabel.PUBLIC,
        content_type=content_type,
    )


def both(runtime, payloads):
    """The rows of both ways, by table and Event, and what both left out."""
    for decode in (otlp.decode_together, otlp.decode):
        batch = decode(payloads, otlp.Config())
        tables = Placer(runtime, payloads).tables(batch)
        rows = {name: sorted(table.to_pylist(), key=lambda row: row["event_id"]) for name, table in tables.items()}
        yield {name: found for name, found in rows.items() if found}, +Counter(batch.rejected)


def agree(runtime, *payloads):
    (together, left_out), (one_by_one, left_out_too) = both(runtime, payloads)
    assert (together, left_out) == (one_by_one, left_out_too)
    return together


def damaged(body, data):
    """With up to three of its bytes changed."""
    changed = bytearray(body)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 1)) if changed else 0
        changed[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
    return bytes(changed)


def read_or_refused_alike(runtime, good, other):
    try:
        otlp.decode([other], otlp.Config())
    except ImproverError:
        with pytest.raises(ImproverError):
            otlp.decode_together([good, other], otlp.Config())
    else:
        agree(runtime, good, other)


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


def fill(message, pairs):
    for name, value in pairs:
        message.attributes.add(key=name).value.CopyFrom(value)
