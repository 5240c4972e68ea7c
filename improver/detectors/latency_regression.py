"""Routes that have become slower, since when, and with which release."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from pydantic import Field

from improver.detectors import _routes
from improver.model import Cursor, FindingKind, Symptom
from improver.model.configured import Configured
from improver.statistics import change_points, shift

KIND = FindingKind.PERFORMANCE
EVERY = 900
REMEDY = "Find what changed between the two releases, and make the route as quick as it was."

GROWTH = 2 ** (1 / 8)  # of the histogram's buckets

# The median of each hour, or of each quarter of a day where an hour has too few runs to have one.
SERIES = """
with busiest as (
    select target, environment, service, route,
        case when sum(runs) >= $often * count(distinct hour) then interval 1 hour else interval 6 hours end as step
    from route_hours where awaited and hour >= $since
    group by all having sum(runs) >= $runs and count(distinct hour) > 6
    order by sum(runs * pow(2, bucket / 8.0)) desc limit $most
), counted as (
    select target, environment, service, route, step, time_bucket(step, hour) as begun, bucket, sum(runs) as runs
    from route_hours join busiest using (target, environment, service, route)
    where awaited and hour >= $since group by all
), passed as (
    select *, sum(runs) over (part order by bucket) as upto, sum(runs) over (part) as whole
    from counted window part as (partition by target, environment, service, route, begun)
)
select target, environment, service, route, step, begun, any_value(whole)::bigint as runs,
    pow($growth, arg_min(bucket + (whole / 2 - (upto - runs)) / runs, bucket) filter (where upto >= whole / 2))
        as median_ms
from passed group by all order by target, environment, service, route, begun
"""

RELEASES = """
select release, min(hour) as since, sum(runs)::bigint as runs from route_hours
where target = $target and environment = $environment and service = $service and route = $route and release <> ''
group by release order by since
"""


class Config(Configured):
    window_days: int = Field(28, ge=2)
    """How far back a route's own past reaches."""
    runs: int = Field(60, ge=10)
    """Routes that ran less often have no past to be compared with."""
    often: int = Field(10, ge=1)
    """With as many runs in an hour it is looked at by the hour, else by the quarter of a day."""
    confidence: float = Field(0.98, gt=0.5, lt=1)
    """How certain the Mann-Whitney test must be."""
    tolerance: float = Field(0.25, ge=0)
    """The change must be certain by more than this part of itself."""
    slower: float = Field(1.25, gt=1)
    """How many times as long the median takes now, at least."""
    slower_ms: float = 20
    """And how many milliseconds longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slowdown:
    since: datetime
    step: timedelta
    before_ms: float
    after_ms: float


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    since = now.replace(tzinfo=None) - timedelta(days=config.window_days)
    asked = {"since": since, "often": config.often, "runs": config.runs, "most": _routes.MOST_ROUTES, "growth": GROWTH}
    return [
        _routes.symptom(cursor, _claim(cursor, route, slowdown), now)
        for route, points in _by_route(cursor.rows(SERIES, asked))
        if (slowdown := slower(points, config))
    ]


def _by_route(rows: list[dict[str, Any]]) -> Iterator[tuple[_routes.Route, list[dict[str, Any]]]]:
    for route, points in itertools.groupby(rows, key=_routes.Route.of):
        yield route, list(points)


def slower(points: list[dict[str, Any]], config: Config) -> Slowdown | None:
    """Whether the level that the medians are on now is clearly above the one before.

    The usual peak of a day is no regression: what is slow now is slower than nine in ten of the points before.
    """
    medians = [float(point["median_ms"]) for point in points]
    changes = change_points([math.log(max(value, 0.001)) for value in medians])
    if not changes:
        return None
    begin, changed = ([0, *changes])[-2:]
    before, after = medians[begin:changed], medians[changed:]
    if len(before) < 2 * len(after) and len(before) < 8:
        before = medians[:changed]
    if len(before) < 4 or len(after) < 4:
        return None
    was, now = median(before), median(after)
    usual_peak = sorted(before)[int(0.9 * (len(before) - 1))]
    certain = shift(before, after, config.confidence).beyond(config.tolerance) > 0
    if not certain or now < config.slower * was or now - was < config.slower_ms or now < 1.1 * usual_peak:
        return None
    return Slowdown(since=points[changed]["begun"], step=points[changed]["step"], before_ms=was, after_ms=now)


def _claim(cursor: Cursor, route: _routes.Route, slowdown: Slowdown) -> _routes.Claim:
    release = _release(cursor, route, slowdown)
    since = f"release {release}" if release else f"{slowdown.since:%Y-%m-%d %H:%M}"
    times = slowdown.after_ms / max(slowdown.before_ms, 0.001)
    return _routes.Claim(
        detector="latency_regression",
        kind=KIND,
        route=route,
        since=slowdown.since,
        title=f"{route.route} takes {times:.1f} × as long since {since}",
        advice=f"Half of its runs take more than {slowdown.after_ms:.0f} ms, before {slowdown.before_ms:.0f} ms.",
        release=release,
        minutes_each=(slowdown.after_ms - slowdown.before_ms) / 60_000,
        telling=f"duration_ms >= {slowdown.after_ms:f} * 0.9",
    )


def _release(cursor: Cursor, route: _routes.Route, slowdown: Slowdown) -> str:
    """The release that first ran when it became slower, give or take a point of the series."""
    near = [
        row["release"]
        for row in cursor.rows(RELEASES, route.named)
        if abs(row["since"] - slowdown.since) <= 2 * slowdown.step
    ]
    return str(near[-1]) if near else ""
