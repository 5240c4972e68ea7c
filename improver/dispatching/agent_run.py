"""One Agent at work: its worktree, its box, its model, what it said, and the change that improver takes from it."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from improver import plugins, sandbox
from improver.config import Target, plugin_config
from improver.delivery import fence, pull_comments
from improver.dispatching import briefing, cancelling, ledger, papers, rounds, setups, spend
from improver.dispatching.change import SetupFailed
from improver.errors import ImproverError
from improver.model import (
    Act,
    AgentReport,
    AgentStatus,
    Attempt,
    AttemptReason,
    AttemptStatus,
    Autonomy,
    Isolation,
    Job,
    Launch,
    Spec,
)
from improver.model.configured import Configured
from improver.repo import Repository
from improver.runtime import Runtime
from improver.stages import dispatch, specify, verify
from improver.warehouse import records

MOST_STARTS = 3
LONGEST_TRANSCRIPT = 64 << 20
LAST_WORDS_S = 15.0  # for an Agent whose budget is spent to end by itself
LEAST_S = 1.0
REQUESTS_A_TURN = 8  # of the model: one to answer, others to count and to try again

ENDS = {
    AgentStatus.MAX_TURNS: AttemptReason.BUDGET,
    AgentStatus.BUDGET: AttemptReason.BUDGET,
    AgentStatus.TIMEOUT: AttemptReason.TIMEOUT,
    AgentStatus.LIMIT: AttemptReason.LIMIT,
    AgentStatus.CANCELLED: AttemptReason.CANCELLED,
    AgentStatus.API_ERROR: AttemptReason.API_ERROR,
    AgentStatus.DENIED: AttemptReason.DENIED,
    AgentStatus.CRASHED: AttemptReason.AGENT_CRASHED,
    AgentStatus.FAILED: AttemptReason.AGENT_FAILED,
}


def run(runtime: Runtime, attempt: Attempt) -> Attempt:
    """A claimed Attempt, or one that a dead daemon left running, up to a kept change or a reason why there is none."""
    refused = rounds.refused(runtime, attempt)
    if attempt.starts >= MOST_STARTS + len(refused):
        return ledger.fail(
            runtime, attempt, AttemptReason.INTERRUPTED, f"started {attempt.starts} times, never finished"
        )
    target = runtime.target(attempt.target)
    repository = Repository(target.repo)
    # From where the branch is now: while this waited for its place, another change may have gone in.
    newest = repository.resolve(f"refs/heads/{target.branch}") or attempt.base
    base = attempt.base if refused else newest
    isolation = dispatch.isolation_for(runtime, target)  # what holds now: a person may have tightened it meanwhile
    if isolation == Isolation.NONE:
        return ledger.fail(runtime, attempt, AttemptReason.CANCELLED, isolation.gloss)
    starts = attempt.starts + 1
    attempt = ledger.advance(runtime, attempt, AttemptStatus.RUNNING, starts=starts, base=base, isolation=isolation)
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        return ledger.fail(runtime, attempt, AttemptReason.CANCELLED, "its Spec is gone")
    refusal = None if refused else _fenced(runtime, attempt, repository) or _baseline(runtime, attempt, spec)
    if cancelling.halted(runtime, attempt):
        return attempt  # a shutdown is no end: the next daemon starts it again
    if refusal:
        return ledger.fail(runtime, attempt, *refusal)
    try:
        return _attempted(runtime, attempt, spec, repository)
    except SetupFailed as error:
        if cancelling.halted(runtime, attempt):
            return attempt
        return ledger.fail(runtime, attempt, AttemptReason.SETUP_FAILED, error.message)


def _attempted(runtime: Runtime, attempt: Attempt, spec: Spec, repository: Repository) -> Attempt:
    with _worktree(runtime, attempt, spec, repository) as (tree, brought):
        report = _agent(runtime, attempt, spec, repository, tree)
        if cancelling.halted(runtime, attempt):
            return attempt
        setups.take_away(tree, brought)
        return _conclude(runtime, attempt, spec, report, repository, tree)


def _fenced(runtime: Runtime, attempt: Attempt, repository: Repository) -> tuple[AttemptReason, str] | None:
    """Another improver's branch is looked for before an Agent is paid, and again when ours is pushed."""
    remote = runtime.target(attempt.target).remote
    if not remote or attempt.autonomy == Autonomy.REPORT:
        return None
    taken = fence.taken(runtime, attempt, repository, remote)
    return (AttemptReason.BRANCH_TAKEN, taken) if taken else None


def _baseline(runtime: Runtime, attempt: Attempt, spec: Spec) -> tuple[AttemptReason, str] | None:
    """Tests that are red before the change can tell nothing about it."""
    target = runtime.target(attempt.target)
    if not target.test:
        return None
    with verify.change_of(runtime, attempt, spec) as base:
        try:
            tree = base.checkout(base=True)
        except SetupFailed as error:
            return AttemptReason.SETUP_FAILED, error.message
        boxed = base.run(base.test_command, tree)
    if boxed.code == 0 or cancelling.halted(runtime, attempt):
        return None
    _keep(runtime, attempt, "baseline.txt", boxed.output)
    ending = "did not end in time" if boxed.code is None else f"ended with {boxed.code}"
    return AttemptReason.BASELINE_RED, f"`{' '.join(target.test)}` {ending} on {attempt.base[:12]}: make it green first"


