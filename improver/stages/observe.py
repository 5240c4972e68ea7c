"""Watches the deployed code: which releases run, which changes they contain, and whether the Findings stayed away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from improver import fixes
from improver.analysis import recurrence
from improver.analysis.recurrence import Watch
from improver.dispatching import ledger
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
    TrustLabel,
)
from improver.model.ids import digest
from improver.repo import Repository
from improver.repo.releases import commit_of
from improver.runtime import Runtime
from improver.warehouse import records

RELEASES = """
select target, environment, release, min(received_at) as seen_at, bool_or(trust = 'server') as trusted from (
    select target, environment, release, received_at, trust from errors
    union all select target, environment, release, received_at, trust from spans where root
    union all select target, environment, release, received_at, trust from sessions
) where release <> '' and target <> 'unassigned' group by all
order by seen_at desc limit 500
"""

# Where a Deployment was seen, besides what a person says.
TELEMETRY, PUBLIC = "telemetry", "public telemetry"

# So many are waited for before the window is over, where one more or less says nothing.
MOST_BY_CHANCE = 10

WATCHED = (FindingStatus.DELIVERED, FindingStatus.DEPLOYED, FindingStatus.HELD)


def run(runtime: Runtime) -> int:
    """The number of Outcomes decided."""
    _see_deployments(runtime)
    return sum(1 for watch in _watches(runtime) if _decide(runtime, watch))


def _see_deployments(runtime: Runtime) -> None:
    """New releases, and known ones whose commit has only now been fetched."""
    with runtime.warehouse.state.reading() as reader:
        known = {d.id: d for d in records.select(reader, Deployment)}
    for row in runtime.warehouse.telemetry.rows(RELEASES):
        target, environment, release = row["target"], row["environment"], row["release"]
        seen = known.get(digest(target, environment, release))
        source = TELEMETRY if row["trusted"] else PUBLIC
        settled = seen and (seen.source == "person" or (seen.commit and seen.source == source))
        if not settled and target in runtime.settings.targets:
            seen_at = seen.seen_at if seen else row["seen_at"].replace(tzinfo=UTC)
            record(runtime, target, environment, release, seen_at, source)


def record(runtime: Runtime, target: str, environment: str, release: str, seen_at: datetime, source: str) -> Deployment:
    """A release that runs; `name@revision` and a bare revision both resolve to a commit of the Target."""
    deployment = Deployment(
        id=digest(target, environment, release),
        target=target,
        environment=environment,
        release=release,
        commit=commit_of(runtime.target(target).repo, release, source),
        seen_at=seen_at,
        source=source,
    )
    with runtime.warehouse.state.transaction() as writer:
        known = records.get(writer, Deployment, deployment.id)
        if known != deployment:
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
        if finding is None or spec is None or finding.status not in WATCHED:
            continue
        if attempt.target in runtime.settings.targets:
            found += _watch(attempt, finding, spec, _Contained(runtime, attempt), deployments)
    return found


class _Contained:
    """Which revisions of a Target contain a change that was not reverted; asked of git once per revision."""

    def __init__(self, runtime: Runtime, attempt: Attempt) -> None:
        self._repo = runtime.target(attempt.target).repo
        self._attempt = attempt
        self._known: dict[str, bool] = {}

    def __call__(self, revision: str) -> bool:
        if revision not in self._known:
            self._known[revision] = self._ask(revision)
        return self._known[revision]

    def _ask(self, revision: str) -> bool:
        commit = self._attempt.delivered_commit or self._attempt.commit
        try:
            repository = Repository(self._repo)
            if repository.is_ancestor(commit, revision):
                return commit not in repository.reverted(commit, revision)
            # Squashed or rebased on its way in: its trailer tells.
            squashed = repository.trailers(self._attempt.base, revision, "Improver-Attempt")
            taken = [sha for sha, attempt in squashed if attempt == self._attempt.id]
            return bool(taken) and taken[0] not in repository.reverted(taken[0], revision)
        except ImproverError:
            return False  # the checkout, or one of the commits, is gone


def _watch(
    attempt: Attempt, finding: Finding, spec: Spec, contained: _Contained, deployments: list[Deployment]
) -> list[Watch]:
    """The watch over one change, if it runs anywhere; a Deployment named by a person may be of any environment."""
    sources = (TELEMETRY, "person") if finding.trust == TrustLabel.SERVER else (TELEMETRY, PUBLIC, "person")
    known = [
        d
        for d in deployments
        if d.target == attempt.target and d.environment in ("", finding.environment) and d.source in sources
    ]
    running = [d for d in known if contained(d.commit)]
    if not running:
        return []
    others = [d for d in known if d not in running]
    since = running[0].seen_at
    replaced = [d.seen_at for d in others if d.source == "person" and d.seen_at > since]
    return [
        Watch(
            attempt=attempt,
            finding=finding,
            spec=spec,
            releases=tuple(d.release for d in running),
            without=tuple(d.release for d in others),
            by_word=any(d.source == "person" for d in running),
            since=since,
            until=min(replaced, default=datetime.max.replace(tzinfo=UTC)),
        )
    ]


def _decide(runtime: Runtime, watch: Watch) -> bool:
    """Whether an Outcome was decided; a change seen running for the first time is told to those who met the failure."""
    if watch.finding.status == FindingStatus.DELIVERED:
        if not ledger.set_finding(runtime, watch.finding, FindingStatus.DEPLOYED):
            return False
        _tell_users(runtime, watch)
        watch = replace(watch, finding=records.changed(watch.finding, status=FindingStatus.DEPLOYED))
    recurrences, exposures = recurrence.measure(runtime, watch)
    kind, detail = judge(watch, recurrences, exposures, runtime.clock())
    already_held = watch.finding.status == FindingStatus.HELD
    if kind is None or (already_held and kind != OutcomeKind.UNCHANGED):
        return False
    return _keep(runtime, watch, kind, detail, recurrences, exposures)


def judge(watch: Watch, recurrences: int, exposures: int, now: datetime) -> tuple[OutcomeKind | None, str]:
    """The Outcome so far, or None while it is too early; the absence of traffic is never success."""
    criterion = watch.spec.criterion
    over = now >= watch.since + timedelta(days=criterion.window_days)
    clean = f"{exposures} clean {criterion.denominator}, {criterion.minimum_exposures} were asked for"
    if recurrences:
        came_back = f"came back {recurrences} × in {max(exposures, recurrences)} {criterion.denominator}"
        return _came_back(watch, recurrences, exposures, over), came_back
    enough = exposures >= criterion.minimum_exposures
    if enough and (criterion.kind == CriterionKind.DETERMINISTIC or over):
        return OutcomeKind.HELD, clean
    return (OutcomeKind.INCONCLUSIVE, clean) if over else (None, clean)


def _came_back(watch: Watch, recurrences: int, exposures: int, over: bool) -> OutcomeKind | None:
    """What people and agents do may happen again now and then: there, how often in as many exposures decides."""
    criterion = watch.spec.criterion
    if watch.spec.kind not in recurrence.BY_UNIT or not criterion.baseline_exposures:
        return OutcomeKind.UNCHANGED
    usual = criterion.baseline_failures / criterion.baseline_exposures * max(exposures, recurrences)
    if not over:
        return OutcomeKind.UNCHANGED if recurrences > usual and recurrences >= MOST_BY_CHANCE else None
    return OutcomeKind.IMPROVED if recurrences <= usual / 2 else OutcomeKind.UNCHANGED


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
    with runtime.warehouse.state.reading() as reader:
        if records.get(reader, Outcome, outcome.id):
            return False
    status, reopened_at = _AFTER.get(kind, (watch.finding.status, watch.finding.reopened_at))
    if kind == OutcomeKind.UNCHANGED:
        reopened_at = runtime.clock()
    return ledger.set_finding(runtime, watch.finding, status, outcome, reopened_at=reopened_at)


_AFTER: dict[OutcomeKind, tuple[FindingStatus, datetime | None]] = {
    OutcomeKind.HELD: (FindingStatus.HELD, None),
    OutcomeKind.UNCHANGED: (FindingStatus.OPEN, None),
}


def _tell_users(runtime: Runtime, watch: Watch) -> None:
    """Leave a message for the users who met the failure; our own words and names that are in the code."""
    message = _friendly(watch.spec)
    users = recurrence.users(runtime, watch.finding)
    fixes.announce(runtime.data.fixes, watch.finding.target, watch.attempt.id, message, runtime.clock(), users)


def _friendly(spec: Spec) -> str:
    if spec.location and spec.location.function:
        what = spec.location.function.rsplit(".", 1)[-1].strip("_").replace("_", " ")
        return f"I fixed the problem you ran into with “{what}”. Please try it again."
    return "I fixed a problem you ran into. Please try it again."
