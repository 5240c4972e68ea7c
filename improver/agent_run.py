"""One Agent at work: its worktree, its box, its model, what it said, and the change that improver takes from it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from improver import briefing, ledger, plugins, sandbox
from improver.change import SetupFailed
from improver.config import Target, plugin_config
from improver.errors import ImproverError
from improver.model import AgentReport, AgentStatus, Attempt, AttemptReason, AttemptStatus, Isolation, Job, Spec
from improver.repo import Repository
from improver.runtime import Runtime
from improver.stages import dispatch, specify, verify
from improver.warehouse import records

MOST_STARTS = 3
LONGEST_TRANSCRIPT = 64 << 20
REQUESTS_A_TURN = 8  # of the model: one to answer, others to count and to try again

ENDS = {
    AgentStatus.MAX_TURNS: AttemptReason.BUDGET,
    AgentStatus.BUDGET: AttemptReason.BUDGET,
    AgentStatus.TIMEOUT: AttemptReason.TIMEOUT,
    AgentStatus.CANCELLED: AttemptReason.CANCELLED,
    AgentStatus.API_ERROR: AttemptReason.API_ERROR,
    AgentStatus.DENIED: AttemptReason.DENIED,
    AgentStatus.CRASHED: AttemptReason.AGENT_CRASHED,
    AgentStatus.FAILED: AttemptReason.AGENT_FAILED,
}


def run(runtime: Runtime, attempt: Attempt) -> Attempt:
    """A claimed Attempt, or one that a dead daemon left running, up to a kept change or a reason why there is none."""
    if attempt.starts >= MOST_STARTS:
        return ledger.fail(
            runtime, attempt, AttemptReason.INTERRUPTED, f"started {attempt.starts} times, never finished"
        )
    target = runtime.target(attempt.target)
    repository = Repository(target.repo)
    # From where the branch is now: while this waited for its place, another change may have gone in.
    base = repository.resolve(f"refs/heads/{target.branch}") or attempt.base
    isolation = dispatch.isolation_for(runtime, target)  # what holds now: a person may have tightened it meanwhile
    if isolation == Isolation.NONE:
        return ledger.fail(runtime, attempt, AttemptReason.CANCELLED, isolation.gloss)
    starts = attempt.starts + 1
    attempt = ledger.advance(runtime, attempt, AttemptStatus.RUNNING, starts=starts, base=base, isolation=isolation)
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        return ledger.fail(runtime, attempt, AttemptReason.CANCELLED, "its Spec is gone")
    refusal = _baseline(runtime, attempt, spec)
    if runtime.stop.is_set():
        return attempt  # a shutdown is no end: the next daemon starts it again
    if refusal:
        return ledger.fail(runtime, attempt, *refusal)
    with _worktree(runtime, attempt, repository) as tree:
        report = _agent(runtime, attempt, spec, repository, tree)
        if runtime.stop.is_set():
            return attempt
        return _conclude(runtime, attempt, spec, report, repository, tree)


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
    if boxed.code == 0 or runtime.stop.is_set():
        return None
    _keep(runtime, attempt, "baseline.txt", boxed.output)
    ending = "did not end in time" if boxed.code is None else f"ended with {boxed.code}"
    return AttemptReason.BASELINE_RED, f"`{' '.join(target.test)}` {ending} on {attempt.base[:12]}: make it green first"


@contextmanager
def _worktree(runtime: Runtime, attempt: Attempt, repository: Repository) -> Iterator[Path]:
    """A fresh worktree at the base; it is gone afterwards, whatever happened in it."""
    tree = folder(runtime, attempt) / "tree"
    repository.remove_worktree(tree)
    repository.worktree(tree, attempt.base)
    try:
        yield tree
    finally:
        repository.remove_worktree(tree)


def folder(runtime: Runtime, attempt: Attempt) -> Path:
    path = runtime.data.attempts / attempt.id
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _agent(runtime: Runtime, attempt: Attempt, spec: Spec, repository: Repository, tree: Path) -> AgentReport:
    target = runtime.target(attempt.target)
    plugin = plugins.load("agents", attempt.agent)
    config = plugin_config(runtime.settings, "agents", attempt.agent, plugin)
    if missing := plugin.missing(config):
        return AgentReport(status=AgentStatus.FAILED, detail=missing)
    job = _job(runtime, attempt, spec, target, tree)
    log = folder(runtime, attempt) / "model.jsonl"
    with sandbox.ModelProxy(folder(runtime, attempt), attempt.isolation, log=log, clock=runtime.clock) as proxy:
        launch = plugin.command(replace(job, base_url=proxy.base_url, model_key=proxy.key), config)
        if launch.upstream:
            most = REQUESTS_A_TURN * spec.budget.turns
            proxy.lead_to(launch.upstream, launch.upstream_headers, launch.upstream_paths, most)
        order = sandbox.Order(
            argv=launch.argv,
            tree=tree,
            wall_clock_s=spec.budget.wall_clock_s,
            env=launch.env,
            programs=tuple(target.test[:1]),
            writable=(job.home,),
            readable=(job.side, *target.readable, *launch.readable),
            stdin=launch.stdin,
            git_dir=repository.git_dir,
            model_socket=proxy.socket,
            model_port=proxy.port,
        )
        return _followed(runtime, attempt, plugin, order)


def _followed(runtime: Runtime, attempt: Attempt, plugin: ModuleType, order: sandbox.Order) -> AgentReport:
    """Run it, keep every line it prints, and fold them into what it says of itself."""
    report = AgentReport()
    with (folder(runtime, attempt) / "transcript.jsonl").open("w") as transcript:

        def heard(line: str) -> None:
            nonlocal report
            if transcript.tell() < LONGEST_TRANSCRIPT:
                transcript.write(line.rstrip("\n") + "\n")
            report = plugin.parse(report, line)

        boxed = sandbox.run(order, attempt.isolation, on_line=heard, stop=runtime.stop)
    _keep(runtime, attempt, "output.txt", boxed.output)
    if boxed.code is None:
        minutes = f"{order.wall_clock_s / 60:g} min"
        return replace(report, status=AgentStatus.TIMEOUT, detail=f"stopped after {minutes}")
    ended: AgentReport = plugin.ended(report, boxed.code)
    return ended


def _job(runtime: Runtime, attempt: Attempt, spec: Spec, target: Target, tree: Path) -> Job:
    side, home = folder(runtime, attempt) / "side", folder(runtime, attempt) / "home"
    for path in (side, home):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(specify.folder(runtime, spec.id), side)
    home.mkdir(mode=0o700)
    feedback = _feedback(runtime, attempt)
    prompt = briefing.prompt(spec, target, side, feedback)
    (folder(runtime, attempt) / "prompt.md").write_text(prompt)
    return Job(
        attempt_id=attempt.id,
        prompt=prompt,
        tree=tree,
        side=side,
        home=home,
        base_url="",
        kind=spec.kind,
        location=f"{spec.location.file} {spec.location.function}".strip() if spec.location else "",
        turns=spec.budget.turns,
        usd=spec.budget.usd,
        test=tuple(target.test),
        protected_paths=spec.protected_paths,
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
    told = {"usd": report.usd, "tokens": report.tokens, "summary": report.summary}
    if report.status != AgentStatus.COMPLETED:
        return ledger.fail(runtime, attempt, ENDS[report.status], report.detail, **told)
    trailers = {"Improver-Finding": attempt.finding_id, "Improver-Attempt": attempt.id, "Improver-Agent": attempt.agent}
    try:
        commit = repository.snapshot(
            tree, attempt.base, _message(spec), trailers, f"refs/improver/attempts/{attempt.id}"
        )
    except ImproverError as error:
        # The Agent was paid, whatever it left: this counts as a try.
        return ledger.fail(runtime, attempt, AttemptReason.UNUSABLE, error.message, **told)
    if commit is None:
        return ledger.fail(runtime, attempt, AttemptReason.NO_CHANGE, "the worktree is as it was", **told)
    return ledger.advance(runtime, attempt, AttemptStatus.RAN, commit=commit, **told)


def _message(spec: Spec) -> str:
    if spec.location is None:
        return f"Fix a {spec.kind}"
    place = f"{spec.location.function} ({spec.location.file})" if spec.location.function else spec.location.file
    return f"Fix the {spec.kind} in {place}"


def _keep(runtime: Runtime, attempt: Attempt, name: str, text: str) -> None:
    (folder(runtime, attempt) / name).write_text(text)
