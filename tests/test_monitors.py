"""A scheduled job that does not come is noted once for each time that it was due."""

import json
from datetime import UTC, timedelta

import pytest

from improver import monitors, pipeline
from improver.config import Settings
from improver.model import Payload, TrustLabel
from tests.world import NOW, Clock, opened

HOURLY = {"schedule": {"type": "crontab", "value": "0 * * * *"}, "checkin_margin": 5}


@pytest.fixture
def clock():
    return Clock(NOW + timedelta(seconds=2))


@pytest.fixture
def runtime(tmp_path, clock):
    with opened(Settings(data_dir=tmp_path), clock) as runtime:
        yield runtime


def check_in(runtime, status="ok", config=HOURLY, monitor="nightly", environment="production"):
    record = {"monitor_slug": monitor, "status": status, "environment": environment, "monitor_config": config}
    body = b"\n".join([b"{}", b'{"type": "check_in"}', json.dumps(record).encode()])
    payload = Payload(
        id=f"{runtime.clock()}{monitor}{environment}", collector="sentry", path="/api/1/envelope/",
        received_at=runtime.clock(), body=body, trust=TrustLabel.SERVER,
    )  # fmt: skip
    runtime.spool.append_now([payload])
    pipeline.digest(runtime)


def watch(runtime, clock, minutes):
    """The job runs every minute."""
    for _ in range(minutes):
        clock.advance(minutes=1)
        monitors.note_missed(runtime)


def missed(runtime):
    rows = runtime.warehouse.telemetry.rows(
        "select monitor, environment, occurred_at, trust, schedule from check_ins where status = 'missed' order by seq"
    )
    return [(row["monitor"], row["occurred_at"].replace(tzinfo=UTC) - NOW) for row in rows]


def test_each_missed_time_is_noted_once(runtime, clock):
    check_in(runtime)
    monitors.note_missed(runtime)
    watch(runtime, clock, 64)
    assert missed(runtime) == []
    watch(runtime, clock, 70)
    assert missed(runtime) == [("nightly", timedelta(hours=1)), ("nightly", timedelta(hours=2))]
    assert monitors.note_missed(runtime) == 0


def test_a_job_that_comes_in_time_or_a_little_early_is_not_missed(runtime, clock):
    check_in(runtime)
    monitors.note_missed(runtime)
    watch(runtime, clock, 63)
    check_in(runtime, "in_progress")
    watch(runtime, clock, 56)
    clock.advance(seconds=45)
    check_in(runtime)
    watch(runtime, clock, 50)
    assert missed(runtime) == []


def test_a_job_that_comes_back_is_watched_from_then_on(runtime, clock):
    check_in(runtime)
    monitors.note_missed(runtime)
    watch(runtime, clock, 70)
    check_in(runtime)
    watch(runtime, clock, 120)
    assert [after for _, after in missed(runtime)] == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=3)]


def test_environments_and_monitors_are_watched_apart(runtime, clock):
    check_in(runtime)
    check_in(runtime, environment="staging")
    check_in(runtime, monitor="weekly", config={"schedule": {"type": "interval", "value": 1, "unit": "week"}})
    check_in(runtime, monitor="odd", config={"schedule": {"type": "crontab", "value": "whenever"}})
    check_in(runtime, monitor="free", config=None)
    monitors.note_missed(runtime)
    watch(runtime, clock, 66)
    assert missed(runtime) == [("nightly", timedelta(hours=1))] * 2


def test_while_improver_was_away_nothing_was_missed(runtime, clock):
    check_in(runtime)
    monitors.note_missed(runtime)
    clock.advance(hours=5, minutes=30)
    monitors.note_missed(runtime)
    assert missed(runtime) == []
    watch(runtime, clock, 40)
    assert missed(runtime) == [("nightly", timedelta(hours=6))]


def test_a_missed_time_says_where_it_belongs(runtime, clock):
    check_in(runtime)
    monitors.note_missed(runtime)
    watch(runtime, clock, 66)
    (row,) = runtime.warehouse.telemetry.rows("select * from check_ins where status = 'missed'")
    assert (row["collector"], row["trust"], row["schedule"], row["environment"], row["target"]) == (
        "sentry", "server", "0 * * * *", "production", "unassigned",
    )  # fmt: skip
    assert row["occurred_at"] == (NOW + timedelta(hours=1)).replace(tzinfo=None)
