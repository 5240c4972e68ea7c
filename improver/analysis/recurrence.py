"""How often what a Finding is about came back after its change was deployed, and how often it could have."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from improver.model import FAILURES, Attempt, Finding, FindingKind, Spec, Symptom, TrustLabel
from improver.model.ids import digest
from improver.runtime import Runtime
from improver.statistics import week_before
from improver.warehouse import records

# The named query of every Spec's criterion: recurrences of its keys, and the clean exposure they are measured against.
# A run counts as clean only if nothing failed in it: a failure that merely changed its name is no success.
RECURRENCE = """
select
    (select count(*) from {failures} where target = $target and environment = $environment and {same}
        and {counts_failures}) as recurrences,
    (select count(distinct coalesce(nullif(trace_id, ''), event_id)) from spans as run
        where root and target = $target and environment = $environment and route = $route and route <> ''
        and status in ('', 'ok', 'unset') and {counts}
        and not exists (select 1 from errors where trace_id <> '' and trace_id = run.trace_id)) as runs,
    (select coalesce(sum(started), 0) - coalesce(sum(crashed), 0) from sessions where target = $target
        and environment = $environment and ($service = '' or service = $service) and {counts}) as sessions,
    (select count(distinct session) from usage where target = $target and environment = $environment
        and route = $route and route <> '' and session <> '' and {counts}) as visits,
    (select count(distinct conversation) from tool_calls where target = $target and environment = $environment
        and conversation <> '' and {short} = $place and {counts}) as conversations
"""
# A tool's name without its server's.
SHORT = r"regexp_replace(regexp_extract(tool, '([^./:]*)$', 1), '^.*__(.+)$', '\1')"

# What people and agents do is counted in sessions and conversations, at their page and with their tool.
BY_UNIT = {
    FindingKind.FRICTION: "sessions at the same page",
    FindingKind.AGENT_FRICTION: "conversations that use the same tool",
}
COLUMNS = {
    "sessions of the same service": "sessions",
    "sessions at the same page": "visits",
    "conversations that use the same tool": "conversations",
    "runs of the same route": "runs",
}
UNITS = f"""
select
    (select count(distinct unit) from sightings where detector = $pattern and target = $target
        and environment = $environment and occurred_at >= $week and detail::varchar <> 'null'
        and list_contains($sighted, {{'service': service, 'key': key}})) as failures,
    case when $by_page then (select count(distinct session) from usage where target = $target
        and environment = $environment and route = $route and route <> '' and session <> '' and occurred_at >= $week)
    else (select count(distinct conversation) from tool_calls where target = $target and environment = $environment
        and conversation <> '' and {SHORT} = $place and occurred_at >= $week) end as exposures
"""
# By release where telemetry names it; where a person said what runs, everything but releases known to lack the change.
# Public telemetry decides nothing about a Finding that was seen with a secret key.
COUNTS = """{moment} >= $since and {moment} < $until and ($public or trust = 'server')
        and (list_contains($releases, release) or ($by_word and not list_contains($without, release)))"""
# Errors know the key of their Finding. A Sighting is known by its Detector's own key, and by when it was; one without a
# detail is an exposure.
OF_ERRORS = {"failures": "errors", "same": "list_contains($keys, key)", "moment": "received_at"}
# Lines of a log that are no Event of an error are known by what they say.
OF_LOGS = {
    "failures": "(select logs.*, known.key from logs join log_templates as known on known.target = logs.target"
    " and known.service = logs.service and known.message = logs.template where logs.fails)",
    "same": "list_contains($keys, key)",
    "moment": "received_at",
}
OF_SIGHTINGS = {
    "failures": "sightings",
    "same": "detector = $pattern and detail::varchar <> 'null'"
    " and list_contains($sighted, {'service': service, 'key': key})",
    "moment": "occurred_at",
}
LOGGED = "logged_errors"
SIGHTED = "select distinct detector, service, key from sightings where detector = $pattern and target = $target"

USERS = """
select distinct "user" from (
    select "user" from errors where target = $target and list_contains($keys, key)
    union all select "user" from sightings where target = $target and detector = $pattern
        and detail::varchar <> 'null' and list_contains($sighted, {'service': service, 'key': key})
) where "user" <> '' limit 10000
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """One delivered change, seen running in `releases` since `since`."""

    attempt: Attempt
    finding: Finding
    spec: Spec
    releases: tuple[str, ...]
    without: tuple[str, ...]  # releases that are known not to contain it
    by_word: bool  # a person, not telemetry, said that it runs
    since: datetime
    until: datetime  # when a person said that something else runs


