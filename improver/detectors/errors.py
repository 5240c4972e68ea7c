"""Exceptions and crashes, grouped by what they have in common."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.detectors import _failed_pages, _log_runs, _nobodys
from improver.grouping import is_in_app, ownership, translated, visitors
from improver.model import COMES_OF, TRANSLATES, Cursor, FindingKind, Frame, Raised, Symptom, TrustLabel
from improver.model.configured import Configured
from improver.statistics import by_hour, week_before

EVERY = 0  # every pass of the pipeline

CHAIN = " > "  # between what led to an exception and the one that surfaced
_MODULES = re.compile(r"[.:\\/*]+")
FRAMES = 25  # of each kind that a Symptom keeps


class Config(Configured):
    window_days: int = Field(28, ge=7, le=60)
    """How far back occurrences count, as far as telemetry is kept."""
    ignored_environments: list[str] = ["improver-doctor"]
    """Environments whose errors are stored but never become Findings."""
    called_off: list[str] = ["AbortError", "CanceledError", "CancelledError", "NavigationDuplicated"]
    """Exceptions of pages, and of Python, that only say that nobody wants any more what was asked for: they become no
    Findings."""
    gone: list[str] = ["ClientAbortException", "ClientDisconnect", "AsyncRequestNotUsableException"]
    """Exceptions of servers that only say that whoever asked did not wait for the answer: they become no Findings."""
    stopped: list[str] = [
        "KeyboardInterrupt", "Interrupt", "GeneratorExit", "SIGINT", "SIGTERM", "SIGHUP", "GracefulExit",
        "Shutdown", "WorkerShutdown", "WorkerTerminate", "ShutDownImminentException", "TaskRevokedError",
        "CancellationException", "CancellationError", "JobCancellationException", "ExitPromptError",
    ]  # fmt: skip
    """Exceptions that only say that a person, or what runs the app, told it or a part of it to end: they become no
    Findings."""
    injected: list[str] = list(ownership.BROWSERS)
    """How addresses of scripts begin that visitors' browsers and their extensions put into pages: what is raised in
    them becomes no Finding. Who makes an extension takes its own out."""


# From what is kept up of each group (improver/analysis/error_hours.py): nothing here reads the Events themselves.
GROUPS = """
with hours as (
    from error_hours where hour >= $since and not list_contains($ignored, environment)
), counted as (
    select target, environment, grouping_version, key, collector,
        sum(events)::bigint as events,
        coalesce(sum(events) filter (where hour >= $week), 0)::bigint as events_week,
        coalesce(sum(runs) filter (where hour >= $week), 0)::bigint as failures,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen,
        bool_or(crashed) as crashed,
        bool_and(trusted) as trusted,
        list_sort(list(distinct system_key))[1:100] as system_keys
    from hours group by all
), routes as (
    select target, environment, grouping_version, key, collector,
        arg_max(route, {'events': events, 'route': route}) as route
    from (
        select target, environment, grouping_version, key, collector, route, sum(events) as events
        from hours where route <> '' group by all
    ) group by all
), people as (
    select target, environment, grouping_version, key, collector, count(*) as users
    from error_users where last_seen >= $since group by all
)
select counted.*, newest.* exclude (target, environment, grouping_version, key, collector, evidence),
    coalesce(route, '') as route, coalesce(users, 0) as users,
    [one.event_id for one in evidence if one.occurred_at >= $since] as evidence
from counted
join error_newest as newest using (target, environment, grouping_version, key, collector)
left join routes using (target, environment, grouping_version, key, collector)
left join people using (target, environment, grouping_version, key, collector)
order by events desc, key
"""

HOURLY = """
select target, environment, key, collector, date_diff('hour', $week, hour)::integer as hour,
    sum(events)::bigint as events
