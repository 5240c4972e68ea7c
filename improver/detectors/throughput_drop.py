"""Routes that are used far less than in the weeks before, and jobs that stopped, while the others go on as ever."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from pydantic import Field

from improver.detectors import _routes
from improver.model import Cursor, FindingKind, Symptom
from improver.model.configured import Configured
from improver.statistics import Count, dispersion

KIND = FindingKind.PERFORMANCE
EVERY = 1800
REMEDY = "Find what keeps people from the route, or the job from its work, and take it out of their way."

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)

# The same hours of the weeks before; `ago` 0 is now. A week before the first run of all is no week of silence.
WEEKS = """
with weeks as (
    select target, environment, service, route, ago, sum(runs)::bigint as runs
    from route_hours join (select unnest(range($weeks + 1)) as ago) as past
        on hour >= $begin - ago * interval 7 days and hour < $end - ago * interval 7 days
    where awaited group by all
), known as (
    select target, environment, min(hour) as first_hour from route_hours group by all
)
select target, environment, service, route, ago, runs
from weeks join known using (target, environment)
where first_hour <= $begin - ago * interval 7 days
order by target, environment, service, route, ago
"""

# The hours in which what nobody waits for ran: jobs, consumers, schedules.
BEATS = """
select target, environment, service, route, list(distinct hour order by hour) as hours, sum(runs)::bigint as runs
from route_hours where not awaited and hour >= $since and hour < $end
group by all having count(distinct hour) >= $beats
order by target, environment, service, len(hours) desc, route
"""
# All else, in the silence and in as long before it.
OTHERS = """
select coalesce(sum(runs) filter (where hour > $last), 0)::bigint as now,
    coalesce(sum(runs) filter (where hour <= $last and hour > $last - ($end - $last)), 0)::bigint as before
from route_hours
where target = $target and environment = $environment and hour < $end
    and not list_contains($silent::varchar[][], [service, route])
