"""Rates, shifts and change points: pure functions of numbers."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist, median, pvariance

DAY = 24
WEEK = 7 * DAY
REPEATED = 5  # so often one user's occurrences count whole; more of them weigh less and less
MOST = 250  # values that are compared with each other; more are thinned out evenly


def week_before(now: datetime) -> datetime:
    """When the first of the hours began that `by_hour` counts, as the Warehouse has times."""
    return (now.replace(tzinfo=None) - timedelta(hours=WEEK - 1)).replace(minute=0, second=0, microsecond=0)


def by_hour(counted: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Of hours since `week_before`, and how often in each: the week, oldest first; a clock ahead counts as now."""
    hourly = [0] * WEEK
    for hour, times in counted:
        hourly[max(0, min(hour, WEEK - 1))] += times
    return tuple(hourly)


def clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


def weight(times: int) -> float:
    """How much one's occurrences count: whole at first, then as the logarithm of how many there are."""
    return float(times) if times <= REPEATED else REPEATED * (1 + math.log(times / REPEATED))


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """By how much the second of two samples lies higher: the Hodges-Lehmann estimate, and what it lies between."""

    estimate: float
    low: float
    high: float

    def beyond(self, tolerance: float) -> int:
        """1 or -1 if it is certain by more than this part of the estimate, and in which direction; else 0."""
        margin = tolerance * abs(self.estimate)
        return int(self.low > margin) - int(self.high < -margin)


def shift(before: Sequence[float], after: Sequence[float], confidence: float = 0.98) -> Shift:
    """The Mann-Whitney test turned into an interval: it lies all on one side of 0 where the test refuses equality."""
    first, second = _thinned(before), _thinned(after)
    if not first or not second:
        return Shift(estimate=0.0, low=0.0, high=0.0)
    differences = sorted(y - x for x in first for y in second)
    spread = _rank_spread(first, second)
    margin = NormalDist().inv_cdf((1 + confidence) / 2) * spread
    last = len(differences) - 1
    place = int(clip(math.floor(len(differences) / 2 - margin), 0, last))
    return Shift(estimate=median(differences), low=differences[place], high=differences[last - place])


def _rank_spread(first: Sequence[float], second: Sequence[float]) -> float:
    """The standard deviation of the Mann-Whitney statistic if both samples were one, ties allowed for."""
    count = len(first) + len(second)
    ties = sum(many**3 - many for many in Counter((*first, *second)).values())
    return math.sqrt(len(first) * len(second) / 12 * (count + 1 - ties / (count * max(1, count - 1))))


def _thinned(values: Sequence[float]) -> list[float]:
    ordered = sorted(value for value in values if math.isfinite(value))
    if len(ordered) <= MOST:
        return ordered
    return [ordered[number * (len(ordered) - 1) // (MOST - 1)] for number in range(MOST)]


def change_points(series: Sequence[float], *, shortest: int = 3, strictness: float = 3.0) -> list[int]:
    """Where a series goes over to another level: the indexes of the first values there, by binary segmentation.

    A cut is made where it takes away more of the squared error than `strictness` values have on average, times the
    logarithm of how many there are.
    """
    if len(series) < 2 * shortest:
        return []
    price = strictness * pvariance(series) * math.log(len(series))
    sums, squares = [0.0], [0.0]
    for value in series:
        sums.append(sums[-1] + value)
        squares.append(squares[-1] + value * value)

    def error(begin: int, end: int) -> float:
        return squares[end] - squares[begin] - (sums[end] - sums[begin]) ** 2 / (end - begin)

    found, waiting = [], [(0, len(series))]
    while waiting:
        begin, end = waiting.pop()
        cuts = range(begin + shortest, end - shortest + 1)
        cut = min(cuts, key=lambda at: error(begin, at) + error(at, end), default=None)
        if cut is not None and error(begin, end) - error(begin, cut) - error(cut, end) > price:
            found.append(cut)
            waiting += [(begin, cut), (cut, end)]
    return sorted(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """So many of so many runs."""

    hits: float
    runs: float

    @property
    def rate(self) -> float:
        return self.hits / self.runs if self.runs else 0.0


def total(counts: Sequence[Count]) -> Count:
    return Count(hits=sum(one.hits for one in counts), runs=sum(one.runs for one in counts))


def dispersion(counts: Sequence[Count]) -> float:
    """How many times more the rate varies from period to period than chance alone would have it; 1 at least."""
    known = [one for one in counts if one.runs]
    rate = total(known).rate
    if len(known) < 2 or not 0 < rate < 1:
        return 1.0
    deviation = sum((one.hits - one.runs * rate) ** 2 / (one.runs * rate * (1 - rate)) for one in known)
    return max(1.0, deviation / (len(known) - 1))


def rate_rise(before: Count, after: Count, over_dispersion: float) -> float:
    """How many standard deviations the second rate lies above the first."""
    rate = total([before, after]).rate
    if not before.runs or not after.runs or not 0 < rate < 1:
        return 0.0
    variance = over_dispersion * rate * (1 - rate) * (1 / before.runs + 1 / after.runs)
    return (after.rate - before.rate) / math.sqrt(variance)


def g_value(before: Count, after: Count) -> float:
    """The G statistic of one thing's share before and after: what chance alone puts above 10.8 once in a thousand."""
    whole = total([before, after])
    cells = (
        (before.hits, before.runs * whole.rate),
        (before.runs - before.hits, before.runs * (1 - whole.rate)),
        (after.hits, after.runs * whole.rate),
        (after.runs - after.hits, after.runs * (1 - whole.rate)),
    )
    return 2 * sum(seen * math.log(seen / expected) for seen, expected in cells if seen > 0 and expected > 0)
