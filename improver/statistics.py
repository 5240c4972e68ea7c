"""Rates and trends: pure functions of numbers."""

from datetime import datetime, timedelta

from improver.model import Trend

DAY = 24


def trend(hourly: tuple[int, ...], first_seen: datetime, now: datetime) -> Trend:
    """How the last day compares with the six before it; `hourly` is the last week, oldest first."""
    if not any(hourly):
        return Trend.QUIET
    if now - first_seen < timedelta(days=7):
        return Trend.NEW
    last_day, before = sum(hourly[-DAY:]), sum(hourly[:-DAY]) / 6
    if last_day > 2 * before + 3 * (before + 1) ** 0.5:
        return Trend.RISING
    return Trend.FALLING if last_day < before / 2 else Trend.STEADY


def clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def trend_factor(hourly: tuple[int, ...]) -> float:
    """1 + how much the last day exceeded the mean of the six before, at most doubled, at least halved."""
    last_day, before = sum(hourly[-DAY:]), sum(hourly[:-DAY]) / 6
    if not before:
        return 1.0
    return clip(1 + min(1.0, last_day / before - 1), 0.5, 2.0)
