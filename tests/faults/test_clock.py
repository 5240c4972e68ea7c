"""The machine's clock jumps: nothing that was acked is dropped, doubled or left behind."""

from dataclasses import replace
from datetime import timedelta

import pytest

from improver import pipeline
from improver.upkeep import housekeeping
from improver.warehouse import days
from tests import world
from tests.faults import data_folder as data


def send(runtime, clock, *numbers):
    data.ack(runtime, *numbers, at=clock())
    pipeline.digest(runtime)


def close_days(runtime, clock):
    return days.close(runtime.warehouse.telemetry, clock(), clock())


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-30), timedelta(hours=30), timedelta(days=20)])
def test_days_are_closed_once_whichever_way_the_clock_jumps(tmp_path, jump):
    clock = world.Clock(data.NOW)
    with world.opened(data.settings(tmp_path), clock) as runtime:
        send(runtime, clock, 1, 2)
        clock.now += jump
        send(runtime, clock, 3)
        close_days(runtime, clock)
        clock.now -= jump
        send(runtime, clock, 4)
        close_days(runtime, clock)
        clock.now += timedelta(days=2)
        close_days(runtime, clock)
        assert data.stored(runtime) == data.once(1, 2, 3, 4)
        hot = runtime.warehouse.telemetry.value(
            "select count(*) from hot_errors where received_at < $now", {"now": data.NOW}
        )
        assert hot == 0, "what came in at an odd time is closed too"


def test_a_jump_ahead_lets_go_of_no_segment_that_is_not_loaded(tmp_path):
    clock = world.Clock(data.NOW)
    with world.opened(data.settings(tmp_path, segment_mb=1), clock) as runtime:
        send(runtime, clock, 1)
        runtime.spool.append_now([data.payload(100 + n, b"x" * 1_100_000) for n in range(3)])
        data.ack(runtime, 2, at=clock())
        clock.now += timedelta(days=7)
        housekeeping.retain(runtime)
        clock.now -= timedelta(days=7)
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1, 2)


def test_what_was_received_in_the_future_is_stored_and_sent_again_it_is_still_one(tmp_path):
    clock = world.Clock(data.NOW)
    with world.opened(data.settings(tmp_path), clock) as runtime:
        clock.now += timedelta(minutes=30)
        send(runtime, clock, 1)
        again = replace(data.payload(1, at=clock()), id="f" * 16)
        clock.now -= timedelta(minutes=30)
        runtime.spool.append_now([replace(again, received_at=clock())])
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1)


def test_a_client_whose_clock_is_ahead_is_counted_once_when_it_sends_again(tmp_path):
    """The first copy is stored as of its coming in; the second one's own time is believable by then."""
    clock = world.Clock(data.NOW)
    with world.opened(data.settings(tmp_path), clock) as runtime:
        first = data.payload(1, at=clock() + timedelta(seconds=90))
        for name, later in (("a", 0), ("b", 40)):
            received = clock() + timedelta(seconds=later)
            runtime.spool.append_now([replace(first, id=name * 16, received_at=received)])
            pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1)


def test_an_event_from_a_year_that_is_none_is_stored_at_the_time_it_came(tmp_path):
    clock = world.Clock(data.NOW)
    with world.opened(data.settings(tmp_path), clock) as runtime:
        for number, stamp in enumerate(["9999-12-31T23:59:59Z", "1e300", "-1", "0001-01-01T00:00:00Z", "NaN"]):
            body = b'{"event_id": "%s", "message": "m", "timestamp": "%s"}' % (
                data.event_id(number).encode(),
                stamp.encode(),
            )
            runtime.spool.append_now([data.payload(number, body, at=clock())])
        pipeline.digest(runtime)
        assert len(data.stored(runtime)) == 5
        assert runtime.warehouse.telemetry.value("select max(occurred_at) from errors") <= data.NOW.replace(tzinfo=None)