@contextmanager
def _worktree(
    runtime: Runtime, attempt: Attempt, spec: Spec, repository: Repository
) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """A fresh worktree at the base, with the change that was refused; gone afterwards, whatever happened in it.

    What the Target's setup brought there is named: it is no part of a change.
    """
    tree = folder(runtime, attempt) / "tree"
    repository.remove_worktree(tree)
    repository.worktree(tree, attempt.base)
    try:
        # Before anything of a change lies there: what a setup leaves is kept for others.
        brought = verify.change_of(runtime, attempt, spec).set_up_base(tree)
        for refused in rounds.refused(runtime, attempt)[-1:]:
            changed = repository.changed(attempt.base, refused.commit)
            repository.lay_over(tree, refused.commit, [file.path for file in changed])
        yield tree, brought
    finally:
        repository.remove_worktree(tree)


def folder(runtime: Runtime, attempt: Attempt) -> Path:
    path = runtime.data.attempts / attempt.id
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def clear(runtime: Runtime, attempt: Attempt) -> None:
    """Once it ended nobody resumes its Agent's session: what that kept at home goes, whatever it made of it."""
    Repository(runtime.target(attempt.target).repo).remove_worktree(folder(runtime, attempt) / "home")


def _agent(runtime: Runtime, attempt: Attempt, spec: Spec, repository: Repository, tree: Path) -> AgentReport:
    target = runtime.target(attempt.target)
    plugin = plugins.load("agents", attempt.agent)
    config = plugin_config(runtime.settings, "agents", attempt.agent, plugin)
    if missing := plugin.missing(config):
        return AgentReport(status=AgentStatus.FAILED, detail=missing)
    job = _job(runtime, attempt, spec, target)
    meter = spend.meter(runtime, attempt)
    with sandbox.ModelProxy(folder(runtime, attempt), attempt.isolation, meter=meter, clock=runtime.clock) as proxy:
        job = replace(job, base_url=proxy.base_url, model_key=proxy.key)
        launch = plugin.command(job, config)
        papers.lay_out(job, launch)
        if launch.upstream:
            most = max(1, REQUESTS_A_TURN * spec.budget.turns - spend.of(runtime, attempt).requests)
            renewed = partial(_credentials, plugin, job, config)
            proxy.lead_to(launch.upstream, launch.upstream_headers, launch.upstream_paths, most, renewed)
        order = sandbox.Order(
            argv=launch.argv,
            tree=tree,
            wall_clock_s=max(LEAST_S, spec.budget.wall_clock_s - rounds.ran(runtime, attempt).seconds),
            env=launch.env,
            programs=(*target.test[:1], *launch.programs),
            writable=(job.home,),
            readable=(job.side, job.papers, *target.readable, *launch.readable),
            stdin=launch.stdin,
            git_dir=repository.git_dir,
            model_socket=proxy.socket,
            model_port=proxy.port,
            limits=sandbox.limits_of(runtime.settings.sandbox),
        )
        return _followed(runtime, attempt, plugin, order, meter)


def _credentials(plugin: ModuleType, job: Job, config: Configured) -> Mapping[str, str]:
    """What is added to requests outside the box, read anew: a token may have been renewed meanwhile."""
    launch: Launch = plugin.command(job, config)
    return launch.upstream_headers


def _followed(
    runtime: Runtime, attempt: Attempt, plugin: ModuleType, order: sandbox.Order, meter: sandbox.Meter
) -> AgentReport:
    """Run it, keep every line it prints, and fold them into what it says of itself."""
    report = AgentReport()
    with (folder(runtime, attempt) / "transcript.jsonl").open("a", buffering=1) as transcript:
        transcript.write(json.dumps({"improver": {"start": attempt.starts, "at": runtime.clock().isoformat()}}) + "\n")

        def heard(line: str) -> None:
            nonlocal report
            if transcript.tell() < LONGEST_TRANSCRIPT:
                transcript.write(line.rstrip("\n") + "\n")
            report = plugin.parse(report, line)

        boxed = sandbox.run(
            order,
            attempt.isolation,
            on_line=heard,
            stop=cancelling.Halt(runtime, attempt),
            spent=lambda: meter.ignored_s > LAST_WORDS_S,
        )
    _keep(runtime, attempt, "output.txt", boxed.output)
    rounds.note(runtime, attempt, report, boxed.seconds)
    if meter.over:
        return replace(report, status=AgentStatus.BUDGET, detail=meter.over)
    if boxed.ending.limit:
        return replace(report, status=AgentStatus.LIMIT, detail=f"{boxed.ending}: {boxed.ending.gloss}")
    if boxed.code is None:
        minutes = f"{order.wall_clock_s / 60:g} min"
        return replace(report, status=AgentStatus.TIMEOUT, detail=f"stopped after {minutes}")
    ended: AgentReport = plugin.ended(report, boxed.code)
    return ended


