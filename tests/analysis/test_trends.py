"""Forecasts, escalation and Trends."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from improver.analysis.trends import DAY, FULL, ceiling, forecast, trend
from improver.model import Trend

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


def series(before_a_day, last_day):
    """All of a day within one hour."""
    return ((before_a_day, *(0,) * 23) * 6) + (last_day, *(0,) * 23)


def test_a_week_without_events_is_quiet():
    assert trend((0,) * 168, LONG_AGO, NOW) == Trend.QUIET


def test_what_began_this_week_is_new():
    assert trend(series(5, 5), NOW - timedelta(days=2), NOW) == Trend.NEW
    assert trend(series(0, 900), NOW - timedelta(hours=5), NOW) == Trend.NEW


def test_what_began_this_week_escalates_at_ten_times_its_busiest_hour():
    began = NOW - timedelta(days=3)
    assert trend(series(5, 50), began, NOW) == Trend.NEW
    assert trend(series(5, 51), began, NOW) == Trend.ESCALATING


def test_a_spike_escalates_and_noise_is_steady():
    assert trend(series(10, 60), LONG_AGO, NOW) == Trend.ESCALATING
    assert trend(series(10, 13), LONG_AGO, NOW) == Trend.STEADY
    assert trend(series(1, 3), LONG_AGO, NOW) == Trend.STEADY


def test_what_nearly_stopped_is_falling():
    assert trend(series(10, 4), LONG_AGO, NOW) == Trend.FALLING


def test_the_ceiling_follows_how_much_hours_vary():
    # cv 0: five times the busiest, or the mean and five times the mean, whichever is more.
    assert ceiling((1,) * FULL) == 6.0
    # Hardly ever anything: twice the busiest hour.
    assert ceiling((30, *(0,) * (FULL - 1))) == 60.0
    assert ceiling((7,) * (FULL - 1)) == 70.0
    assert ceiling((0,) * FULL) == ceiling(()) == 0.0


def test_hours_of_the_same_weekday_weigh_double():
    other = (1,) * 168
    same_weekday = (4,) * DAY + (1,) * 144
    another_day = (1,) * DAY + (4,) * DAY + (1,) * 120
    assert ceiling(other) < ceiling(another_day) <= ceiling(same_weekday)


def test_a_forecast_says_what_was_likely_and_what_came():
    found = forecast(series(20, 214))
    assert (found.low, found.expected, found.high, found.seen) == (10, 20.0, 30, 214)
    assert found.factor == 2.0
    assert forecast(series(20, 10)).factor == 0.5
    assert forecast(series(20, 0)).factor == 0.5
    assert forecast(series(20, 25)).factor == 1.25


def test_without_a_whole_day_before_there_is_no_forecast():
    assert forecast(series(5, 5), known=23) is None
    assert forecast((), known=FULL) is None
    assert forecast((0,) * 168) is None


@given(st.lists(st.integers(0, 10_000), min_size=168, max_size=168), st.integers(0, 40 * DAY))
def test_any_week_has_a_trend_and_a_bounded_factor(hourly, hours_ago):
    assert trend(hourly, NOW - timedelta(hours=hours_ago), NOW) in Trend
    found = forecast(hourly)
    assert found is None or (0.5 <= found.factor <= 2.0 and 0 <= found.low <= found.expected <= found.high)
