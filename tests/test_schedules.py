"""Crontabs mean what cron means by them."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from improver.errors import ImproverError
from improver.schedules import Schedule, timezone_of

SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)


def due(text, count=1, timezone="", after=SATURDAY):
    schedule = Schedule(text=text, timezone=timezone_of(timezone))

    def following():
        moment = after
        while moment := schedule.next_after(moment):
            yield moment

    return [moment.strftime("%a %d %H:%M") for moment in islice(following(), count)]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0 9 * * 1", ["Mon 23 09:00"]), ("0 9 * * 0", ["Sun 22 09:00"]), ("0 9 * * 7", ["Sun 22 09:00"]),
        ("0 9 * * MON", ["Mon 23 09:00"]), ("0 9 * * 1-5", ["Mon 23 09:00", "Tue 24 09:00"]),
        ("0 9 * * 5-7", ["Sun 22 09:00", "Fri 27 09:00"]), ("0 9 * * */3", ["Sun 22 09:00", "Wed 25 09:00"]),
        ("0 9 * * fri-mon", ["Sun 22 09:00", "Mon 23 09:00", "Fri 27 09:00"]),
        ("0 9 24 * 1", ["Mon 23 09:00", "Tue 24 09:00"]), ("0 9 24 * ?", ["Tue 24 09:00"]),
        ("*/20 12 * * *", ["Sat 21 12:20", "Sat 21 12:40", "Sun 22 12:00"]), ("@hourly", ["Sat 21 13:00"]),
        ("@daily", ["Sun 22 00:00"]), ("10 minute", ["Sat 21 12:10", "Sat 21 12:20"]), ("1 week", ["Sat 28 12:00"]),
    ],
)  # fmt: skip
def test_a_schedule_is_due_when_it_says(text, times):
    assert due(text, len(times)) == times


def test_a_schedule_keeps_to_its_own_time_zone():
    assert due("0 9 * * *", timezone="Asia/Tokyo") == ["Sun 22 00:00"]
    assert due("0 9 * * *", timezone="Nowhere/At_All") == ["Sun 22 09:00"]
    assert due("0 9 * * *", timezone="../../etc/passwd") == ["Sun 22 09:00"]


def test_the_moment_itself_is_over():
    assert Schedule(text="0 12 * * *").next_after(SATURDAY) == SATURDAY + timedelta(days=1)


def test_a_date_that_never_comes_is_not_looked_for_for_ever():
    assert Schedule(text="0 0 30 2 *").next_after(SATURDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "0 9 * *", "61 * * * *", "0 9 * * 8", "0 9 * * L", "0 9 * * 1/0", "0 9 * * -", "0 minute",
        "99999999 day", "x" * 9999,
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_said(text):
    with pytest.raises(ImproverError, match="is no"):
        Schedule(text=text).next_after(SATURDAY)
