"""Routes that fail more often in a release than in the one before it."""

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.detectors import _routes
from improver.model import Cursor, FindingKind, Symptom
from improver.model.configured import Configured
from improver.statistics import Count, dispersion, rate_rise, total

KIND = FindingKind.PERFORMANCE
EVERY = 900
REMEDY = "Find what changed between the two releases, and mend what fails since."

HOURS = """
with releases as (
    select target, environment, service, route, release, sum(failures) as failures
    from route_hours where hour >= $since and release <> '' group by all
), failing as (
    select target, environment, service, route from releases
    group by all having count(*) > 1 and sum(failures) >= $failures order by sum(failures) desc limit $most
)
select target, environment, service, route, release, hour, sum(runs)::bigint as runs, sum(failures)::bigint as failures
from route_hours join failing using (target, environment, service, route)
where hour >= $since and release <> '' group by all order by target, environment, service, route, hour, release
"""


class Config(Configured):
    window_days: int = Field(28, ge=2)
    """How far back releases are compared."""
    runs: int = Field(30, ge=5)
    """Each of the two ran the route as often, at least."""
    failures: int = Field(5, ge=1)
    """And the later one failed as often."""
    times: float = Field(1.5, gt=1)
    """Its share of failing runs is as many times that of the one before, at least."""
    rise: float = Field(0.02, gt=0, le=1)
    """And by so much larger: 0.02 is two runs in a hundred."""
    deviations: float = Field(2.6, gt=0)
    """By how many standard deviations, allowed for that failures come in clusters."""
    minutes: float = Field(3.0, ge=0)
    """What a failed run costs somebody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    name: str
    hours: list[tuple[datetime, Count]]

    @property
    def since(self) -> datetime:
        return self.hours[0][0]

    @property
    def counts(self) -> list[Count]:
        return [count for _, count in self.hours]

    @property
    def dispersion(self) -> float:
        """Failures come in bad minutes or on bad days: by whichever period they vary most."""
        return max(dispersion(self._by(hours)) for hours in (1, 6, 24))

    def _by(self, hours: int) -> list[Count]:
        periods: dict[int, list[Count]] = {}
        for hour, count in self.hours:
            periods.setdefault((hour - self.since) // timedelta(hours=hours), []).append(count)
        return [total(counts) for counts in periods.values()]

    @property
    def latest(self) -> Count:
        """The later half of its runs: what was wrong in its first minutes only is over."""
        enough, found = total(self.counts).runs / 2, Count(hits=0, runs=0)
        for _, count in reversed(self.hours):
            if found.runs >= enough:
                break
            found = total([found, count])
        return found


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    since = now.replace(tzinfo=None) - timedelta(days=config.window_days)
    rows = cursor.rows(HOURS, {"since": since, "failures": config.failures, "most": _routes.MOST_ROUTES})
    found = []
    for route, hours in itertools.groupby(rows, key=_routes.Route.of):
        releases = _releases(list(hours))
        if len(releases) > 1 and worse(releases[-2], releases[-1], config):
            found.append(_routes.symptom(cursor, _claim(route, releases[-2], releases[-1], config), now))
    return found


def _releases(rows: list[dict[str, Any]]) -> list[Release]:
    """In the order in which they first ran."""
    hours: dict[str, list[tuple[datetime, Count]]] = {}
    for row in rows:
        hours.setdefault(row["release"], []).append((row["hour"], Count(hits=row["failures"], runs=row["runs"])))
    return sorted((Release(name=name, hours=found) for name, found in hours.items()), key=lambda one: one.since)


def worse(before: Release, after: Release, config: Config) -> bool:
    was, now = total(before.counts), total(after.counts)
    if min(was.runs, now.runs) < config.runs or now.hits < config.failures:
        return False
    least = max(was.rate * config.times, was.rate + config.rise)
    varies = max(one.dispersion for one in (before, after))
    return min(now.rate, after.latest.rate) >= least and rate_rise(was, now, varies) >= config.deviations


def _claim(route: _routes.Route, before: Release, after: Release, config: Config) -> _routes.Claim:
    was, now = total(before.counts), total(after.counts)
    return _routes.Claim(
        detector="error_rate_regression",
        kind=KIND,
        route=route,
        since=after.since,
        title=f"{now.rate:.1%} of {route.route} fail since release {after.name}, before {was.rate:.1%}",
        advice=f"{now.hits:.0f} of {now.runs:.0f} runs failed, in {before.name} {was.hits:.0f} of {was.runs:.0f}.",
        release=after.name,
        minutes_each=config.minutes * (now.rate - was.rate) / now.rate,
        telling=_routes.FAILED,
        counted="failures",
    )
