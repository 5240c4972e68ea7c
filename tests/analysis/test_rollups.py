"""Counts by the hour stay when Events go, and counting again changes nothing."""

from datetime import timedelta

import pytest

from improver import pipeline, read
from improver.analysis import rollups
from improver.model import Trend
from improver.upkeep import housekeeping
from tests import world
from tests.world import NOW, Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def settings(tmp_path):
    chosen = world.settings(tmp_path, tmp_path, tmp_path / "none.json", dispatch={"auto": False})
    return chosen.model_copy(update={"warehouse": chosen.warehouse.model_copy(update={"keep_days": 3})})


@pytest.fixture
def runtime(settings, clock):
    with world.opened(settings, clock) as runtime:
        yield runtime


def counts(runtime):
    return [
        (row["hour"].hour, row["events"], row["users"])
        for row in runtime.warehouse.state.rows("select hour, events, users from rollups order by hour")
    ]


def test_each_hour_is_counted_whole_however_often(runtime, clock):
    world.send(runtime, "", world.error("r1", user="u1"), world.error("r1", user="u2"))
    assert rollups.fill(runtime) == 1
    assert rollups.fill(runtime) == 0
    assert counts(runtime) == [(12, 2, 2)]
    world.send(runtime, "", world.error("r1", user="u1"), world.error("r1", at=NOW - timedelta(hours=2)))
    assert rollups.fill(runtime) == 2
    assert counts(runtime) == [(10, 1, 1), (12, 3, 2)]


def test_a_finding_keeps_its_history_when_its_events_are_gone(runtime, clock):
    world.send(runtime, "", world.error("r1"))
    pipeline.analyse(runtime)
    [before] = read.findings(runtime)
    clock.advance(days=5)
    housekeeping.retain(runtime)
    assert runtime.warehouse.telemetry.value("select count(*) from errors") == 0
    runtime.warehouse.state.checkpoint()
    with runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from findings")  # so that only the counts by the hour can know
    world.send(runtime, "", world.error("r1", at=clock.now))
    housekeeping.close_days(runtime)
    pipeline.analyse(runtime)
    [after] = read.findings(runtime)
    assert after.first_seen == before.first_seen
    history = read.finding(runtime, id=after.id).history
    assert [(day.day.day, day.events) for day in history] == [(21, 1), (26, 1)]


def test_the_trend_of_a_week_is_seen_where_events_are_kept_for_three_days(runtime, clock):
    for _ in range(9):
        world.send(runtime, "", *(world.error("r1", at=clock.now, user=f"u{n}") for n in range(4)))
        housekeeping.retain(runtime)
        clock.advance(days=1)
    world.send(runtime, "", world.error("r1", at=clock.now))
    pipeline.analyse(runtime)
    [found] = read.findings(runtime)
    assert sum(found.hourly) == 6 * 4 + 1
    assert found.trend == Trend.FALLING


def test_a_warehouse_that_lost_events_takes_nothing_from_what_was_counted(runtime, clock):
    world.send(runtime, "", world.error("r1", user="u1"), world.error("r1", user="u2"))
    rollups.fill(runtime)
    with runtime.warehouse.telemetry.transaction() as writer:
        writer.execute("delete from hot_errors")
    world.send(runtime, "", world.error("r1", user="u3"))
    with runtime.warehouse.telemetry.transaction() as writer:
        writer.execute("update hot_errors set seq = 1")
    rollups.fill(runtime)
    assert counts(runtime) == [(12, 2, 2)]


def test_a_year_is_kept(runtime, clock):
    world.send(runtime, "", world.error("r1"))
    rollups.fill(runtime)
    clock.advance(days=365)
    rollups.fill(runtime)
    assert len(counts(runtime)) == 1
    clock.advance(days=2)
    rollups.fill(runtime)
    assert counts(runtime) == []
