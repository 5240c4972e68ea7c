"""What the Detectors of whole routes share: what was seen of one, and which service its time or its failures are of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from improver.model import (
    FAILED_STATUSES,
    REFUSED_STATUSES,
    TURNED_AWAY_STATUSES,
    Cursor,
    FindingKind,
    Symptom,
    TrustLabel,
)
from improver.model.ids import digest
from improver.statistics import Count, by_hour, g_value, week_before, weight

FAILED = f"status in {FAILED_STATUSES}"
REFUSED = f"""(status in {REFUSED_STATUSES} or status in {TURNED_AWAY_STATUSES} and "user" <> '')"""
MOST_ROUTES = 500

# Only what tells of the matter is evidence: the runs that were slow, or those that failed.
RUNS = """
select count(distinct nullif("user", '')) as users, min(occurred_at) as first_seen, max(occurred_at) as last_seen,
    coalesce(bool_and(trust = 'server'), false) as trusted, coalesce(mode(collector), '') as collector,
    arg_max(event_id, occurred_at, 20) as evidence, arg_max(trace_id, occurred_at, 200) as traces,
    max(occurred_at, 200)[-1] as earliest
from spans
where root and target = $target and environment = $environment and service = $service and route = $route
    and occurred_at >= $since and ({telling})
"""
# How many ran it once, twice, …: whose runs it were, where the app says so.
REPEATS = """
select times, who is not null as named, count(*) as people from (
    select coalesce(nullif("user", ''), nullif(session, '')) as who, count(*) as times from spans
    where root and target = $target and environment = $environment and service = $service and route = $route
        and occurred_at >= $since and ({telling})
    group by 1
) group by all
"""
HOURLY = """
select date_diff('hour', $week, hour)::integer as hour, sum({what})::bigint as runs from route_hours
where target = $target and environment = $environment and service = $service and route = $route and hour >= $since
    and hour >= $week
group by 1
"""

# A service's own time: from where it was entered, less what it waited for the services that it called.
OWN_TIME = """
with entries as (
    select * from spans where root and occurred_at >= $earliest and trace_id in (select unnest($traces))
), calls as (
    select entry.service, entry.duration_ms, caller.service as caller
    from entries as entry left join (
        select * from spans where occurred_at >= $earliest and trace_id in (select unnest($traces))) as caller
        on caller.trace_id = entry.trace_id and caller.span_id = entry.parent_id
)
select service, sum(spent) as spent from (
    select service, duration_ms as spent from calls
    union all select caller, -duration_ms from calls where caller is not null
) group by service order by spent desc
"""
FAILING = f"""
select service, count(distinct trace_id) as traces from spans
where root and service <> $service and occurred_at >= $earliest and trace_id in (select unnest($traces)) and {FAILED}
group by service order by traces desc, avg(epoch_ms(occurred_at)) desc
"""
TEMPLATES = """
select service, template, count(*) filter (where occurred_at < $since) as before,
    count(*) filter (where occurred_at >= $since) as after
from logs
where target = $target and environment = $environment and template <> '' and occurred_at between $from and $until
group by all order by before + after desc limit 2000
"""
CERTAIN_G = 30.0
AROUND = timedelta(days=7)
LONGEST = timedelta(hours=1)  # that a run of another service began earlier than the one that it is part of


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    target: str
    environment: str
    service: str
    route: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Route":
        return cls(
            target=row["target"], environment=row["environment"], service=row["service"], route=row["route"]
        )

    @property
    def named(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in ("target", "environment", "service", "route")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a Detector says of one route: `telling` is the condition that a run must meet to be evidence for it."""

    detector: str
    kind: FindingKind
    route: Route
    since: datetime  # naive, as the Warehouse has it
    title: str
    advice: str
    release: str
    minutes_each: float  # lost with each run that counts
    telling: str = "true"
    counted: str = "runs"  # or failures, or refusals
    missing: float = 0.0  # runs a week that did not come; they cost as much each


