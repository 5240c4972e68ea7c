"""What an occurrence costs: how long it was until the same user succeeded, kept up with the errors that came in."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from improver.analysis import sightings
from improver.analysis.encounters import Key
from improver.analysis.impact import Ends
from improver.warehouse import Database, Reader

NAME, VERSION = "recoveries", 1
KEPT = timedelta(days=28)
AT_ONCE = 200_000
WATCHED = timedelta(hours=1)  # who did nothing within it, before or after, cannot be said to have given up

# Errors are looked at once it is known what came of them.
PORTION = """
select max(seq) as upto, min(occurred_at) as first, max(occurred_at) as last from (
    select seq, occurred_at from errors
    where seq > $since and occurred_at <= $settled and occurred_at >= $oldest order by seq limit $at_once
)
"""
WHO = """coalesce(nullif("user", ''), session)"""
# The next success on the same route, else anywhere; if it fails again before, only the time up to then counts.
ENDS = f"""
insert into recoveries by name
with failed as (
    select target, environment, collector, key, crashed, route, {WHO} as who, occurred_at as moment,
        lead(occurred_at) over (
            partition by target, environment, collector, key, {WHO} order by occurred_at, seq) as again
    from errors
    where seq > $since and seq <= $upto and occurred_at <= $settled and occurred_at >= $oldest
        and ("user" <> '' or session <> '')
        and (environment, hash({WHO})) not in (select (environment, who) from encounters where traffic <> '')
), steps as (
    select target, environment, route, {WHO} as who, occurred_at as moment from spans
    where root and status in ('', 'ok', 'unset') and occurred_at >= $first and occurred_at <= $last
        and {WHO} in (select who from failed)
        and not (trace_id <> '' and trace_id in (
            select trace_id from errors where occurred_at >= $first and occurred_at <= $last))
    union all
    select target, environment, route, {WHO} as who, occurred_at as moment from usage
    where (not starts_with(name, '$') or name in ('$pageview', '$screen', '$autocapture'))
        and occurred_at >= $first and occurred_at <= $last and {WHO} in (select who from failed)
), followed as (
    select failed.*, same.moment as same, anywhere.moment as anywhere, before.moment as before
    from failed
    asof left join steps as same on failed.target = same.target and failed.environment = same.environment
        and failed.who = same.who and failed.route = same.route and failed.moment < same.moment
    asof left join steps as anywhere on failed.target = anywhere.target and failed.environment = anywhere.environment
        and failed.who = anywhere.who and failed.moment < anywhere.moment
    asof left join steps as before on failed.target = before.target and failed.environment = before.environment
        and failed.who = before.who and failed.moment >= before.moment
), ended as (
    select *, coalesce(case when same <= moment + to_seconds($gave_up) then same end, anywhere) as success
    from followed
    where anywhere <= moment + to_seconds($watched) or before >= moment - to_seconds($watched)
), priced as (
    select *,
        least(coalesce(success, 'infinity'::timestamp), coalesce(again, 'infinity'::timestamp),
            moment + to_seconds($gave_up)) as finish,
        coalesce(success = finish, false) as succeeded,
        date_diff('millisecond', moment, finish) / 1000.0 as seconds
    from ended
)
select target, environment, collector, key, crashed, date_trunc('hour', moment) as hour,
    (case when succeeded then floor(4 * log2(greatest(1, seconds))) else -1 end)::smallint as bucket,
    count(*) as times, sum(seconds) / 60 as minutes
from priced group by all
"""

KNOWN = """
select target, environment, collector, key, crashed, bucket, sum(times)::bigint as times, sum(minutes) as minutes
from recoveries where hour >= $oldest group by all
"""


def fold(telemetry: Database, gave_up_minutes: float, now: datetime) -> None:
    """Errors of which it is known by now what followed; those of the last minutes wait for the next pass."""
    since, gave_up = sightings.looked_up_to(telemetry, NAME, VERSION), timedelta(minutes=gave_up_minutes)
    naive = now.replace(tzinfo=None)
    asked: dict[str, object] = {
        "at_once": AT_ONCE,
        "settled": naive - gave_up,
        "oldest": naive - KEPT,
        "gave_up": gave_up.total_seconds(),
        "watched": WATCHED.total_seconds(),
    }
    while (portion := _portion(telemetry, asked | {"since": since}))["upto"]:
        around = {"first": portion["first"] - WATCHED, "last": portion["last"] + WATCHED}
        with telemetry.transaction() as writer:
            writer.apply(ENDS, asked | {"since": since, "upto": portion["upto"]} | around)
            writer.execute("delete from recoveries where hour < $oldest", {"oldest": naive - KEPT})
            sightings.looked(writer, {NAME: VERSION}, portion["upto"], now)
        since = portion["upto"]


def _portion(telemetry: Database, asked: Mapping[str, object]) -> dict[str, Any]:
    return telemetry.rows(PORTION, {name: asked[name] for name in ("since", "at_once", "settled", "oldest")})[0]


def ends(reader: Reader, now: datetime) -> tuple[Mapping[Key, Mapping[str, Ends]], Mapping[tuple[str, bool], Ends]]:
    """Of each grouping key by Collector, and of each Target by whether the process died."""
    rows = reader.rows(KNOWN, {"oldest": (now - KEPT).replace(tzinfo=None)})
    by_key: dict[Key, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    by_kind: dict[tuple[str, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_key[row["target"], row["environment"], row["key"]][row["collector"]].append(row)
        by_kind[row["target"], row["crashed"]].append(row)
    of_key = {key: {collector: _ends(of) for collector, of in found.items()} for key, found in by_key.items()}
    return of_key, {kind: _ends(of) for kind, of in by_kind.items()}


def _ends(rows: list[dict[str, Any]]) -> Ends:
    buckets: dict[int, int] = defaultdict(int)
    for row in rows:
        if row["bucket"] >= 0:
            buckets[row["bucket"]] += row["times"]
    return Ends(
        times=sum(row["times"] for row in rows), minutes=sum(row["minutes"] for row in rows), buckets=dict(buckets)
    )
