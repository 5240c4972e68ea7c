"""Routes that fail, or refuse what people ask, more often in a release than in the one before it."""

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
    select target, environment, service, route, release, sum(failures) as failures, sum(refusals) as refusals
    from route_hours where hour >= $since and release <> '' group by all
), failing as (
    select target, environment, service, route from releases
    group by all having count(*) > 1 and greatest(sum(failures), sum(refusals)) >= $failures
    order by sum(failures) + sum(refusals) desc limit $most
)
select target, environment, service, route, release, hour, sum(runs)::bigint as runs, sum(failures)::bigint as failures,
    sum(refusals)::bigint as refusals
from route_hours join failing using (target, environment, service, route)
where hour >= $since and release <> '' group by all order by target, environment, service, route, hour, release
"""
# Whose they are, where the app says so.
WHO = f"""
select count("user") filter (where "user" <> '') as named, count(*) as runs,
    count(distinct "user") filter (where "user" <> '' and refused) as people,
    count(*) filter (where "user" <> '' and refused) as named_refusals, count(*) filter (where refused) as refusals
from (
    select "user", {_routes.REFUSED} as refused from spans
    where root and target = $target and environment = $environment and service = $service and route = $route
        and release = $release and occurred_at >= $since
)
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
    refused_times: float = Field(2.0, gt=1)
    """The same of runs that were refused: some always are, so the share is as many times that of the one before,"""
    refused_rise: float = Field(0.1, gt=0, le=1)
    """by so much larger,"""
    refused_deviations: float = Field(4.0, gt=0)
    """and by so many standard deviations."""
    people: int = Field(3, ge=1)
    """As many people are refused, where the app says who they are: strangers and programs ask for anything."""
    minutes: float = Field(3.0, ge=0)
    """What a failed run costs somebody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What runs came to that is told of: the column that counts it, and how much more of it is too much."""

    counted: str
    telling: str
    are: str
    were: str
    times: float
    rise: float
    deviations: float


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
    claims = [
        claim
        for route, hours in itertools.groupby(rows, key=_routes.Route.of)
        if (claim := _worst(cursor, route, list(hours), config))
    ]
    return [_routes.symptom(cursor, claim, now) for claim in claims]


def _worst(cursor: Cursor, route: _routes.Route, rows: list[dict[str, Any]], config: Config) -> _routes.Claim | None:
    """What fails goes before what is refused: one route is told of once."""
    for kind in _kinds(config):
        releases = _releases(rows, kind)
        if len(releases) < 2 or not worse(releases[-2], releases[-1], kind, config):
            continue
        if kind.counted == "failures" or _of_people(cursor, route, releases[-1], config):
            return _claim(route, releases[-2], releases[-1], kind, config)
    return None


def _kinds(config: Config) -> tuple[Kind, Kind]:
    failed = Kind(
        counted="failures", telling=_routes.FAILED, are="fail", were="failed",
        times=config.times, rise=config.rise, deviations=config.deviations,
    )  # fmt: skip
    refused = Kind(
        counted="refusals", telling=_routes.REFUSED, are="are refused", were="were refused",
        times=config.refused_times, rise=config.refused_rise, deviations=config.refused_deviations,
    )  # fmt: skip
    return failed, refused


def _of_people(cursor: Cursor, route: _routes.Route, after: Release, config: Config) -> bool:
    """Where most of its runs say whose they are, so do most of those that are refused, and of several people."""
    [who] = cursor.rows(WHO, route.named | {"release": after.name, "since": after.since})
    if 2 * who["named"] < who["runs"] or not who["runs"]:
        return True
    return bool(who["people"] >= config.people and 2 * who["named_refusals"] >= who["refusals"])


def _releases(rows: list[dict[str, Any]], kind: Kind) -> list[Release]:
    """In the order in which they first ran."""
    hours: dict[str, list[tuple[datetime, Count]]] = {}
    for row in rows:
        hours.setdefault(row["release"], []).append((row["hour"], Count(hits=row[kind.counted], runs=row["runs"])))
    return sorted((Release(name=name, hours=found) for name, found in hours.items()), key=lambda one: one.since)


def worse(before: Release, after: Release, kind: Kind, config: Config) -> bool:
    was, now = total(before.counts), total(after.counts)
    if min(was.runs, now.runs) < config.runs or now.hits < config.failures:
        return False
    least = max(was.rate * kind.times, was.rate + kind.rise)
    varies = max(one.dispersion for one in (before, after))
    return min(now.rate, after.latest.rate) >= least and rate_rise(was, now, varies) >= kind.deviations


def _claim(route: _routes.Route, before: Release, after: Release, kind: Kind, config: Config) -> _routes.Claim:
    was, now = total(before.counts), total(after.counts)
    return _routes.Claim(
        detector="error_rate_regression",
        kind=KIND,
        route=route,
        since=after.since,
        title=f"{now.rate:.1%} of {route.route} {kind.are} since release {after.name}, before {was.rate:.1%}",
        advice=f"{now.hits:.0f} of {now.runs:.0f} runs {kind.were}, in {before.name} {was.hits:.0f} of {was.runs:.0f}.",
        release=after.name,
        minutes_each=config.minutes * (now.rate - was.rate) / now.rate,
        telling=kind.telling,
        counted=kind.counted,
    )
