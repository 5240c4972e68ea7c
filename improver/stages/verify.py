"""Judges an Attempt's change: the Gates in order, on what improver took from git, the quick ones all."""

from types import ModuleType

from improver import plugins
from improver.config import Target, plugin_config
from improver.dispatching import cancelling, ledger, rounds, spend
from improver.dispatching.change import AttemptChange, Commands, SetupFailed
from improver.dispatching.reviewing import Reviewer
from improver.dispatching.setups import Setups
from improver.errors import ImproverError
from improver.model import AgentReport, Attempt, AttemptReason, AttemptStatus, Finding, Result, Spec, Verdict
from improver.model.configured import Configured
from improver.repo import Repository
from improver.runtime import Runtime
from improver.sandbox import Network, limits_of
from improver.sandbox.limits import MIB
from improver.warehouse import records

SLOW = 50  # Gates from this ORDER on run programs


def judge(runtime: Runtime, attempt: Attempt) -> Attempt:
    """From `ran` to `judged`, back to its Agent with what a Gate said, or to its end with the Gate's reason."""
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        return ledger.fail(runtime, attempt, AttemptReason.CANCELLED, "its Spec is gone")
    try:
        verdicts = _verdicts(runtime, attempt, spec)
    except SetupFailed as error:
        if cancelling.halted(runtime, attempt):
            return attempt
        return ledger.fail(runtime, attempt, AttemptReason.SETUP_FAILED, error.message)
    if cancelling.halted(runtime, attempt):
        return attempt  # cut short: judged again by the next daemon
    refusals = tuple(v for v in verdicts if v.result == Result.FAILED)
    if refusals and rounds.granted(runtime, attempt, refusals):
        return ledger.advance(runtime, attempt, AttemptStatus.RUNNING, verdicts=verdicts, **_cost(runtime, attempt))
    if refusals:
        first = refusals[0]
        detail = f"{first.gate}: {first.reason}{f' ({first.detail})' if first.detail else ''}"
        more = f", and {', '.join(v.gate for v in refusals[1:])}" if refusals[1:] else ""
        told = {"verdicts": verdicts, **_cost(runtime, attempt)}
        return ledger.fail(runtime, attempt, AttemptReason.GATE_FAILED, f"{detail}{more}", **told)
    return ledger.advance(runtime, attempt, AttemptStatus.JUDGED, verdicts=verdicts, **_cost(runtime, attempt))


def _cost(runtime: Runtime, attempt: Attempt) -> dict[str, float | int | None]:
    """With what a review has cost."""
    return spend.told(runtime, attempt, AgentReport(usd=attempt.usd, tokens=attempt.tokens))


def _verdicts(runtime: Runtime, attempt: Attempt, spec: Spec) -> tuple[Verdict, ...]:
    """All that reading can tell, so that a second try hears of it at once; then the slow ones, until one refuses."""
    verdicts: list[Verdict] = []
    with change_of(runtime, attempt, spec) as change:
        for name in gates(runtime):
            plugin = plugins.load("gates", name)
            if plugin.ORDER >= SLOW and any(v.result == Result.FAILED for v in verdicts):
                break
            config = plugin_config(runtime.settings, "gates", name, plugin)
            verdicts.append(_verdict(name, plugin, change, config))
    return tuple(verdicts)


def _verdict(name: str, plugin: ModuleType, change: AttemptChange, config: Configured) -> Verdict:
    """A Gate that cannot judge refuses: what was not checked is not delivered."""
    try:
        verdict, failure = plugins.guarded(
            "gates", name, lambda: plugin.judge(change, config), passing=(SetupFailed, ImproverError)
        )
    except ImproverError as error:
        if error.retryable or isinstance(error, SetupFailed):
            raise
        verdict, failure = None, error.message
    return verdict or Verdict(gate=name, result=Result.FAILED, reason="gate_broken", detail=failure)


def change_of(runtime: Runtime, attempt: Attempt, spec: Spec) -> AttemptChange:
    """The Attempt's change, or nothing but its base while there is none."""
    target = runtime.target(attempt.target)
    with runtime.warehouse.state.reading() as reader:
        finding = records.get(reader, Finding, attempt.finding_id)
    commands = Commands(
        setup=tuple(target.setup),
        setup_inputs=tuple(target.setup_inputs),
        setup_network=Network.SHARED if target.setup_network else Network.NONE,
        setups=Setups(runtime.data.setups, runtime.settings.sandbox.setup_cache_mb * MIB),
        test=tuple(target.test),
        lint=tuple(target.lint),
        readable=tuple(target.readable),
        isolation=attempt.isolation,
        wall_clock_s=runtime.settings.dispatch.test_minutes * 60,
        env={"PATH": runtime.path},
        limits=limits_of(runtime.settings.sandbox),
        stop=cancelling.Halt(runtime, attempt),
    )
    return AttemptChange(
        repository=Repository(target.repo),
        spec=records.changed(
            spec,
            # What is protected now counts as well: a person may have tightened it since the Spec was written.
            protected_paths=tuple({*spec.protected_paths, *target.protected_paths, *_own_config(runtime, target)}),
            allowed_paths=tuple(target.allowed_paths),
        ),
        base=attempt.base,
        commit=attempt.commit or attempt.base,
        commands=commands,
        below=runtime.data.attempts / attempt.id,
        frames=finding.frames if finding else (),
        reviewer=Reviewer(runtime, attempt, spec),
    )


def _own_config(runtime: Runtime, target: Target) -> list[str]:
    """The config that this daemon was started with, where it lies in the repository that it may change."""
    source = runtime.settings.source
    if source is None or not source.resolve().is_relative_to(target.repo.resolve()):
        return []
    return [f"/{source.resolve().relative_to(target.repo.resolve())}"]


def gates(runtime: Runtime) -> list[str]:
    """Every Gate, in its order; none of improver's own can be switched off by the config."""
    known = {*plugins.names("gates"), *plugins.enabled("gates", runtime.settings.gates)}
    return sorted(known, key=lambda name: (plugins.load("gates", name).ORDER, name))
