"""Watches the deployed code: which releases run, which changes they contain, and whether the Findings stayed away."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from improver import fixes, ledger
from improver.errors import ImproverError
from improver.model import (
    Attempt,
    AttemptStatus,
    CriterionKind,
    Deployment,
    Finding,
    FindingStatus,
    Outcome,
    OutcomeKind,
    Spec,
)
from improver.model.ids import digest
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records

RELEASES = """
select target, environment, release, min(received_at) as seen_at from (
    select target, environment, release, received_at from errors
    union all select target, environment, release, received_at from spans where root
    union all select target, environment, release, received_at from sessions
) where release <> '' and target <> 'unassigned' group by all
"""

# The named query of every Spec's criterion: recurrences of one key, and the exposure they are measured against.
RECURRENCE = """
select
    (select count(*) from errors where target = $target and environment = $environment and key = $key
        and received_at >= $since and {ran}) as recurrences,
    (select count(distinct coalesce(nullif(trace_id, ''), event_id)) from spans
        where root and target = $target and environment = $environment and route = $route and route <> ''
        and received_at >= $since and {ran}) as runs,
    (select coalesce(sum(started), 0) from sessions where target = $target and environment = $environment
        and received_at >= $since and {ran}) as sessions
"""
# By release where telemetry names it; where a person said what runs, everything but releases known to lack the change.
RAN = "(list_contains($releases, release) or ($by_word and not list_contains($without, release)))"

WATCHED = (FindingStatus.DELIVERED, FindingStatus.DEPLOYED, FindingStatus.HELD)


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


def run(runtime: Runtime) -> int:
    """The number of Outcomes decided."""
    _see_deployments(runtime)
    return sum(1 for watch in _watches(runtime) if _decide(runtime, watch))


def _see_deployments(runtime: Runtime) -> None:
    with runtime.warehouse.state.reading() as reader:
        known = {d.id for d in records.select(reader, Deployment)}
    for row in runtime.warehouse.telemetry.rows(RELEASES):
        deployment_id = digest(row["target"], row["environment"], row["release"])
        if deployment_id not in known and row["target"] in runtime.settings.targets:
            seen_at = row["seen_at"].replace(tzinfo=runtime.clock().tzinfo)
            record(runtime, row["target"], row["environment"], row["release"], seen_at, "telemetry")


def record(runtime: Runtime, target: str, environment: str, release: str, seen_at: datetime, source: str) -> Deployment:
    """A release that runs; `name@revision` and a bare revision both resolve to a commit of the Target."""
    repo = runtime.target(target).repo
    try:
        commit = Repository(repo).resolve(release.rpartition("@")[2]) or ""
    except ImproverError:
        commit = ""
    deployment = Deployment(
        id=digest(target, environment, release),
        target=target,
        environment=environment,
        release=release,
        commit=commit,
        seen_at=seen_at,
        source=source,
    )
    with runtime.warehouse.state.transaction() as writer:
        records.put(writer, deployment)
    return deployment


def _watches(runtime: Runtime) -> list[Watch]:
    """Delivered changes whose code is known to run, the newest of each Finding."""
    with runtime.warehouse.state.reading() as reader:
        attempts = records.select(
            reader, Attempt, "status = $delivered order by ended_at", {"delivered": AttemptStatus.DELIVERED}
        )
        findings = {f.id: f for f in records.select(reader, Finding)}
        specs = {s.id: s for s in records.select(reader, Spec)}
        deployments = records.select(reader, Deployment, "commit <> '' order by seen_at")
    newest = {a.finding_id: a for a in attempts if a.delivered_commit or a.commit}
    found = []
    for finding_id, attempt in newest.items():
        finding, spec = findings.get(finding_id), specs.get(attempt.spec_id)
        if (
            finding is None
            or spec is None
            or finding.status not in WATCHED
            or attempt.target not in runtime.settings.targets
        ):
            continue
        running = [d for d in deployments if _runs(runtime, d, attempt, finding)]
        if running:
            found.append(_watch(attempt, finding, spec, running, deployments))
    return found


def _watch(attempt: Attempt, finding: Finding, spec: Spec, running: list[Deployment], known: list[Deployment]) -> Watch:
    return Watch(
        attempt=attempt,
        finding=finding,
        spec=spec,
        releases=tuple(d.release for d in running),
        without=tuple(d.release for d in known if d.target == attempt.target and d not in running),
        by_word=any(d.source == "person" for d in running),
        since=running[0].seen_at,
    )


def _runs(runtime: Runtime, deployment: Deployment, attempt: Attempt, finding: Finding) -> bool:
    """Whether a Deployment is of code that contains the change; one named by a person may be of any environment."""
    if deployment.target != attempt.target or deployment.environment not in ("", finding.environment):
        return False
    repository = Repository(runtime.target(attempt.target).repo)
    return repository.is_ancestor(attempt.delivered_commit or attempt.commit, deployment.commit)


def _decide(runtime: Runtime, watch: Watch) -> bool:
    if watch.finding.status == FindingStatus.DELIVERED:
        _tell_users(runtime, watch)
        ledger.set_finding(runtime, watch.finding.id, FindingStatus.DEPLOYED)
    recurrences, exposures = _measure(runtime, watch)
    kind, detail = judge(watch, recurrences, exposures, runtime.clock())
    already_held = watch.finding.status == FindingStatus.HELD
    if kind is None or (already_held and kind != OutcomeKind.UNCHANGED):
        return False
    return _keep(runtime, watch, kind, detail, recurrences, exposures)


def _measure(runtime: Runtime, watch: Watch) -> tuple[int, int]:
    row = runtime.warehouse.telemetry.rows(
        RECURRENCE.format(ran=RAN),
        {
            "target": watch.finding.target,
            "environment": watch.finding.environment,
            "key": watch.finding.fingerprint.partition(":")[2],
            "route": watch.finding.route,
            "releases": list(watch.releases),
            "without": list(watch.without),
            "by_word": watch.by_word,
            "since": watch.since.replace(tzinfo=None),
        },
    )[0]
    return int(row["recurrences"]), int(row["runs"] if watch.finding.route else row["sessions"])


def judge(watch: Watch, recurrences: int, exposures: int, now: datetime) -> tuple[OutcomeKind | None, str]:
    """The Outcome so far, or None while it is too early; the absence of traffic is never success."""
    criterion = watch.spec.criterion
    over = now >= watch.since + timedelta(days=criterion.window_days)
    clean = f"{exposures} clean {criterion.denominator}, {criterion.minimum_exposures} were asked for"
    if recurrences:
        return (
            OutcomeKind.UNCHANGED,
            f"came back {recurrences} × in {max(exposures, recurrences)} {criterion.denominator}",
        )
    enough = exposures >= criterion.minimum_exposures
    if enough and (criterion.kind == CriterionKind.DETERMINISTIC or over):
        return OutcomeKind.HELD, clean
    return (OutcomeKind.INCONCLUSIVE, clean) if over else (None, clean)


def _keep(runtime: Runtime, watch: Watch, kind: OutcomeKind, detail: str, recurrences: int, exposures: int) -> bool:
    """Write an Outcome down once; what is known of the Finding follows from it."""
    outcome = Outcome(
        id=digest(watch.attempt.id, kind),
        finding_id=watch.finding.id,
        attempt_id=watch.attempt.id,
        target=watch.finding.target,
        kind=kind,
        deployed_at=watch.since,
        decided_at=runtime.clock(),
        exposures=exposures,
        recurrences=recurrences,
        detail=detail,
    )
    with runtime.warehouse.state.transaction() as writer:
        if records.get(writer, Outcome, outcome.id):
            return False
        records.put(writer, outcome)
    if kind == OutcomeKind.HELD:
        ledger.set_finding(runtime, watch.finding.id, FindingStatus.HELD, reopened_at=None)
    if kind == OutcomeKind.UNCHANGED:
        ledger.set_finding(runtime, watch.finding.id, FindingStatus.OPEN, reopened_at=runtime.clock())
    return True


def _tell_users(runtime: Runtime, watch: Watch) -> None:
    """Leave a message for the users who met the failure; our own words and names that are in the code."""
    rows = runtime.warehouse.telemetry.rows(
        """select distinct "user" from errors where target = $target and key = $key and "user" <> '' limit 10000""",
        {"target": watch.finding.target, "key": watch.finding.fingerprint.partition(":")[2]},
    )
    users = [row["user"] for row in rows]
    message = _friendly(watch.spec)
    fixes.announce(runtime.data.fixes, watch.finding.target, watch.attempt.id, message, runtime.clock(), users)


def _friendly(spec: Spec) -> str:
    if spec.location and spec.location.function:
        what = spec.location.function.rsplit(".", 1)[-1].strip("_").replace("_", " ")
        return f"I fixed the problem you ran into with “{what}”. Please try it again."
    return "I fixed a problem you ran into. Please try it again."