def _job(runtime: Runtime, attempt: Attempt, spec: Spec, target: Target) -> Job:
    side, home = folder(runtime, attempt) / "side", folder(runtime, attempt) / "home"
    refused = rounds.refused(runtime, attempt)
    for path in (side,) if refused else (side, home):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(specify.folder(runtime, spec.id), side)
    rounds.hand_over(refused, side)
    pull_comments.hand_over(runtime, attempt, side)
    home.mkdir(mode=0o700, exist_ok=True)  # its sessions are there
    prompt = briefing.prompt(
        spec, target, side, _feedback(runtime, attempt), refused=refused[-1].words if refused else ""
    )
    (folder(runtime, attempt) / "prompt.md").write_text(prompt)
    evidence = [f"{path.name} {sha256(path.read_bytes()).hexdigest()}" for path in sorted(side.rglob("*.json"))]
    prompted = sha256(prompt.encode()).hexdigest()
    runtime.audit.note(Act.BRIEFED, attempt.id, agent=attempt.agent, prompt=prompted, evidence=", ".join(evidence))
    job = job_of(folder(runtime, attempt), spec, target, prompt, attempt.isolation)
    return replace(job, session=rounds.ran(runtime, attempt).session if refused else "")


def job_of(place: Path, spec: Spec, target: Target, prompt: str, isolation: Isolation) -> Job:
    """What an Agent is asked, in an Attempt's folder."""
    return Job(
        attempt_id=place.name,
        prompt=prompt,
        tree=place / "tree",
        side=place / "side",
        home=place / "home",
        papers=place / "papers",
        base_url="",
        kind=spec.kind,
        location=f"{spec.location.file} {spec.location.function}".strip() if spec.location else "",
        turns=spec.budget.turns,
        usd=spec.budget.usd,
        test=tuple(target.test),
        protected_paths=spec.protected_paths,
        isolation=isolation,
    )


def _feedback(runtime: Runtime, attempt: Attempt) -> str:
    """Reason words of the try before: a Gate's output is text of the Agent's making and does not come back to it."""
    with runtime.warehouse.state.reading() as reader:
        earlier = records.select(
            reader,
            Attempt,
            "finding_id = $id and status = 'failed' order by claimed_at desc limit 1",
            {"id": attempt.finding_id},
        )
    if not earlier or earlier[0].reason != AttemptReason.GATE_FAILED:
        return ""
    return "; ".join(f"gate {v.gate}: {v.reason}" for v in earlier[0].verdicts if v.result == "fail")


def _conclude(
    runtime: Runtime, attempt: Attempt, spec: Spec, report: AgentReport, repository: Repository, tree: Path
) -> Attempt:
    told = {**spend.told(runtime, attempt, report), "summary": report.summary}
    if report.status != AgentStatus.COMPLETED:
        return _without_change(runtime, attempt, ENDS[report.status], report.detail, told)
    trailers = {"Improver-Finding": attempt.finding_id, "Improver-Attempt": attempt.id, "Improver-Agent": attempt.agent}
    try:
        commit = repository.snapshot(
            tree, attempt.base, _message(spec), trailers, f"refs/improver/attempts/{attempt.id}"
        )
    except ImproverError as error:
        # The Agent was paid, whatever it left: this counts as a try.
        return ledger.fail(runtime, attempt, AttemptReason.UNUSABLE, error.message, **told)
    if commit is None or not repository.changed(_left(runtime, attempt), commit):
        return _without_change(runtime, attempt, AttemptReason.NO_CHANGE, "the worktree is as it was", told)
    return ledger.advance(runtime, attempt, AttemptStatus.RAN, commit=commit, **told)


def _left(runtime: Runtime, attempt: Attempt) -> str:
    """The commit whose files the Agent found in its worktree."""
    refused = rounds.refused(runtime, attempt)
    return refused[-1].commit if refused else attempt.base


def _without_change(
    runtime: Runtime, attempt: Attempt, reason: AttemptReason, detail: str, told: Mapping[str, object]
) -> Attempt:
    """The Attempt's end; where a Gate had refused its change, that it was not mended says less than the Gate."""
    refused = rounds.refused(runtime, attempt)
    if refused and reason != AttemptReason.CANCELLED:
        detail = f"{refused[-1].words}; asked to mend it, the Agent ended with {reason}: {detail}"
        reason = AttemptReason.GATE_FAILED
    return ledger.fail(runtime, attempt, reason, detail, **told)


def _message(spec: Spec) -> str:
    if spec.location is None:
        return f"Fix a {spec.kind}"
    place = f"{spec.location.function} ({spec.location.file})" if spec.location.function else spec.location.file
    return f"Fix the {spec.kind} in {place}"


def _keep(runtime: Runtime, attempt: Attempt, name: str, text: str) -> None:
    (folder(runtime, attempt) / name).write_text(text)