"""


class Config(Configured):
    hours: int = Field(6, ge=2, le=24)
    """The last so many whole hours are compared: longer than any deployment takes."""
    longest_hours: int = Field(48, ge=2, le=7 * 24)
    """Where too little runs in them for that, the last so many."""
    weeks: int = Field(4, ge=2)
    """With the same hours of so many weeks before."""
    expected: int = Field(30, ge=5)
    """Routes that usually run less often in that time say nothing."""
    left: float = Field(0.4, gt=0, lt=1)
    """What is left of the usual runs, at most."""
    others_left: float = Field(0.7, gt=0, le=1)
    """What is left of all other routes' runs, at least: else it is a holiday, or telemetry that is missing."""
    deviations: float = Field(4.0, gt=0)
    """How unlikely the drop is, in standard deviations, allowed for how much the weeks differ anyway."""
    minutes: float = Field(1.0, ge=0)
    """What each run that is missing costs somebody."""
    beats: int = Field(7, ge=3)
    """A job has a rhythm once it ran in as many hours,"""
    beating_days: int = Field(7, ge=1)
    """over so many days, so that a weekend is among them,"""
    regular: float = Field(0.75, gt=0.5, le=1)
    """and as great a part of its pauses are no longer than the usual one."""
    silences: float = Field(3.0, gt=1)
    """It has stopped once it is silent for so many times its longest pause."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """Of one route: how often it ran in the hours in question, and in those of the weeks before."""

    route: _routes.Route
    now: int
    before: tuple[int, ...]

    @property
    def usual(self) -> float:
        return median(self.before) if self.before else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """The hours in which a job ran, and from when on it has been silent."""

    route: _routes.Route
    hours: tuple[datetime, ...]
    runs: int

    @property
    def last(self) -> datetime:
        return self.hours[-1]

    @property
    def pauses(self) -> list[int]:
        return [(after - before) // HOUR for before, after in itertools.pairwise(self.hours)]

    def silent(self, end: datetime) -> int:
        return (end - self.last) // HOUR - 1


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    end = now.replace(tzinfo=None, minute=0, second=0, microsecond=0)
    claims = [*_dropped(cursor, end, config), *_stopped(cursor, end, config)]
    return [_routes.symptom(cursor, claim, now) for claim in claims[: _routes.MOST_ROUTES]]


def _dropped(cursor: Cursor, end: datetime, config: Config) -> Iterator[_routes.Claim]:
    judged: set[_routes.Route] = set()
    for hours in sorted({config.hours, max(config.hours, config.longest_hours)}):
        begin = end - timedelta(hours=hours)
        uses = list(_uses(cursor.rows(WEEKS, {"weeks": config.weeks, "begin": begin, "end": end})))
        for use in uses:
            others = [one for one in uses if _beside(one, use)]
            if use.route in judged or not tells(use, others, config):
                continue
            judged.add(use.route)
            if drop(use, others, config):
                yield _claim(use, begin, hours, config)


def _stopped(cursor: Cursor, end: datetime, config: Config) -> Iterator[_routes.Claim]:
    """Jobs that a service has in common stop with it: that is told once, of the one that ran most."""
    rows = cursor.rows(BEATS, {"since": end - config.weeks * WEEK, "end": end, "beats": config.beats})
    beats = [Beat(route=_routes.Route.of(row), hours=tuple(row["hours"]), runs=row["runs"]) for row in rows]
    silent = [beat for beat in beats if silence(beat, end, config)]
    keys = [[beat.route.service, beat.route.route] for beat in silent]
    for _, together in itertools.groupby(silent, key=lambda beat: replace(beat.route, route="")):
        most, *others = together
        asked = {"last": most.last, "end": end, "silent": keys, "target": most.route.target}
        [rest] = cursor.rows(OTHERS, asked | {"environment": most.route.environment})
        if rest["before"] >= config.expected and rest["now"] >= config.others_left * rest["before"]:
            yield _stop(most, others, end, config)


def silence(beat: Beat, end: datetime, config: Config) -> bool:
    """Whether it kept a rhythm, and has been silent for far longer than it ever was between two runs."""
    pauses = beat.pauses
    as_usual = sum(pause <= 1.5 * median(pauses) + 1 for pause in pauses)
    if beat.last - beat.hours[0] < timedelta(days=config.beating_days) or as_usual < config.regular * len(pauses):
        return False
    return beat.silent(end) >= max(config.silences * max(pauses), config.hours)


def _uses(rows: list[dict[str, Any]]) -> Iterator[Use]:
    """Weeks in which anything at all was seen of the Target, but not of this route, count as none."""
    seen: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        seen.setdefault((row["target"], row["environment"]), set()).add(row["ago"])
    for route, weeks in itertools.groupby(rows, key=_routes.Route.of):
        runs = {row["ago"]: row["runs"] for row in weeks}
        known = sorted(seen[route.target, route.environment] - {0})
        yield Use(route=route, now=runs.get(0, 0), before=tuple(runs.get(ago, 0) for ago in known))


def _beside(one: Use, other: Use) -> bool:
    same = (one.route.target, one.route.environment) == (other.route.target, other.route.environment)
    return same and one is not other


def tells(use: Use, others: list[Use], config: Config) -> bool:
    """Whether so much runs in that time that its absence would say something."""
    enough = min(use.usual, sum(one.usual for one in others)) >= config.expected
    return enough and len(use.before) >= 2


def drop(use: Use, others: list[Use], config: Config) -> bool:
    if use.now > config.left * use.usual:
        return False
    if sum(one.now for one in others) < config.others_left * sum(one.usual for one in others):
        return False
    varies = dispersion([Count(hits=runs, runs=1e6) for runs in use.before])
    return use.usual - use.now >= config.deviations * math.sqrt(varies * use.usual)


def _claim(use: Use, begin: datetime, hours: int, config: Config) -> _routes.Claim:
    missing = use.usual - use.now
    return _routes.Claim(
        detector="throughput_drop",
        kind=KIND,
        route=use.route,
        since=begin - WEEK,
        title=f"{use.route.route} is used far less than usual: {use.now} × in {hours} hours,"
        f" else {use.usual:.0f} ×",
        advice="Other routes are used as ever: look whether people can still get there.",
        release="",
        minutes_each=config.minutes * missing / max(1.0, use.usual),
    )


def _stop(most: Beat, others: list[Beat], end: datetime, config: Config) -> _routes.Claim:
    usual = round(median(most.pauses))
    also = f" and {len(others)} other{'s' * (len(others) > 1)}" if others else ""
    return _routes.Claim(
        detector="throughput_drop",
        kind=KIND,
        route=most.route,
        since=most.hours[0],
        title=f"{most.route.route}{also} of {most.route.service or 'this Target'} ran every"
        f" {'hour' if usual == 1 else f'{usual} hours'}, and has not for {most.silent(end)} hours",
        advice="All else goes on as ever: look whether it is still started, and whether it still gets its work.",
        release="",
        minutes_each=config.minutes,
        missing=most.runs / ((most.last - most.hours[0]) / HOUR) * min(most.silent(end), WEEK / HOUR),
    )
