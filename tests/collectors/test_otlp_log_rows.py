"""Log records decoded together are, row by row, what they are when they are decoded one by one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from improver.model import LogEvent
from tests import world
from tests.collectors.otlp_alike import (
    NOW_NS,
    PAIRS,
    TEXTS,
    TIMES,
    VALUES,
    agree,
    any_value,
    damaged,
    fill,
    otlp,
    payload,
    read_or_refused_alike,
)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    chosen = world.settings(folder, world.make_shop(folder / "shop"), folder / "none.json", services=["checkout"])
    with world.opened(chosen) as opened:
        yield opened


SAID = st.sampled_from(
    ["order 17 failed: timeout", "ValueError: bad", "claude_code.tool_result", "claude-code.api_error", "x" * 70_000]
)
BODIES = st.one_of(st.none(), VALUES, *[(TEXTS | SAID).map(lambda said: any_value("string_value", said))] * 3)
MORE = st.sampled_from(
    [[]] * 5
    + [[(name, any_value("string_value", "claude_code.tool_result"))] for name in ("exception.type", "event.name")]
    + [[("exception.message", any_value("string_value", "bad")), ("tool_name", any_value("string_value", "Bash"))]]
)


@st.composite
def records(draw):
    made = {
        "time_unix_nano": draw(TIMES),
        "observed_time_unix_nano": draw(TIMES),
        "severity_number": draw(st.integers(0, 24) | st.sampled_from([-1, 25, 99])),
        "severity_text": draw(st.sampled_from(["", "INFO", " warning", "Error", "fatality", "odd", "w" * 2000])),
        "trace_id": draw(st.sampled_from([b"", b"t" * 16, b"t" * 15])),
        "span_id": draw(st.sampled_from([b"", b"s" * 8, b"s" * 9])),
        "event_name": draw(st.sampled_from(["", "", "", "clicked", "claude_code.api_request", "e" * 1030, "a\0b"])),
        "flags": draw(st.integers(0, 1)),
    }
    return made, draw(BODIES), draw(PAIRS) + draw(MORE)


SCOPES = st.sampled_from(["", "shop", "opentelemetry.exporter.otlp", "s" * 1030])
RESOURCES = PAIRS | st.sampled_from(["claude-code", "claude-codex", "checkout"]).map(
    lambda name: [("service.name", any_value("string_value", name))]
)
REQUESTS = st.lists(st.tuples(RESOURCES, SCOPES, st.lists(records(), max_size=4)), max_size=3)


def body_of(blocks):
    request = ExportLogsServiceRequest()
    for resource, scope_name, found in blocks:
        block = request.resource_logs.add()
        fill(block.resource, resource)
        scope = block.scope_logs.add()
        scope.scope.name = scope_name
        for fields, body, pairs in found:
            record = scope.log_records.add(**fields)
            fill(record, pairs)
            if body is not None:
                record.body.CopyFrom(body)
    return request.SerializeToString()


def sent(body):
    return payload(body, signal="logs")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(REQUESTS, min_size=1, max_size=3))
def test_whatever_a_request_of_logs_says_both_ways_make_the_same_rows_of_it(runtime, requests):
    agree(runtime, *(sent(body_of(one)) for one in requests))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REQUESTS.filter(bool), st.data())
def test_a_damaged_request_of_logs_is_read_or_refused_alike(runtime, request_, data):
    good = body_of([([], "", [])])
    read_or_refused_alike(runtime, sent(good), sent(damaged(body_of(request_), data)))


def test_plain_lines_are_rows_and_no_event_is_made_of_them():
    line = {"time_unix_nano": NOW_NS, "severity_number": 9}, any_value("string_value", "said"), []
    batch = otlp.decode_together([sent(body_of([([], "shop", [line, line])]))], otlp.Config())
    assert not batch.events
    assert [(one.kind, one.columns.num_rows) for one in batch.rows] == [(LogEvent, 2)]


def test_what_an_exporter_logs_of_itself_is_counted_and_left_out():
    line = {"time_unix_nano": NOW_NS}, any_value("string_value", "could not export"), []
    blocks = [([], "opentelemetry.exporter.otlp", [line]), ([], "shop", [line])]
    batch = otlp.decode_together([sent(body_of(blocks))], otlp.Config())
    assert batch.rejected == {"exporter_log": 1}
    assert batch.rows[0].columns.column("ordinal").to_pylist() == [0]
