"""How often what a Finding is about came back after its change was deployed, and how often it could have."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from improver.model import Attempt, Finding, FindingKind, Spec, Symptom, TrustLabel
from improver.model.ids import digest
from improver.runtime import Runtime
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
        and environment = $environment and ($service = '' or service = $service) and {counts}) as sessions
"""
# By release where telemetry names it; where a person said what runs, everything but releases known to lack the change.
# Public telemetry decides nothing about a Finding that was seen with a secret key.
COUNTS = """{moment} >= $since and {moment} < $until and ($public or trust = 'server')
        and (list_contains($releases, release) or ($by_word and not list_contains($without, release)))"""
# Errors know the key of their Finding. A Sighting is known by its Detector's own key, and by when it was; one without a
# detail is an exposure.
OF_ERRORS = {"failures": "errors", "same": "list_contains($keys, key)", "moment": "received_at"}
OF_SIGHTINGS = {
    "failures": "sightings",
    "same": "detector = $pattern and detail::varchar <> 'null'"
    " and list_contains($sighted, {'service': service, 'key': key})",
    "moment": "occurred_at",
}
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
    failures = OF_ERRORS
    if finding.kind not in (FindingKind.ERROR, FindingKind.CRASH):
        failures, told = OF_SIGHTINGS, {"pattern": finding.pattern, "sighted": _sighted(runtime, finding)}
    counts = COUNTS.format(moment="received_at")
    query = RECURRENCE.format(
        failures=failures["failures"],
        same=failures["same"],
        counts_failures=COUNTS.format(moment=failures["moment"]),
        counts=counts,
    )
    row = runtime.warehouse.telemetry.rows(
        query,
        {
            **told,
            "target": finding.target,
            "environment": finding.environment,
            "route": finding.route,
            "service": finding.service,
            "releases": list(watch.releases),
            "without": list(watch.without),
            "by_word": watch.by_word,
            "public": finding.trust == TrustLabel.PUBLIC,
            "since": watch.since.replace(tzinfo=None),
            "until": watch.until.replace(tzinfo=None),
        },
    )[0]
    by_session = watch.spec.criterion.denominator.startswith("sessions")
    recurrences = int(row["recurrences"]) if told.get("keys") or told["sighted"] else _still_told(runtime, watch)
    return recurrences, int(row["sessions"] if by_session else row["runs"])


def _sighted(runtime: Runtime, finding: Finding) -> list[dict[str, str]]:
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
            "sighted": _sighted(runtime, finding),
        },
    )
    return [row["user"] for row in rows]
