"""Charts by their numbers."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from improver.dashboards import charts

END = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
hours = st.lists(st.integers(0, 10**6), max_size=200)


def heights(bars: charts.Bars) -> list[int]:
    return [int(height) for height in re.findall(r"v-(\d+)", bars.path)]


@given(hours)
def test_every_bar_stays_inside_its_box(hourly: list[int]) -> None:
    for bars in (charts.spark(hourly), charts.trend(hourly)):
        assert len(heights(bars)) in (charts.SPARK_BARS, charts.TREND_BARS)
        assert all(1 <= height <= bars.height for height in heights(bars))


def test_one_event_is_told_from_none_beside_a_storm() -> None:
    hourly = [0] * 168
    hourly[0], hourly[100] = 1, 100_000
    drawn = heights(charts.spark(hourly))
    assert (drawn[0], drawn[1], drawn[100 // 6]) == (3, 1, charts.SPARK_HEIGHT)


def test_a_chart_says_in_words_what_it_shows() -> None:
    assert charts.spark([0] * 167 + [12]).label == "12 events in 7 days, at most 12 in 6 hours"


def test_the_last_bar_is_the_hour_of_the_last_event_however_old_the_analysis_is() -> None:
    hourly = [0] * 160 + [5] + [0] * 7
    last_seen = END - timedelta(days=2)
    assert charts.window_end(hourly, last_seen, END) == last_seen + timedelta(hours=7)
    assert charts.window_end([0] * 168, last_seen, END) == END


def test_days_are_ticked_at_their_midnights() -> None:
    ticks = charts.days(END)
    assert [tick.text for tick in ticks] == ["Sat 14", "Sun 15", "Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20"]
    assert all(0 < tick.at < 100 for tick in ticks)
    assert ticks[-1].at == round(100 * (1 - 14.5 / 168), 2)


def test_a_moment_outside_of_the_week_is_not_marked() -> None:
    assert charts.mark(END - timedelta(days=8), END, "deployed") is None
    assert charts.mark(END - timedelta(hours=84), END, "deployed") == charts.Tick(at=50.0, text="deployed")