from error_hours
where hour >= $week and not list_contains($ignored, environment)
group by all
"""

# A route's exposure: how often it ran, and how many of those runs failed in this way.
ROUTES = """
select target, environment, route, sum(runs)::bigint as runs from route_hours where hour >= $week group by all
"""

# A server that calls something off did so because it took too long; a page, because it has something newer to ask.
# Python has another name for what took too long.
CALLED_OFF = """
select event_id from errors where event_id in (select unnest($newest)) and platform in ('javascript', 'python')
"""

SESSIONS = """
select target, environment, service, sum(started)::bigint as runs from sessions where occurred_at >= $week group by all
"""


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    week = week_before(now)
    times = {"week": week, "ignored": config.ignored_environments}
    since = now.replace(tzinfo=None, minute=0, second=0, microsecond=0) - timedelta(days=config.window_days)
    groups = _wanted(cursor, list(map(_told, cursor.rows(GROUPS, {**times, "since": since}))), config)
    groups = _log_runs.without_starts(cursor, groups, since)
    if not groups:
        return []
    hourly = _hourly(cursor.rows(HOURLY, times))
    routes = {(r["target"], r["environment"], r["route"]): r["runs"] for r in cursor.rows(ROUTES, {"week": week})}
    sessions = {(r["target"], r["environment"], r["service"]): r["runs"] for r in cursor.rows(SESSIONS, {"week": week})}
    causes = _failed_pages.causes(cursor, groups)
    return [
        _symptom(
            row,
            hourly.get(_group(row), by_hour(())),
            _exposures(row, routes, sessions),
            causes.get(_group(row), ""),
            now,
        )
        for row in groups
    ]


def _wanted(cursor: Cursor, rows: list[dict[str, Any]], config: Config) -> list[dict[str, Any]]:
    """Without those that say of themselves that nobody waited any more, or that a visitor was refused."""
    named = [(row, _MODULES.split(row["exception_type"] or "")[-1]) for row in rows]
    newest = [row["evidence"][0] for row, name in named if name in config.called_off and row["evidence"]]
    called_off = {row["event_id"] for row in cursor.rows(CALLED_OFF, {"newest": newest})} if newest else set()
    wanted = [
        row
        for row, name in named
        if name not in (*config.gone, *config.stopped)
        and not (name in config.called_off and called_off & set(row["evidence"][:1]))
        and not visitors.are_refused_by(row["exception_type"] or "", row["said"] or "")
        and not _nobodys.was_ended(name, row["said"] or "", row["frames"])
        and not _nobodys.is_browsers(row["said"] or "", row["frames"], config.injected)
    ]
    refused = _nobodys.refused(cursor, wanted)
    return [row for row in wanted if _group(row) not in refused]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """With the frames of what surfaced."""
    chain = json.loads(row["raised"])
    return row | {"chain": chain, "frames": [Frame(**frame) for frame in chain[-1]["frames"]] if chain else []}


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
    row: dict[str, Any], hourly: tuple[int, ...], exposures: tuple[int, str], cause: str, now: datetime
) -> Symptom:
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
        failures=row["failures"],
        route=row["route"],
        frames=_shown(row["frames"]),
        evidence=tuple(row["evidence"]),
        trust=TrustLabel.SERVER if row["trusted"] else TrustLabel.PUBLIC,
        release=row["release"],
        exception=CHAIN.join(_types(row["chain"])),
        system_keys=(
            *sorted(row["system_keys"]),
            *([COMES_OF + cause] if cause else ()),
            *([TRANSLATES + below] if (below := _translated(row["chain"])) else ()),
        ),
    )


def _translated(chain: list[dict[str, Any]]) -> str:
    raised = (Raised(**{**one, "frames": tuple(Frame(**frame) for frame in one["frames"])}) for one in chain)
    return translated.key(tuple(raised))


def _types(chain: list[dict[str, Any]]) -> list[str]:
    """Without what only holds others, as long as they are known; several of one type are told once."""
    held = any(raised.get("member") for raised in chain)
    types = [raised["type"] for raised in chain if not (held and raised.get("group"))]
    return list(dict.fromkeys(types)) if held else types


def _shown(frames: list[Frame]) -> tuple[Frame, ...]:
    """The innermost frames, and the user's own even where a deep stack of a library hides them."""
    if len(frames) <= FRAMES:
        return tuple(frames)
    own = [number for number, frame in enumerate(frames[:-FRAMES]) if is_in_app(frame)][-FRAMES:]
    return tuple(frames[number] for number in own) + tuple(frames[-FRAMES:])


def _title(exception_type: str, said: str) -> str:
    first_line = said.strip().partition("\n")[0][:160]
    return f"{exception_type}: {first_line}".strip(": ") or "an error without a message"
