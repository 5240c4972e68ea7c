"""How often something happens against how often it was likely to: forecasts, escalation, and the Trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, sqrt
from statistics import fmean, pstdev, pvariance

from improver.model import Trend
from improver.statistics import clip

DAY = 24
DAYS = 7
FULL = 6 * DAY  # hours before the last day that are known of what is a week old
SURE = 2.0  # standard deviations on either side of a forecast


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What the last day was likely to bring, and what it brought."""

    low: int
    expected: float
    high: int
    ceiling: float  # more than this in one hour is out of all proportion
    seen: int
    busiest: int  # of the last day's hours

    @property
    def escalates(self) -> bool:
        return self.busiest > self.ceiling and self.seen > self.high

    @property
    def factor(self) -> float:
        """1 + by which part more was seen than expected: from a half to two."""
        return clip(1 + min(1.0, self.seen / self.expected - 1), 0.5, 2.0) if self.expected else 1.0


def forecast(hourly: Sequence[int], known: int = FULL) -> Forecast | None:
    """Of the last day, from the `known` hours before it; None while there is not even one day to go by."""
    history, last_day = hourly[:-DAY][-known:] if known > 0 else (), hourly[-DAY:]
    if len(history) < DAY or not any(history):
        return None
    starts = range(len(history) - DAY, -1, -DAY)
    days = [sum(history[start : start + DAY]) for start in starts]
    mean = fmean(days)
    spread = SURE * sqrt(max(mean, pvariance(days)) * (1 + 1 / len(days)))
    return Forecast(
        low=int(max(0.0, mean - spread)),
        expected=mean,
        high=int(mean + spread + 1),
        ceiling=ceiling(history),
        seen=sum(last_day),
        busiest=max(last_day),
    )


def ceiling(history: Sequence[int]) -> float:
    """What one hour may bring before it is an escalation: far above the busiest hour, and above what is usual.

    What is known for less than `FULL` hours is given ten times its busiest hour. Hours of the weekday that comes
    next weigh double.
    """
    if len(history) < FULL:
        return 10.0 * max(history, default=0)
    mean, deviation = fmean(history), pstdev(history)
    if not mean:
        return 0.0
    of_busiest = clip(5 * exp(-0.65 * deviation / mean), 2, 5)
    of_mean = clip((mean + 5 * deviation) / mean, 5, 8)
    weights = [2 if ((len(history) - 1 - hour) // DAY + 1) % DAYS == 0 else 1 for hour in range(len(history))]
    usual = sum(weight * count for weight, count in zip(weights, history, strict=True)) / sum(weights)
    return max(of_busiest * max(history), usual + of_mean * mean)


def trend(hourly: Sequence[int], first_seen: datetime, now: datetime) -> Trend:
    """How the last day compares with what was likely; `hourly` is the last week, oldest first."""
    if not any(hourly):
        return Trend.QUIET
    found = forecast(hourly, hours_before(first_seen, now))
    if found and found.escalates:
        return Trend.ESCALATING
    if now - first_seen < timedelta(days=DAYS):
        return Trend.NEW
    return Trend.FALLING if found and found.seen < found.expected / 2 else Trend.STEADY


def hours_before(first_seen: datetime, now: datetime) -> int:
    """How much of the week before the last day is known of what was first seen then."""
    return int(clip((now - first_seen) / timedelta(hours=1) - DAY, 0, FULL))
