"""How often each Finding's failure happened, by the hour, for a year: what is left when Events are gone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from improver.model import Finding, Symptom
from improver.runtime import Runtime
from improver.warehouse import Reader, Writer, days

KEEP = timedelta(days=366)

HOURS = """
select distinct date_trunc('hour', occurred_at) as hour from errors where seq > $mark and occurred_at >= $oldest
"""
# The same failure told by several Collectors is counted as often as the one that told most.
COUNTS = """
select target, environment, grouping_version, key, hour, max(events) as events, max(users) as users,
    min(first_seen) as first_seen, max(last_seen) as last_seen
from (
    select target, environment, grouping_version, key, collector, date_trunc('hour', occurred_at) as hour,
        count(*) as events, count(distinct nullif("user", '')) as users,
        min(occurred_at) as first_seen, max(occurred_at) as last_seen
    from errors where occurred_at >= $first and list_contains($hours, date_trunc('hour', occurred_at)) group by all
) group by all
"""
OF_FINDING = "target = $target and environment = $environment and grouping_version = $version and key = $key"

Key = tuple[str, str, int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    day: datetime
    events: int


def fill(runtime: Runtime) -> int:
    """Count the hours in which something new happened, each anew and whole; how many there were."""
    now = runtime.clock().replace(tzinfo=None)
    # Of hours before this, retention may have taken Events away already.
    whole = now - timedelta(days=runtime.settings.warehouse.keep_days - 1)
    telemetry, state = runtime.warehouse.telemetry, runtime.warehouse.state
    mark = int(state.value("select max(seq) from rollup_marks") or 0)
    with telemetry.reading() as reader:
        newest = days.newest_seq(reader)
        rebuilt = newest < mark
        found = reader.rows(HOURS, {"mark": 0 if rebuilt else mark, "oldest": now - KEEP})
        hours = [row["hour"] for row in found]
        counted = reader.rows(COUNTS, {"hours": hours, "first": min(hours)}) if hours else []
    with state.transaction() as writer:
        partial = [hour for hour in hours if rebuilt or hour < whole]
        _replace(writer, hours, _at_least(writer, partial, counted))
        writer.execute("delete from rollup_marks")
        writer.execute("insert into rollup_marks values ($seq)", {"seq": newest})
        writer.execute("delete from rollups where hour < $oldest", {"oldest": now - KEEP})
    return len(hours)


def remembered(runtime: Runtime, reader: Reader, symptoms: list[Symptom]) -> list[Symptom]:
    """With what happened before the Events that are still there."""
    earliest, now = _first_seen(reader), runtime.clock()
    symptoms = [
        replace(one, first_seen=min(one.first_seen, earliest.get(_of(one), one.first_seen))) for one in symptoms
    ]
    hours = max((len(one.hourly) for one in symptoms), default=0)
    if runtime.settings.warehouse.keep_days * 24 >= hours:
        return symptoms
    since = (now - timedelta(hours=hours - 1)).replace(minute=0, second=0, microsecond=0)
    counted = _hourly(reader, since, hours)
    return [replace(one, hourly=_higher(one.hourly, counted.get(_of(one), ()))) for one in symptoms]


def _higher(counted: tuple[int, ...], known: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(max, counted, known)) if len(counted) == len(known) else counted


def _first_seen(reader: Reader) -> dict[Key, datetime]:
    rows = reader.rows(
        "select target, environment, grouping_version, key, min(first_seen) as first_seen from rollups group by all"
    )
    return {_key(row): row["first_seen"].replace(tzinfo=UTC) for row in rows}


def _hourly(reader: Reader, since: datetime, hours: int) -> dict[Key, tuple[int, ...]]:
    """So many hours from `since`, oldest first."""
    rows = reader.rows(
        "select *, date_diff('hour', $since, hour)::integer as number from rollups where hour >= $since",
        {"since": since.replace(tzinfo=None)},
    )
    found: dict[Key, list[int]] = {}
    for row in rows:
        if row["number"] < hours:
            found.setdefault(_key(row), [0] * hours)[row["number"]] += row["events"]
    return {key: tuple(counts) for key, counts in found.items()}


def history(reader: Reader, finding: Finding) -> tuple[Day, ...]:
    """Each day on which it happened, as far back as a year."""
    version, _, key = finding.fingerprint.partition(":")
    rows = reader.rows(
        f"select date_trunc('day', hour)::timestamp as day, sum(events)::bigint as events from rollups"
        f" where {OF_FINDING} group by 1 order by 1",
        {
            "target": finding.target,
            "environment": finding.environment,
            "version": int(version.removeprefix("v")),
            "key": key,
        },
    )
    return tuple(Day(day=row["day"].replace(tzinfo=UTC), events=row["events"]) for row in rows)


def _of(symptom: Symptom) -> Key:
    return symptom.target, symptom.environment, symptom.grouping_version, symptom.key


def _key(row: Mapping[str, Any]) -> Key:
    return row["target"], row["environment"], row["grouping_version"], row["key"]


def _replace(writer: Writer, hours: list[datetime], counted: list[dict[str, Any]]) -> None:
    writer.execute("delete from rollups where list_contains($hours, hour)", {"hours": hours})
    if counted:
        writer.append("rollups", pa.Table.from_pylist(counted))


def _at_least(writer: Writer, hours: list[datetime], counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In these hours Events may be missing: what was counted before stays counted."""
    known = writer.rows("select * from rollups where list_contains($hours, hour)", {"hours": hours})
    best: dict[tuple[Key, datetime], dict[str, Any]] = {}
    for row in (*known, *counted):
        place = (_key(row), row["hour"])
        if place not in best or row["events"] >= best[place]["events"]:
            best[place] = row
    return list(best.values())
