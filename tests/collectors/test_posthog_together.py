"""Usage decoded together is, row by row, what it is when it is decoded one by one."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improver import plugins
from improver.collectors._posthog_body import body_of
from improver.errors import ImproverError
from improver.model import Payload, Request, TrustLabel
from improver.placing import Placer
from tests import world
from tests.ingest import CAPTURES, NOW, Ingest

posthog = plugins.load("collectors", "posthog")
_numbers = itertools.count()


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    chosen = world.settings(folder, world.make_shop(folder / "shop"), folder / "none.json", services=["checkout"])
    with world.opened(chosen) as opened:
        yield opened


def payload(body):
    return Payload(
        id=f"{next(_numbers):032x}",
        collector="posthog",
        path="/batch/",
        received_at=NOW,
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        key_id="k",
        trust=TrustLabel.PUBLIC,
    )


def both(runtime, payloads):
    """The rows of both ways, by table and Event, and what both left out."""
    for decode in (posthog.decode_together, posthog.decode):
        batch = decode(payloads, posthog.Config())
        tables = Placer(runtime, payloads).tables(batch)
        rows = {name: sorted(table.to_pylist(), key=lambda row: row["event_id"]) for name, table in tables.items()}
        yield {name: found for name, found in rows.items() if found}, +Counter(batch.rejected)


def agree(runtime, *bodies):
    (together, left_out), (one_by_one, left_out_too) = both(runtime, [payload(body) for body in bodies])
    assert (together, left_out) == (one_by_one, left_out_too)
    return together


def at(**ago):
    return (NOW - timedelta(**ago)).isoformat()


TEXTS = st.sampled_from(
    [
        "", "5", "GET", "ann@example.org", "10.0.0.1", "token=abc", "Bearer abcdefgh", "4111111111111111", "a\0b",
        "\u0130d", 'say "hi"\n', "\\", "é\u2028", "x" * 300, "y" * 1030, "z" * 17000, "/home/ann/x", "\x7f\x1b",
    ]
) | st.text(max_size=12)  # fmt: skip
NUMBERS = (
    st.integers(-(2**65), 2**65)
    | st.floats()
    | st.sampled_from([0, 1, 42, -1, 4111111111111111, 2**31, -(2**63), 2**63, 0.0, -0.0, 1e16, 1e-5, 1.5, 1e300])
)
NAMES = st.sampled_from(
    [
        "", "plan", "value", "key", "name", "password", "release", "code", "tags", "environment", "service", "$lib",
        "$current_url", "$screen_name", "$pathname", "$session_id", "$window_id", "$device_type", "$insert_id", "$time",
        "$elements", "$elements_chain", "$el_text", "$trace_id", "distinct_id", "$ip", "$set", "client.address",
        "nul\0", "k" * 201, 'quo"te', "ann@example.org", "$ignore_sent_at", "stack", "properties",
    ]
)  # fmt: skip
ELEMENT = st.fixed_dictionaries(
    {"tag_name": TEXTS},
    optional={"attr__id": TEXTS, "$el_text": TEXTS, "attr__name": TEXTS, "classes": st.lists(TEXTS)},
)
NESTED = (
    st.lists(ELEMENT, max_size=3)
    | st.sampled_from([[], {}, {"password": "x"}, ["password", "x"], {"key": "password", "value": "x"}, [[["x"]]]])
    | st.dictionaries(NAMES, TEXTS | NUMBERS, max_size=3)
)
CHAINS = st.sampled_from(
    ['button.btn:attr__id="save"text="Save";form:attr__name="pay"', "a;b", 'a:text="' + "x" * 3000]
)
VALUES = TEXTS | NUMBERS | NESTED | CHAINS | st.booleans() | st.none()
TIMES = st.sampled_from(
    [
        at(), at(seconds=5), at(hours=-1), at(days=400), at(seconds=-30), "2026-11-21T11:59:00.123Z",
        "2026-02-30T00:00:00Z", "2026-11-21T11:00:00", "2026-11-21 11:00:00.123456-05:30", "no time", "1790000000", "",
        1790000000.5, None,
    ]
)  # fmt: skip
EVENTS = st.sampled_from(
    ["$pageview", "$autocapture", "$rageclick", "ordered", "$identify", "$set"] * 3
    + ["$exception", "$ai_span", "$ai_generation", "$mcp_tool_call", "$snapshot", "", " blank ", "n" * 1025, None, 5]
)
PROPERTIES = st.dictionaries(NAMES, VALUES, max_size=6)
RECORDS = st.fixed_dictionaries(
    {"event": EVENTS, "properties": PROPERTIES | PROPERTIES | PROPERTIES | st.none()},
    optional={
        "uuid": TEXTS, "distinct_id": TEXTS | VALUES, "timestamp": TIMES, "$distinct_id": TEXTS,
        "elements_chain": CHAINS,
        "offset": st.sampled_from([0, 5, -5, 10**6, 2**31, -(2**63), "5", 1.5, None, True]), "session_id": TEXTS,
        "$set": VALUES, "options": st.sampled_from([None, {"disable_skew_correction": True}]), "token": TEXTS,
        "window_id": VALUES, "value": TEXTS, "key": TEXTS,
    },
)  # fmt: skip
BATCHES = st.builds(
    lambda records, times: {"batch": records, **times},
    st.lists(RECORDS | RECORDS | RECORDS | st.just(5), max_size=14),
    st.fixed_dictionaries({}, optional={"sent_at": TIMES, "api_key": TEXTS}),
)
PLAIN = [{"event": "$pageview", "distinct_id": "u1", "properties": {"$pathname": "/a"}}] * 9


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BATCHES, min_size=1, max_size=3))
def test_whatever_a_body_says_both_ways_make_the_same_rows_of_it(runtime, batches):
    agree(runtime, PLAIN, *batches)


@pytest.mark.parametrize(
    "odd",
    [
        b'{"event":"a","properties":{"x":"\\ud800"}}',
        b'{"event":"a","properties":{"x":%s}}' % (b"[" * 80 + b"]" * 80),
        b'{"event":"a","properties":{"x":%s}}' % (b"[" * 900 + b"]" * 900),
        b'{"event":"a","properties":{"x":NaN,"password":NaN}}',
        b'{"event":"a","properties":{"x":1e400}}',
        b'{"event":"a","properties":{"x":"%s"}}' % (b"x" * (3 << 20)),
    ],
)
def test_what_no_column_holds_is_read_alike_and_does_not_hurt_the_others(runtime, odd):
    rows = agree(runtime, PLAIN, b'{"batch":[%s,{"event":"b","properties":{}}]}' % odd)
    assert len(rows["usage"]) >= 10


@pytest.mark.parametrize(
    "odd",
    [
        b"123456789012345678901234567890", b"-9223372036854775809", b"-0", b"-0.0", b"1e400", b"5e-324", b"NaN",
        b"-Infinity", b'"\\ud800"', b'"a\\u0000b"', b'{"a":1,"a":2}', b"[" * 500 + b"]" * 500, b"0." + b"1" * 400,
    ],
)  # fmt: skip
def test_a_body_says_what_pythons_own_parser_reads(odd):
    body = b'{"batch":[%s]}' % odd
    assert repr(body_of(body, "").events) == repr(json.loads(body)["batch"])


KEYS = st.sampled_from(["key", "", 5, None, "k" * 300])
NAMED = st.fixed_dictionaries({}, optional={"api_key": KEYS, "token": KEYS, "$token": KEYS, "properties": VALUES})
SHAPES = st.lists(NAMED | VALUES, max_size=3)


@settings(max_examples=150, deadline=None)
@given(SHAPES | st.builds(lambda batch, said: {**said, "batch": batch}, SHAPES | VALUES, NAMED), st.data())
def test_the_key_is_found_and_json_is_told_without_reading_all_events(shape, data):
    body = bytearray(json.dumps(shape, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass"))
    if data.draw(st.booleans()):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    request = Request(method="POST", path="/batch/", query={}, headers={}, body=bytes(body))
    try:
        whole = body_of(bytes(body), "")
    except ImproverError:
        assert posthog.check(request, posthog.Config()).status >= 400
        assert posthog.key_of(request) == ""
    else:
        assert posthog.check(request, posthog.Config()) is None
        assert posthog.key_of(request) == whole.key


def test_plain_usage_becomes_rows_and_no_events():
    batch = posthog.decode_together([payload(PLAIN)], posthog.Config())
    assert (batch.events, batch.rows[0].columns.num_rows) == ((), 9)


def test_recorded_requests_are_read_alike(runtime, tmp_path):
    ingest = Ingest(tmp_path, "posthog")
    ingest.knows("phc_demo_project_key")
    for path in sorted(CAPTURES.glob("posthog-*/*.json")):
        ingest.replay(path.stem)
    payloads = [replace(one, trust=TrustLabel.PUBLIC) for one in ingest.spooled()]
    ingest.spool.close()
    assert payloads
    (together, left_out), (one_by_one, left_out_too) = both(runtime, payloads)
    assert (together, left_out) == (one_by_one, left_out_too)
