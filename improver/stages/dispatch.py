"""Specs → claimed Attempts: decides which Findings are attempted, how far their change may go, and says why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from improver import plugins, shipped_demo
from improver.config import Target, plugin_config
from improver.dispatching import approvals, autonomy, ledger, policy
from improver.dispatching.autonomy import Circumstances, Limit
from improver.errors import ImproverError
from improver.model import (
    Act,
    Attempt,
    AttemptStatus,
    Autonomy,
    Finding,
    FindingStatus,
    Isolation,
    SkipReason,
    Spec,
    Unlocated,
)
from improver.model.ids import digest
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records

OPEN_PULLS = "select count(*) from pulls where finding_id = $id and state = 'open'"
LIVE_ATTEMPTS = f"select count(*) from attempts where finding_id = $id and {ledger.LIVE}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoning:
    """Everything that decided about one dispatch; `skip` is None when nothing stands in the way."""

    finding: Finding
    spec: Spec | None
    skip: SkipReason | None
    isolation: Isolation
    autonomy: Autonomy
    limits: tuple[Limit, ...]
    number: int


def run(runtime: Runtime) -> int:
    """Claim what the policy allows, worst first; every other open Finding gets its skip reason."""
    with runtime.warehouse.state.reading() as reader:
        found = records.select(
            reader, Finding, "status = $open order by (score->>'value')::double desc, id", {"open": FindingStatus.OPEN}
        )
    targets = runtime.settings.targets
    surroundings = {name: Surroundings.of(runtime, targets.get(name)) for name in {f.target for f in found}}
    brakes = policy.Brakes(runtime)
    claimed, skipped = 0, dict[str, SkipReason]()
    for finding in found:
        reckoning = reckon(runtime, finding, surroundings[finding.target])
        skip = reckoning.skip or policy.refusal(runtime, finding, brakes)
        if skip is None and claim(runtime, reckoning):
            claimed += 1
        elif finding.skipped != (skip := skip or SkipReason.ATTEMPT_LIVE):
            skipped[finding.id] = skip
    if skipped:
        _note(runtime, skipped)
    return claimed


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a dispatch depends on besides its Finding: asked of git once per Target, however many Findings it has."""

    isolation: Isolation
    obstacle: SkipReason | None

    @classmethod
    def of(cls, runtime: Runtime, target: Target | None) -> "Surroundings":
        if target is None:
            return cls(isolation=Isolation.NONE, obstacle=None)
        obstacle = _repository_obstacle(target)
        isolation = Isolation.NONE if obstacle == SkipReason.NO_REPOSITORY else isolation_for(runtime, target)
        return cls(isolation=isolation, obstacle=obstacle)


def reckon(runtime: Runtime, finding: Finding, surroundings: Surroundings | None = None) -> Reckoning:
    """What holds for any dispatch of this Finding, asked for by a person or not."""
    target = runtime.settings.targets.get(finding.target)
    with runtime.warehouse.state.reading() as reader:
        specs = records.select(reader, Spec, "finding_id = $id order by created_at desc limit 1", {"id": finding.id})
        number = int(reader.value("select count(*) from attempts where finding_id = $id", {"id": finding.id})) + 1
        trusted = ledger.trust_in(reader, finding, target.agent) if target else []
    spec = specs[0] if specs else None
    surroundings = surroundings or Surroundings.of(runtime, target)
    isolation = surroundings.isolation
    known = Circumstances(
        finding=finding,
        isolation=isolation,
        ledger=trusted,
        paths=[finding.location.file] if finding.location else [],
        approved=approvals.of_spec(runtime, finding),
    )
    found = autonomy.limits(runtime.settings, target, known) if target else []
    return Reckoning(
        finding=finding,
        spec=spec,
        skip=_obstacle(runtime, finding, target, spec, isolation, surroundings.obstacle),
        isolation=isolation,
        autonomy=autonomy.effective(found) if found else Autonomy.REPORT,
        limits=tuple(found),
        number=number,
    )


def isolation_for(runtime: Runtime, target: Target) -> Isolation:
    """The sandbox this Target gets; improver's own edits on its own demo need none where there is none."""
    if target.isolation == "host":
        return Isolation.HOST
    if runtime.isolation == Isolation.BUBBLEWRAP:
        return Isolation.BUBBLEWRAP
    if target.agent == "rehearsed" and _is_shipped_demo(runtime, target):
        return Isolation.EXEMPT
    return runtime.isolation