def symptom(cursor: Cursor, claim: Claim, now: datetime) -> Symptom:
    asked, week = {**claim.route.named, "since": claim.since}, week_before(now)
    [seen] = cursor.rows(RUNS.format(telling=claim.telling), asked)
    repeats = cursor.rows(REPEATS.format(telling=claim.telling), asked | {"since": max(claim.since, week)})
    counting, repeated = _weighed(repeats)
    hours = cursor.rows(HOURLY.format(what=claim.counted), asked | {"week": week})
    hourly = by_hour((row["hour"], row["runs"]) for row in hours)
    events_week = sum(hourly)
    where = _where(cursor, claim, seen)
    return Symptom(
        detector=claim.detector,
        kind=claim.kind,
        pattern=claim.detector,
        grouping_version=1,
        key=digest(claim.detector, claim.route.service, claim.route.route),
        target=claim.route.target,
        environment=claim.route.environment,
        service=claim.route.service,
        source=seen["collector"],
        title=claim.title,
        advice=" ".join(part for part in (claim.advice, where, repeated) if part),
        first_seen=(seen["first_seen"] or claim.since).replace(tzinfo=UTC),
        last_seen=(seen["last_seen"] or claim.since).replace(tzinfo=UTC),
        events=max(1, events_week),
        events_week=events_week,
        users=seen["users"],
        minutes_week=(claim.missing or events_week * counting) * claim.minutes_each,
        hourly=tuple(hourly),
        route=claim.route.route,
        place=claim.route.route,
        evidence=tuple(seen["evidence"] or ()),
        trust=TrustLabel.SERVER if seen["trusted"] else TrustLabel.PUBLIC,
        release=claim.release,
    )


def _weighed(rows: list[dict[str, Any]]) -> tuple[float, str]:
    """Which part of the runs counts, as what one user repeats weighs less, and why; of nobody known all count."""
    runs = sum(row["times"] * (row["people"] if row["named"] else 1) for row in rows)
    counted = sum(weight(row["times"]) * row["people"] if row["named"] else row["times"] for row in rows)
    if not runs or counted >= 0.99 * runs:
        return 1.0, ""
    most = max(row["times"] for row in rows if row["named"])
    part = counted / runs
    return part, f"What one user repeats weighs less: {part:.0%} of it counts, as one ran it {most:,} times."


def _where(cursor: Cursor, claim: Claim, seen: Mapping[str, Any]) -> str:
    """The service that is to blame, where it is another one than the route's own."""
    known = [trace for trace in seen["traces"] or [] if trace]
    told = [_blamed(cursor, claim, known, seen["earliest"] - LONGEST) if known else "", _logged(cursor, claim)]
    return " ".join(part for part in told if part)


def _blamed(cursor: Cursor, claim: Claim, traces: list[str], earliest: datetime) -> str:
    asked: dict[str, object] = {"traces": traces, "earliest": earliest}
    if claim.counted == "failures":
        rows = cursor.rows(FAILING, asked | {"service": claim.route.service})
        share = rows[0]["traces"] / len(set(traces)) if rows else 0
        return f"In {share:.0%} of these runs the service {rows[0]['service']} fails as well." if share >= 0.5 else ""
    rows = cursor.rows(OWN_TIME, asked)
    spent = sum(row["spent"] for row in rows)
    if not rows or rows[0]["service"] == claim.route.service or rows[0]["spent"] < spent / 2:
        return ""
    return f"{rows[0]['spent'] / spent:.0%} of its time is spent in the service {rows[0]['service']}."


def _logged(cursor: Cursor, claim: Claim) -> str:
    """The service whose logs changed most when this began: that finds causes better than who else got slower."""
    times = {"since": claim.since, "from": claim.since - AROUND, "until": claim.since + AROUND}
    named = {"target": claim.route.target, "environment": claim.route.environment}
    rows = cursor.rows(TEMPLATES, {**named, **times})
    before, after = sum(row["before"] for row in rows), sum(row["after"] for row in rows)
    services: dict[str, float] = {}
    worst: dict[str, tuple[float, str]] = {}
    for row in rows:
        was, now = Count(hits=row["before"], runs=before), Count(hits=row["after"], runs=after)
        if now.rate < 2 * was.rate or not before:
            continue
        found = g_value(was, now)
        services[row["service"]] = services.get(row["service"], 0) + found
        worst[row["service"]] = max(worst.get(row["service"], (0.0, "")), (found, row["template"]))
    blamed = max(services, key=lambda service: services[service], default="")
    if services.get(blamed, 0) < CERTAIN_G:
        return ""
    return f"Since then {blamed or 'it'} logs far more often: {worst[blamed][1][:120]}"
