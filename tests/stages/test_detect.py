"""The stage: what is due, what fails, what is hostile."""

import sys
from types import ModuleType

import pytest

from improver.config import Settings
from improver.model import FindingKind, Told
from improver.model.configured import Configured
from improver.stages import detect
from tests import world
from tests.detectors.told import Trace, findings, of_traces


class Nothing(Configured):
    """There is nothing to set."""


def plugin(monkeypatch, name: str, **names) -> str:
    """A Detector of somebody else's, known by a dotted name."""
    module = ModuleType(f"somebody.{name}")
    vars(module).update({"Config": Nothing, **names})
    monkeypatch.setitem(sys.modules, "somebody", ModuleType("somebody"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module.__name__


@pytest.fixture
def opened(tmp_path):
    def with_detectors(*names):
        chosen = Settings(data_dir=tmp_path / "data", detectors={name: {} for name in names})
        return world.opened(chosen, world.Clock())

    return with_detectors


def test_a_detector_runs_no_more_often_than_it_says(opened, monkeypatch):
    runs = []
    name = plugin(monkeypatch, "hourly", EVERY=3600, detect=lambda cursor, config, now: runs.append(now) or [])
    with opened(name) as runtime:
        for minutes in (0, 30, 29, 1, 10):
            runtime.clock.advance(minutes=minutes)
            detect.run(runtime)
    assert [(at - runs[0]).total_seconds() / 60 for at in runs] == [0, 60]


def test_a_detector_that_fails_is_told_and_the_others_go_on(opened, monkeypatch):
    broken = plugin(monkeypatch, "broken", EVERY=0, detect=lambda cursor, config, now: cursor.rows("select nonsuch"))
    wrong = plugin(
        monkeypatch, "wrong", OVER="traces", KIND=FindingKind.PERFORMANCE, VERSION=1, QUERY="select 1 from nonsuch",
        told=lambda seen, config: Told(title="x"),
    )  # fmt: skip
    with opened(broken, wrong) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, world.error("r1"), world.transaction("r1"))
        assert detect.run(runtime) == 1
        assert set(runtime.trouble) == {f"detector {broken}", f"detector {wrong}"}
        assert "nonsuch" in runtime.trouble[f"detector {broken}"]
        sys.modules[broken].detect = lambda cursor, config, now: []
        detect.run(runtime)
        assert f"detector {broken}" not in runtime.trouble


def test_what_the_others_of_one_window_found_stands_when_one_fails_halfway(opened, monkeypatch):
    every = "select unit, event_id, 'k' as key, 'here' as place, 1 as minutes, {detail} as detail from window_spans"
    details = {"first": "'{}'", "halfway": "case when root then 'no JSON' else '{}' end", "last": "'[]'"}
    names = [
        plugin(
            monkeypatch, name, OVER="traces", KIND=FindingKind.PERFORMANCE, VERSION=1,
            QUERY=every.format(detail=detail), told=lambda seen, config: Told(title=seen.place),
        )
        for name, detail in details.items()
    ]  # fmt: skip
    with opened(*names) as runtime:
        world.send(runtime, world.server_key(runtime), world.transaction("r1"))
        detect.run(runtime)
        kept = runtime.warehouse.telemetry.rows("select distinct detector, route, release from sightings order by 1")
        assert set(runtime.trouble) == {"detector somebody.halfway"}
    assert [tuple(row.values()) for row in kept] == [
        ("somebody.first", "average_view", "r1"), ("somebody.last", "average_view", "r1"),
    ]  # fmt: skip


def test_a_detector_may_ask_for_a_category_that_there_is_none_of(opened, monkeypatch):
    name = plugin(
        monkeypatch, "curious", OVER="traces", KIND=FindingKind.PERFORMANCE, VERSION=1,
        QUERY="select unit, event_id, shape as key, '' as place, 0 as minutes, '{}' as detail from window_spans"
        " where category = 'nonsuch' or category in ('nonsuch', 'neither')",
        told=lambda seen, config: Told(title="x"),
    )  # fmt: skip
    with opened(name) as runtime:
        world.send(runtime, world.server_key(runtime), world.transaction("r1"))
        assert detect.run(runtime) == 0 and not runtime.trouble


def test_a_detector_that_cannot_be_loaded_stops_nothing(opened):
    with opened("nobody.at_all") as runtime:
        world.send(runtime, world.server_key(runtime), world.error("r1"))
        assert detect.run(runtime) == 1
        assert "nobody.at_all" in runtime.trouble["detector nobody.at_all"]


def test_what_a_trace_goes_on_with_later_is_counted_once(tmp_path):
    whole = Trace()
    whole.query("select id from orders", 5)
    for number in range(12):
        whole.query(f"select * from items where id = {number}", 20)
    request = whole.request()
    [scope] = request["resourceSpans"][0]["scopeSpans"]
    halves = [{**request, "resourceSpans": [{**request["resourceSpans"][0], "scopeSpans": [{"spans": spans}]}]}
              for spans in (scope["spans"][7:], scope["spans"][:7])]  # fmt: skip
    (found,) = findings(tmp_path, "otlp", halves)
    assert (found.pattern, found.events, "12 ×" in found.title, "/orders" in found.title) == (
        "n_plus_one_db", 1, True, True,
    )  # fmt: skip


def hostile() -> Trace:
    """Long names, a span that is its own parent, two that are each other's, an end before the beginning, no numbers."""
    trace = Trace(route="/" + "x" * 20_000)
    trace.query("select " + "'" * 100_001, 90)
    for number in range(10):
        trace.query("select \ud800".encode("utf-8", "replace").decode() + "((((" * 5000 + str(number), 90)
        trace.call("GET", "http://[::1/" + "%" * 9000 + str(number), 900, **{"http.response.body.size": "NaN"})
    ids = [span["spanId"] for span in trace.spans]
    trace.spans[0]["parentSpanId"] = ids[0]
    trace.spans[1]["parentSpanId"], trace.spans[2]["parentSpanId"] = ids[2], ids[1]
    trace.spans[3]["endTimeUnixNano"] = "1"
    trace.spans[4]["endTimeUnixNano"] = str(2**63)
    return trace


def test_hostile_spans_stop_no_detector(tmp_path, caplog):
    of_traces(tmp_path, hostile(), hostile())
    assert "a plugin failed" not in caplog.text


ENDLESS = """
insert into hot_spans by name
select n as seq, 'e' || n as event_id, 'p' as payload_id, 'otlp' as collector,
    $now + to_milliseconds(n * 2) as occurred_at, $now as received_at,
    'shop' as target, 'server' as trust, '' as client_id, 'web' as service, '' as environment,
    '' as release, '' as "user", '' as session, 't' as trace_id, 's' || n as span_id, '/endless' as route,
    'select * from t' || n % $shapes || ' where id = ' || n as name, if(n = 1, 'http.server', 'db') as op,
    if(n = 1, '', 's1') as parent_id, if(n % 7 = 0, 'nan', '1')::double as duration_ms, '' as status, n = 1 as root,
    '{}' as data
from range(1, 60000) as numbers(n)
"""


@pytest.mark.parametrize("shapes", [1, 5, 300, 60_000])
def test_a_trace_of_very_many_spans_is_looked_at_like_any_other(opened, shapes):
    with opened() as runtime:
        with runtime.warehouse.telemetry.transaction() as writer:
            writer.execute(ENDLESS, {"now": world.NOW.replace(tzinfo=None), "shapes": shapes})
        detect.run(runtime)
        found = runtime.warehouse.state.rows("select detector from symptoms")
        assert runtime.trouble == {}
    assert [row["detector"] for row in found] == (["m_x_n_plus_one"] if shapes == 5 else [])
