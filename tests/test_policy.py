"""What is not attempted unless a person asks."""

from datetime import datetime

import pytest

from improver.config import Settings
from improver.policy import quiet


def at(hour: int, minute: int = 0) -> datetime:
    """On this machine's own clock."""
    return datetime(2026, 3, 1, hour, minute).astimezone()


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("22:00-07:00", [at(22), at(23, 59), at(0), at(6, 59)], [at(7), at(12), at(21, 59)]),
        ("12:00-13:30", [at(12), at(13, 29)], [at(11, 59), at(13, 30), at(0)]),
        ("00:00-00:00", [], [at(0), at(12)]),
        ("", [], [at(0)]),
    ],
)
def test_quiet_hours_are_those_of_this_machines_clock_and_may_go_over_midnight(hours, inside, outside):
    assert all(quiet(hours, now) for now in inside)
    assert not any(quiet(hours, now) for now in outside)


@pytest.mark.parametrize("hours", ["22-7", "24:00-07:00", "22:00", "at night", "22:00-07:60"])
def test_hours_that_are_none_are_refused_when_the_config_is_read(hours):
    with pytest.raises(ValueError, match="quiet_hours"):
        Settings(dispatch={"quiet_hours": hours})
