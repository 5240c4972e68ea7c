"""Sightings: each time that a Detector saw its pattern, kept by unit; all of one key are one Symptom."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pyarrow as pa

from improver.analysis.windows import Look, Scope
from improver.model import COMES_OF, Seen, Symptom, TrustLabel
from improver.model.ids import digest
from improver.statistics import by_hour, week_before
from improver.warehouse import Database, Reader, Scratch, Writer

DAYS = 28

# What the Detectors found in one window. Its Events are looked up for all together: for one alone it costs as much.
FOUND = """
select ''::varchar as detector, ''::varchar as unit, ''::varchar as key, ''::varchar as event_id, ''::varchar as place,
    0::double as minutes, ''::json as detail
where false
"""
ADDED = """
select $detector, unit, key, event_id, place, coalesce(minutes, 0)::double, coalesce(detail, 'null')::json
from ({query})
"""
# With what their Events say themselves.
WHOLE = """
select found.detector, found.unit, found.key, event.event_id, event.collector, event.occurred_at, event.target,
    event.trust, event.service, event.environment, event.release, event."user", seen.route, found.place, found.minutes,
    found.detail
from found join window_{rows} as seen using (unit, event_id) join {table} as event using (seq)
where event.seq > $oldest and event.seq <= $upto
"""

# A row without a detail is an exposure: the same was done, and the pattern was not there.
GROUPS = """
with told as (
    select *, detail::varchar <> 'null' as seen from sightings where detector = $detector and occurred_at >= $since
)
select
    detector, key, target, environment, service, max(collector) filter (where seen) as collector,
    count(*) filter (where seen) as sightings,
    count(*) filter (where seen and occurred_at >= $week) as sightings_week,
    count(*) as exposures,
    count(*) filter (where occurred_at >= $week) as exposures_week,
    count(distinct unit) filter (where seen) as units,
    count(distinct unit) filter (where seen and occurred_at >= $week) as units_week,
    count(distinct nullif("user", '')) filter (where seen) as users,
    coalesce(sum(minutes) filter (where seen and occurred_at >= $week), 0) as minutes_week,
    min(occurred_at) filter (where seen) as first_seen, max(occurred_at) filter (where seen) as last_seen,
    bool_and(trust = 'server') filter (where seen) as trusted,
    arg_max(release, occurred_at) filter (where seen) as release,
    arg_max(route, occurred_at) filter (where seen) as route,
    arg_max(place, occurred_at) filter (where seen) as place,
    arg_max(detail, occurred_at, {details}) filter (where seen) as details,
    (list(event_id order by occurred_at desc) filter (where seen))[1:20] as evidence,
    list(date_diff('hour', $week, occurred_at)::integer) filter (where seen and occurred_at >= $week) as hours
from told
group by detector, key, target, environment, service having bool_or(seen) order by sightings desc, key
"""

# How often the same route ran at all: that is a Sighting's exposure.
RUNS = """
select target, environment, service, route, sum(runs)::bigint as runs from route_hours where hour >= $week group by all
"""


COUNTED = tuple(field.name for field in fields(Seen) if not field.name.startswith("detail"))


def await_all(window: Scratch) -> None:
    window.create("found", FOUND, {})


def add(window: Scratch, detector: str, query: str, settings: Mapping[str, object]) -> int:
    """Put what a Detector finds beside what the others of this window did; how much it is."""
    return window.add("found", ADDED.format(query=query), {**settings, "detector": detector})


def whole(window: Scratch, scope: Scope, numbers: Mapping[str, int]) -> pa.Table:
    """What all of them found, as rows of `sightings`."""
    return window.table(WHOLE.format(rows=scope.rows, table=scope.table), numbers)


def last_looks(telemetry: Database, versions: Mapping[str, int]) -> dict[str, Look]:
    """Of Detectors that have looked, in the version that they have now."""
    rows = telemetry.rows("from looked where rowid in (select max(rowid) from looked group by detector)")
    return {
        row["detector"]: Look(seq=row["seq"], at=row["recorded_at"].replace(tzinfo=UTC))
        for row in rows
        if versions.get(row["detector"]) == row["version"]
    }


def looked_up_to(telemetry: Database, name: str, version: int) -> int:
    """The number of the last Event that was looked at; 0 where none was."""
    last = last_looks(telemetry, {name: version}).get(name)
    return last.seq if last else 0


def looked(writer: Writer, versions: Mapping[str, int], upto: int, now: datetime) -> None:
    at = now.replace(tzinfo=None)
    rows = [{"detector": name, "version": one, "seq": upto, "recorded_at": at} for name, one in versions.items()]
    writer.append("looked", pa.Table.from_pylist(rows))


def keep(writer: Writer, touched: pa.Table, detectors: list[str], found: pa.Table) -> None:
    """What these Detectors saw in these units, in place of what they saw in them before."""
    writer.within(
        touched,
        "delete from sightings where list_contains($detectors, detector) and unit in (select unit from incoming)",
        {"detectors": detectors},
    )
    if found.num_rows:
        writer.append("sightings", found)


def symptoms(reader: Reader, detector: str, plugin: ModuleType, config: Any, now: datetime) -> list[Symptom]:
    week, since = week_before(now), now.replace(tzinfo=None) - timedelta(days=DAYS)
    groups = GROUPS.format(details=getattr(plugin, "DETAILS", 1))
    rows = reader.rows(groups, {"detector": detector, "week": week, "since": since})
    runs = {_route(row): row["runs"] for row in reader.rows(RUNS, {"week": week})} if rows else {}
    made = (_symptom(row, runs.get(_route(row), 0), detector, plugin, config) for row in rows)
    return [symptom for symptom in made if symptom]


def _route(row: dict[str, Any]) -> tuple[str, ...]:
    return row["target"], row["environment"], row["service"], row["route"]


def _symptom(row: dict[str, Any], runs: int, detector: str, plugin: ModuleType, config: Any) -> Symptom | None:
    details = tuple(map(json.loads, row["details"]))
    seen = Seen(**{name: row[name] for name in COUNTED}, detail=details[0], details=details)
    told = plugin.told(seen, config)
    if told is None:
        return None
    return Symptom(
        detector=detector,
        kind=plugin.KIND,
        pattern=detector,
        grouping_version=plugin.VERSION,
        key=digest(detector, seen.service, seen.key),
        target=seen.target,
        environment=seen.environment,
        service=seen.service,
        source=row["collector"],
        title=told.title,
        advice=told.advice,
        first_seen=row["first_seen"].replace(tzinfo=UTC),
        last_seen=row["last_seen"].replace(tzinfo=UTC),
        events=seen.sightings,
        events_week=seen.sightings_week,
        users=seen.users,
        minutes_week=seen.minutes_week,
        hourly=by_hour((hour, 1) for hour in row["hours"] or ()),
        exposures=runs,
        exposed="runs" if runs else "",
        failures=row["units_week"] if runs else 0,
        route=seen.route,
        place=seen.place,
        evidence=tuple(row["evidence"]),
        trust=TrustLabel.SERVER if row["trusted"] else TrustLabel.PUBLIC,
        release=seen.release,
        system_keys=(COMES_OF + told.cause,) if told.cause else (),
    )
