"""Exceptions and crashes, grouped by what they have in common."""

import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.grouping import is_in_app
from improver.model import Cursor, FindingKind, Frame, Symptom, TrustLabel
from improver.model.configured import Configured
from improver.statistics import by_hour, week_before

EVERY = 0  # every pass of the pipeline

CHAIN = " > "  # between what led to an exception and the one that surfaced
FRAMES = 25  # of each kind that a Symptom keeps


class Config(Configured):
    window_days: int = Field(28, ge=7)
    """How far back occurrences count."""
    ignored_environments: list[str] = ["improver-doctor"]
    """Environments whose errors are stored but never become Findings."""


GROUPS = """
select target, environment, grouping_version, key, collector,
    count(*) as events,
    count(*) filter (where occurred_at >= $week) as events_week,
    count(distinct nullif("user", '')) as users,
    min(occurred_at) as first_seen,
    max(occurred_at) as last_seen,
    bool_or(crashed) as crashed,
    bool_and(trust = 'server') as trusted,
    arg_max(service, seq) as service,
    arg_max(release, seq) as release,
    arg_max(exception_type, seq) as exception_type,
    arg_max(case when exception_value <> '' then exception_value else message end, seq) as said,
    arg_max(raised, seq) as raised,
    list(distinct system_key)[1:100] as system_keys,
    coalesce(mode(nullif(route, '')), '') as route,
    list(event_id order by seq desc)[1:20] as evidence
from errors
where occurred_at >= $since and not list_contains($ignored, environment)
group by all
order by events desc, key
"""

HOURLY = """
select target, environment, key, collector, date_diff('hour', $week, occurred_at)::integer as hour, count(*) as events
from errors
where occurred_at >= $week and not list_contains($ignored, environment)
group by all
"""

# A route's exposure: how often it ran, and how many of those runs failed in this way.
ROUTES = """
select target, environment, route, count(distinct trace_id) as runs
from spans
where root and route <> '' and occurred_at >= $week
group by all
"""

FAILED_RUNS = """
select target, environment, key, collector, count(distinct coalesce(nullif(trace_id, ''), event_id)) as failures
from errors
where occurred_at >= $week and not list_contains($ignored, environment)
group by all
"""

SESSIONS = """
select target, environment, service, sum(started)::bigint as runs from sessions where occurred_at >= $week group by all
"""


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    naive = now.replace(tzinfo=None)
    week = week_before(now)
    times = {"week": week, "ignored": config.ignored_environments}
    groups = cursor.rows(GROUPS, {**times, "since": naive - timedelta(days=config.window_days)})
    if not groups:
        return []
    hourly = _hourly(cursor.rows(HOURLY, times))
    failures = {_group(row): row["failures"] for row in cursor.rows(FAILED_RUNS, times)}
    routes = {(r["target"], r["environment"], r["route"]): r["runs"] for r in cursor.rows(ROUTES, {"week": week})}
    sessions = {(r["target"], r["environment"], r["service"]): r["runs"] for r in cursor.rows(SESSIONS, {"week": week})}
    return [
        _symptom(
            row,
            hourly.get(_group(row), by_hour(())),
            failures.get(_group(row), 0),
            _exposures(row, routes, sessions),
            now,
        )
        for row in groups
    ]


def _group(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["target"], row["environment"], row["key"], row["collector"]


def _hourly(rows: list[dict[str, Any]]) -> dict[tuple[str, str, str, str], tuple[int, ...]]:
    counted: dict[tuple[str, str, str, str], list[tuple[int, int]]] = {}
    for row in rows:
        counted.setdefault(_group(row), []).append((row["hour"], row["events"]))
    return {key: by_hour(hours) for key, hours in counted.items()}


def _exposures(
    row: dict[str, Any], routes: dict[tuple[str, str, str], int], sessions: dict[tuple[str, str, str], int]
) -> tuple[int, str]:
    """Runs of the same route where they are traced, else sessions of the same service."""
    where = row["target"], row["environment"]
    if runs := routes.get((*where, row["route"]), 0):
        return runs, "runs"
    started = sessions.get((*where, row["service"]), 0)
    return (started, "sessions") if started else (0, "")


def _symptom(
    row: dict[str, Any], hourly: tuple[int, ...], failures: int, exposures: tuple[int, str], now: datetime
) -> Symptom:
    chain = json.loads(row["raised"])
    frames = chain[-1]["frames"] if chain else []
    kind = FindingKind.CRASH if row["crashed"] else FindingKind.ERROR
    return Symptom(
        detector="errors",
        kind=kind,
        pattern=kind,
        grouping_version=row["grouping_version"],
        key=row["key"],
        target=row["target"],
        environment=row["environment"],
        service=row["service"],
        source=row["collector"],
        title=_title(row["exception_type"], row["said"]),
        first_seen=row["first_seen"].replace(tzinfo=now.tzinfo),
        last_seen=row["last_seen"].replace(tzinfo=now.tzinfo),
        events=row["events"],
        events_week=row["events_week"],
        users=row["users"],
        hourly=hourly,
        exposures=exposures[0],
        exposed=exposures[1],
        failures=failures,
        route=row["route"],
        frames=_shown([Frame(**frame) for frame in frames]),
        evidence=tuple(row["evidence"]),
        trust=TrustLabel.SERVER if row["trusted"] else TrustLabel.PUBLIC,
        release=row["release"],
        exception=CHAIN.join(raised["type"] for raised in chain),
        system_keys=tuple(sorted(row["system_keys"])),
    )


def _shown(frames: list[Frame]) -> tuple[Frame, ...]:
    """The innermost frames, and the user's own even where a deep stack of a library hides them."""
    if len(frames) <= FRAMES:
        return tuple(frames)
    own = [number for number, frame in enumerate(frames[:-FRAMES]) if is_in_app(frame)][-FRAMES:]
    return tuple(frames[number] for number in own) + tuple(frames[-FRAMES:])


def _title(exception_type: str, said: str) -> str:
    first_line = said.strip().partition("\n")[0][:160]
    return f"{exception_type}: {first_line}".strip(": ") or "an error without a message"