def measure(runtime: Runtime, watch: Watch) -> tuple[int, int]:
    finding = watch.finding
    told: dict[str, object] = {"keys": list(finding.keys)}
    failures = OF_LOGS if finding.pattern == LOGGED else OF_ERRORS
    if finding.kind not in FAILURES:
        failures, told = OF_SIGHTINGS, {"pattern": finding.pattern, "sighted": sighted(runtime, finding)}
    counts = COUNTS.format(moment="received_at")
    query = RECURRENCE.format(
        failures=failures["failures"],
        same=failures["same"],
        counts_failures=COUNTS.format(moment=failures["moment"]),
        counts=counts,
        short=SHORT,
    )
    row = runtime.warehouse.telemetry.rows(
        query,
        {
            **told,
            "target": finding.target,
            "environment": finding.environment,
            "route": finding.route,
            "place": finding.place,
            "service": finding.service,
            "releases": list(watch.releases),
            "without": list(watch.without),
            "by_word": watch.by_word,
            "public": finding.trust == TrustLabel.PUBLIC,
            "since": watch.since.replace(tzinfo=None),
            "until": watch.until.replace(tzinfo=None),
        },
    )[0]
    recurrences = int(row["recurrences"]) if told.get("keys") or told["sighted"] else _still_told(runtime, watch)
    return recurrences, int(row[COLUMNS.get(watch.spec.criterion.denominator, "runs")])


def denominator(finding: Finding) -> str:
    """What counts as an exposure of a Finding."""
    by_session = "sessions of the same service" if finding.exposed == "sessions" else "runs of the same route"
    return BY_UNIT.get(finding.kind, by_session)


def with_exposures(runtime: Runtime, finding: Finding) -> Finding:
    """With the last week's exposures of what is counted in sessions or conversations; others know them already."""
    if finding.kind not in BY_UNIT:
        return finding
    row = runtime.warehouse.telemetry.rows(
        UNITS,
        {
            "pattern": finding.pattern,
            "target": finding.target,
            "environment": finding.environment,
            "route": finding.route,
            "place": finding.place,
            "by_page": finding.kind == FindingKind.FRICTION,
            "sighted": sighted(runtime, finding),
            "week": week_before(runtime.clock()),
        },
    )[0]
    return records.changed(finding, failures=int(row["failures"]), exposures=int(row["exposures"]))


def sighted(runtime: Runtime, finding: Finding) -> list[dict[str, str]]:
    """The Sightings' own keys that the Finding's are made of."""
    rows = runtime.warehouse.telemetry.rows(SIGHTED, {"pattern": finding.pattern, "target": finding.target})
    return [
        {"service": row["service"], "key": row["key"]}
        for row in rows
        if digest(row["detector"], row["service"], row["key"]) in finding.keys
    ]


def _still_told(runtime: Runtime, watch: Watch) -> int:
    """What is no series of Events, such as a level that has changed, came back if its Detector still tells of it at
    the end: before, the level from before the Deployment may be what it looks at."""
    over = runtime.clock() >= watch.since + timedelta(days=watch.spec.criterion.window_days)
    if not over:
        return 0
    with runtime.warehouse.state.reading() as reader:
        told = records.select(
            reader,
            Symptom,
            "list_contains($keys, key) and target = $target and environment = $environment and last_seen >= $since",
            {
                "keys": list(watch.finding.keys),
                "target": watch.finding.target,
                "environment": watch.finding.environment,
                "since": watch.since.replace(tzinfo=None),
            },
        )
    return len(told)


def users(runtime: Runtime, finding: Finding) -> list[str]:
    """Those who met it."""
    rows = runtime.warehouse.telemetry.rows(
        USERS,
        {
            "target": finding.target,
            "keys": list(finding.keys),
            "pattern": finding.pattern,
            "sighted": sighted(runtime, finding),
        },
    )
    return [row["user"] for row in rows]
