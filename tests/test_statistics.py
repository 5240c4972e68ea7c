"""Trends."""

from datetime import UTC, datetime, timedelta

from improver.model import Trend
from improver.statistics import trend, trend_factor

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


def series(before_a_day, last_day):
    return (before_a_day,) + (0,) * 23 + ((before_a_day,) + (0,) * 23) * 5 + (last_day,) + (0,) * 23


def test_a_week_without_events_is_quiet():
    assert trend((0,) * 168, LONG_AGO, NOW) == Trend.QUIET


def test_what_began_this_week_is_new():
    assert trend(series(5, 5), NOW - timedelta(days=2), NOW) == Trend.NEW


def test_a_jump_is_rising_and_noise_is_steady():
    assert trend(series(10, 60), LONG_AGO, NOW) == Trend.RISING
    assert trend(series(10, 13), LONG_AGO, NOW) == Trend.STEADY
    assert trend(series(1, 3), LONG_AGO, NOW) == Trend.STEADY


def test_the_factor_stays_between_a_half_and_two():
    assert trend_factor(series(10, 1000)) == 2.0
    assert trend_factor(series(100, 1)) == 0.5
    assert trend_factor((0,) * 168) == 1.0
