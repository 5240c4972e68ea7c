"""Errors by the hour: however Events come in, late or again, and whoever leaves, it is what one look at all sees."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.analysis import error_hours, folding
from improver.config import Settings
from improver.detectors import errors
from improver.model import ErrorEvent, Payload, Raised, TrustLabel
from improver.upkeep import housekeeping, replay
from improver.upkeep.forgetting import forget
from improver.warehouse import Warehouse, days, events
from tests import world
from tests.world import NOW

WEEK = errors.week_before(NOW)
WINDOW = NOW.replace(tzinfo=None) - timedelta(days=28)

# The same by hand, over the Events themselves.
WHOLE = """
select key, collector, count(*) filter (where counts) as events,
    count(*) filter (where counts and occurred_at >= $week) as events_week,
    count(distinct nullif("user", '')) as users, min(occurred_at) as first_seen, max(occurred_at) as last_seen,
    bool_or(crashed) as crashed, bool_and(trust = 'server') as trusted,
    arg_max(release, {'at': occurred_at, 'seq': seq}) as release,
    list(event_id order by occurred_at desc, seq desc)[1:20] as evidence
from (
    -- One trace's tellings of both kinds: each counts that makes the larger number larger.
    select *, trace_id = '' or case when message <> '' then said > seen else seen > said end as counts from (
        select *, count(*) filter (where message <> '') over told as said,
            count(*) filter (where message = '') over told as seen
        from errors where occurred_at >= $kept window told as (partition by key, collector, trace_id order by seq)
    )
) where occurred_at >= $since group by all order by all
"""
# A run that failed counts when it was first told of.
FAILED = """
select key, count(*) as failures from errors
where occurred_at >= $since and seq in (
    select min(seq) from errors group by key, collector, coalesce(nullif(trace_id, ''), event_id)
) group by all
"""

happened = st.builds(
    lambda number, ago, user, trace, route, crashed, group, logged: ErrorEvent(
        payload_id="", message=logged, occurred_at=NOW - timedelta(minutes=ago), user=user, trace_id=trace,
        route=route, service="web", environment="production", crashed=crashed, release=f"r{number}",
        raised=(Raised(type=group, value=f"said {number}"),),
    ),
    number=st.integers(0, 9),
    ago=st.one_of(st.integers(0, 200), st.integers(0, 40 * 24 * 60)),  # some are older than what counts
    user=st.sampled_from(["", "ann", "bob", "eve"]),
    trace=st.sampled_from(["", "t1", "t2"]),
    route=st.sampled_from(["", "/a", "/b"]),
    crashed=st.booleans(),
    group=st.sampled_from(["KeyError", "ValueError"]),
    logged=st.sampled_from(["", "it was not saved"]),
)  # fmt: skip
arrivals = st.lists(
    st.tuples(
        st.lists(happened, min_size=1, max_size=4), st.sampled_from(TrustLabel), st.booleans(), st.integers(0, 5)
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def telemetry():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    yield warehouse.telemetry
    warehouse.close()


def arrive(writer, number, happened, trust):
    payload = Payload(id=f"p{number}", collector="sentry", path="/", received_at=NOW, body=b"", trust=trust)
    placed = [
        events.Placed(event=replace(one, payload_id=payload.id), payload=payload, ordinal=n, target="shop")
        for n, one in enumerate(happened)
    ]
    events.append(writer, events.tables(placed), events.next_seq(writer))


def emptied(telemetry):
    with telemetry.transaction() as writer:
        for table in ("hot_errors", "looked", *error_hours.MOMENTS, "errors_taken_back"):
            writer.execute(f"delete from {table}")


def symptoms(telemetry, now=NOW):
    with telemetry.reading() as cursor:
        return errors.detect(cursor, errors.Config(), now)


def from_scratch(telemetry, now=NOW):
    with telemetry.transaction() as writer:
        writer.execute("delete from looked where detector = 'error_hours'")
    error_hours.fold(telemetry, now)
    return symptoms(telemetry, now)


def by_hand(telemetry):
    hour = WINDOW.replace(minute=0)
    return telemetry.rows(WHOLE, {"since": hour, "week": WEEK, "kept": NOW.replace(tzinfo=None) - folding.KEPT})


def as_by_hand(found):
    rows = [
        {
            "key": one.key, "collector": one.source, "events": one.events, "events_week": one.events_week,
            "users": one.users, "first_seen": one.first_seen.replace(tzinfo=None),
            "last_seen": one.last_seen.replace(tzinfo=None), "crashed": one.kind == "crash",
            "trusted": one.trust == TrustLabel.SERVER, "release": one.release, "evidence": list(one.evidence),
        }
        for one in found
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["key"], row["collector"]))


@settings(max_examples=12, deadline=None)
@given(arrivals=arrivals)
def test_any_split_replay_or_forgetting_gives_what_one_look_at_all_would(telemetry, arrivals):
    emptied(telemetry)
    for number, (events_of_it, trust, look, taken) in enumerate(arrivals):
        with telemetry.transaction() as writer:
            if taken < number:  # a Payload that came before is digested anew, and may come to something else
                events.forget(writer, [f"p{taken}"])
                arrive(writer, taken, arrivals[taken][0][:-1] or events_of_it, trust)
            arrive(writer, number, events_of_it, trust)
        if look:
            error_hours.fold(telemetry, NOW)
        if taken == 5:
            days.take_out(telemetry, lambda table: "\"user\" = 'eve'" if table == "errors" else "", {}, NOW)
    error_hours.fold(telemetry, NOW)
    kept_up = symptoms(telemetry)
    assert as_by_hand(kept_up) == by_hand(telemetry)
    failed = telemetry.rows(FAILED, {"since": WEEK})
    assert {one.key: one.failures for one in kept_up if one.failures} == {row["key"]: row["failures"] for row in failed}
    assert kept_up == from_scratch(telemetry)


def test_a_look_costs_what_came_in_and_not_what_is_there(telemetry):
    """Nothing that was counted before is read again: it could as well be gone."""
    emptied(telemetry)
    error = ErrorEvent(payload_id="", occurred_at=NOW, user="ann", raised=(Raised(type="KeyError", value=""),))
    with telemetry.transaction() as writer:
        arrive(writer, 0, [error], TrustLabel.SERVER)
    error_hours.fold(telemetry, NOW)
    with telemetry.transaction() as writer:
        writer.execute("delete from hot_errors")
        arrive(writer, 1, [replace(error, user="bob")], TrustLabel.SERVER)
    error_hours.fold(telemetry, NOW)
    [symptom] = symptoms(telemetry)
    assert (symptom.events, symptom.users, sum(symptom.hourly)) == (2, 2, 2)


def test_portions_of_a_look_are_as_good_as_one(telemetry, monkeypatch):
    emptied(telemetry)
    monkeypatch.setattr(folding, "AT_ONCE", 2)
    with telemetry.transaction() as writer:
        many = [
            ErrorEvent(payload_id="", occurred_at=NOW - timedelta(hours=n % 3), user=f"u{n % 4}", trace_id=f"t{n % 2}")
            for n in range(9)
        ]
        arrive(writer, 0, many, TrustLabel.SERVER)
    error_hours.fold(telemetry, NOW)
    [symptom] = symptoms(telemetry)
    assert (symptom.events, symptom.users, symptom.failures) == (9, 4, 2)


@pytest.mark.parametrize(
    ("told", "events"),
    [
        (["", "not saved"], 1),
        (["not saved", "", "sent back"], 2),
        (["", "", "", "not saved"], 3),
        (["not saved"] * 4, 4),
    ],
)
@pytest.mark.parametrize("at_once", [1, 100])
def test_what_was_raised_and_logged_in_one_run_counts_once(telemetry, monkeypatch, told, events, at_once):
    emptied(telemetry)
    monkeypatch.setattr(folding, "AT_ONCE", at_once)
    raised = (Raised(type="KeyError", value="total"),)
    many = [ErrorEvent(payload_id="", occurred_at=NOW, trace_id="t", message=said, raised=raised) for said in told]
    with telemetry.transaction() as writer:
        arrive(writer, 0, [*many, *(replace(one, trace_id="other") for one in many)], TrustLabel.SERVER)
    error_hours.fold(telemetry, NOW)
    [symptom] = symptoms(telemetry)
    assert (symptom.events, symptom.failures) == (2 * events, 2)


@pytest.fixture
def runtime(tmp_path):
    clock = world.Clock()
    with world.opened(Settings(data_dir=tmp_path / "data"), clock) as runtime:
        yield runtime


def counted(runtime):
    error_hours.fold(runtime.warehouse.telemetry, runtime.clock())
    found = symptoms(runtime.warehouse.telemetry, runtime.clock())
    assert found == from_scratch(runtime.warehouse.telemetry, runtime.clock())
    return [(one.events, one.users) for one in found]


def test_a_closed_day_a_replay_of_it_and_what_comes_late_for_it_count_once(runtime):
    key = world.server_key(runtime)
    world.send(runtime, key, world.error("r1", user="ann"), world.error("r1", user="bob"))
    assert counted(runtime) == [(2, 2)]
    runtime.clock.advance(days=1)
    housekeeping.close_days(runtime)
    assert counted(runtime) == [(2, 2)]
    world.send(runtime, key, world.error("r1", user="ann"))  # it happened the day before
    replay.replay_since(runtime, hours=48)
    assert counted(runtime) == [(3, 2)]


def test_retention_takes_days_out_of_what_is_counted(runtime):
    key = world.server_key(runtime)
    world.send(runtime, key, world.error("r1", user="ann"))
    assert counted(runtime) == [(1, 1)]
    runtime.clock.advance(days=20)
    world.send(runtime, key, world.error("r1", user="bob", at=runtime.clock()))
    assert counted(runtime) == [(2, 2)]
    housekeeping.retain(replace(runtime, settings=Settings(warehouse={"keep_days": 7})))
    assert counted(runtime) == [(1, 1)]


def test_nobody_is_counted_who_was_forgotten(runtime):
    world.send(runtime, world.server_key(runtime), world.error("r1", user="canary-1"), world.error("r1", user="bob"))
    assert counted(runtime) == [(2, 2)]
    forget(runtime, user="canary-1")
    assert "canary-1" not in str(runtime.warehouse.telemetry.rows("from error_users"))
    assert counted(runtime) == [(1, 1)]
