"""Draws the last week of a Finding as SVG paths: one element each, whatever the number of bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOURS = 168
SPARK_BARS = 28
SPARK_HEIGHT = 22
TREND_BARS = 84
TREND_HEIGHT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """`path` fills a box of `width` × `height`; `label` says the same to people who cannot see it."""

    path: str
    width: int
    height: int
    peak: int
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A time on the chart's axis, in percent from the left."""

    at: float
    text: str


def spark(hourly: Sequence[int]) -> Bars:
    return _bars(hourly, SPARK_BARS, width_each=3, gap=1, height=SPARK_HEIGHT)


def trend(hourly: Sequence[int]) -> Bars:
    return _bars(hourly, TREND_BARS, width_each=10, gap=2, height=TREND_HEIGHT)


def window_end(hourly: Sequence[int], last_seen: datetime, now: datetime) -> datetime:
    """When the chart's last hour ends: its last bar is the hour of the last Event, however old the analysis is."""
    silent = next((age for age, count in enumerate(reversed(hourly)) if count), None)
    return now if silent is None else min(now, last_seen + timedelta(hours=silent))


def days(end: datetime) -> list[Tick]:
    """The midnights within the week before `end`."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    nights = [midnight - timedelta(days=back) for back in range(6, -1, -1)]
    return [Tick(at=_percent(night, end), text=f"{night:%a %d}") for night in nights]


def mark(when: datetime, end: datetime, text: str) -> Tick | None:
    """A moment on the chart; nothing if it lies outside."""
    at = _percent(when, end)
    return Tick(at=at, text=text) if 0 <= at <= 100 else None


def _percent(when: datetime, end: datetime) -> float:
    return round(100 * (1 - (end - when) / timedelta(hours=HOURS)), 2)


def _bars(hourly: Sequence[int], bars: int, *, width_each: int, gap: int, height: int) -> Bars:
    counts = _folded(hourly, bars)
    peak = max(counts, default=0)
    path = "".join(
        f"M{number * width_each} {height}v-{_height(count, peak, height)}h{width_each - gap}V{height}z"
        for number, count in enumerate(counts)
    )
    label = f"{sum(counts)} events in 7 days, at most {peak} in {HOURS // bars} hours"
    return Bars(path=path, width=width_each * bars - gap, height=height, peak=peak, label=label)


def _folded(hourly: Sequence[int], bars: int) -> list[int]:
    week = [0] * (HOURS - len(hourly)) + list(hourly[-HOURS:])
    each = HOURS // bars
    return [sum(week[start : start + each]) for start in range(0, HOURS, each)]


def _height(count: int, peak: int, height: int) -> int:
    """An empty bar leaves a trace, and the smallest count is told from none."""
    return max(3, round(count / peak * height)) if count else 1
