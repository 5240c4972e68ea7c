"""Routes that are used far less than at the same hours of the weeks before, while the others are used as ever."""

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
from improver.statistics import Count, dispersion

KIND = FindingKind.PERFORMANCE
EVERY = 1800
REMEDY = "Find what keeps people from the route, and take it out of their way."

WEEK = timedelta(days=7)

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """Of one route: how often it ran in the hours in question, and in those of the weeks before."""

    route: _routes.Route
    now: int
    before: tuple[int, ...]

    @property
    def usual(self) -> float:
        return median(self.before) if self.before else 0.0


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    end = now.replace(tzinfo=None, minute=0, second=0, microsecond=0)
    claims: list[_routes.Claim] = []
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
                claims.append(_claim(use, begin, hours, config))
    return [_routes.symptom(cursor, claim, now) for claim in claims[: _routes.MOST_ROUTES]]


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