def _is_shipped_demo(runtime: Runtime, target: Target) -> bool:
    """The demo's first commit as shipped, and the shipped edits: anything else is somebody's own code."""
    plan = runtime.settings.agents.get("rehearsed", {}).get("plan", "")
    repository = Repository(target.repo)
    return shipped_demo.is_plan(Path(plan)) and shipped_demo.is_first_tree(repository.tree(repository.root_commit()))


def _obstacle(
    runtime: Runtime,
    finding: Finding,
    target: Target | None,
    spec: Spec | None,
    isolation: Isolation,
    repository_obstacle: SkipReason | None,
) -> SkipReason | None:
    if runtime.data.paused():
        return SkipReason.PAUSED
    if target is None:
        return SkipReason.UNASSIGNED
    if finding.status != FindingStatus.OPEN:
        return SkipReason.ATTEMPT_LIVE if finding.status == FindingStatus.ATTEMPTING else SkipReason.NOT_OPEN
    if repository_obstacle:
        return repository_obstacle
    if finding.location is None or spec is None:
        several = finding.unlocated == Unlocated.AMBIGUOUS
        return SkipReason.AMBIGUOUS_LOCATION if several else SkipReason.NO_LOCATION
    if isolation == Isolation.NONE:
        return SkipReason.NO_SANDBOX
    # Whatever has become of its Finding: never a second one beside it.
    if runtime.warehouse.state.value(OPEN_PULLS, {"id": finding.id}):
        return SkipReason.OPEN_PR
    return SkipReason.NO_AGENT if missing_agent(runtime, target) else None


def _repository_obstacle(target: Target) -> SkipReason | None:
    try:
        repository = Repository(target.repo)
    except ImproverError:
        return SkipReason.NO_REPOSITORY
    if not repository.resolve(f"refs/heads/{target.branch}"):
        return SkipReason.NO_BRANCH
    dirty = target.autonomy == Autonomy.COMMIT and repository.tracked_changes()
    return SkipReason.DIRTY_CHECKOUT if dirty else None


def missing_agent(runtime: Runtime, target: Target) -> str:
    """Why the Target's Agent cannot be started; empty when it can."""
    plugin = plugins.load("agents", target.agent)
    return str(plugin.missing(plugin_config(runtime.settings, "agents", target.agent, plugin)))


def claim(runtime: Runtime, reckoning: Reckoning) -> Attempt | None:
    """Make the one live Attempt of a Finding; None when somebody else was quicker."""
    finding, spec, now = reckoning.finding, reckoning.spec, runtime.clock()
    if spec is None:
        return None
    attempt = Attempt(
        id=digest(finding.id, reckoning.number, now.isoformat(), length=12),
        finding_id=finding.id,
        spec_id=spec.id,
        target=finding.target,
        number=reckoning.number,
        status=AttemptStatus.CLAIMED,
        agent=runtime.target(finding.target).agent,
        isolation=reckoning.isolation,
        autonomy=reckoning.autonomy,
        autonomy_reasons=tuple(map(str, reckoning.limits)),
        base=spec.base,
        branch=f"improver/{finding.id}/{reckoning.number}",
        claimed_at=now,
        updated_at=now,
    )
    with runtime.warehouse.state.transaction() as writer:
        known = records.get(writer, Finding, finding.id)
        live = writer.value(LIVE_ATTEMPTS, {"id": finding.id})
        if live or known is None or known.status != FindingStatus.OPEN:
            return None
        runtime.audit.note(
            Act.CLAIMED,
            attempt.id,
            finding=finding.id,
            spec=spec.id,
            agent=attempt.agent,
            isolation=attempt.isolation,
            autonomy=attempt.autonomy,
            because="; ".join(attempt.autonomy_reasons),
            branch=attempt.branch,
        )
        records.put(writer, attempt)
        records.put(writer, records.changed(known, status=FindingStatus.ATTEMPTING, skipped=None))
    return attempt


def claim_for_person(runtime: Runtime, reckoning: Reckoning) -> Attempt | None:
    """Who asks for an Attempt has decided on its Spec."""
    approvals.approve_spec(runtime, reckoning.finding)
    return claim(runtime, reckoning)


def _note(runtime: Runtime, skipped: Mapping[str, SkipReason]) -> None:
    """All at once: each transaction waits for the disk, and acks wait for the same one."""
    runtime.audit.note_all(Act.SKIPPED, {finding_id: {"because": skip} for finding_id, skip in skipped.items()})
    with runtime.warehouse.state.transaction() as writer:
        for finding_id, skip in skipped.items():
            known = records.get(writer, Finding, finding_id)
            if known and known.skipped != skip:
                records.put(writer, records.changed(known, skipped=skip))
