"""Judges an Attempt's change: the Gates in order, on what improver took from git, until one refuses."""

from types import ModuleType

from improver import ledger, plugins
from improver.change import AttemptChange, Commands, SetupFailed
from improver.config import plugin_config
from improver.errors import ImproverError
from improver.model import Attempt, AttemptReason, AttemptStatus, Result, Spec, Verdict
from improver.model.configured import Configured
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records


def judge(runtime: Runtime, attempt: Attempt) -> Attempt:
    """From `ran` to `judged`, or to its end with the Gate's reason."""
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        return ledger.fail(runtime, attempt, AttemptReason.CANCELLED, "its Spec is gone")
    try:
        verdicts = _verdicts(runtime, attempt, spec)
    except SetupFailed as error:
        if runtime.stop.is_set():
            return attempt
        return ledger.fail(runtime, attempt, AttemptReason.SETUP_FAILED, error.message)
    if runtime.stop.is_set():
        return attempt  # cut short: judged again by the next daemon
    refusals = [v for v in verdicts if v.result == Result.FAILED]
    if refusals:
        first = refusals[0]
        detail = f"{first.gate}: {first.reason}{f' ({first.detail})' if first.detail else ''}"
        return ledger.fail(runtime, attempt, AttemptReason.GATE_FAILED, detail, verdicts=verdicts)
    return ledger.advance(runtime, attempt, AttemptStatus.JUDGED, verdicts=verdicts)


def _verdicts(runtime: Runtime, attempt: Attempt, spec: Spec) -> tuple[Verdict, ...]:
    verdicts: list[Verdict] = []
    with change_of(runtime, attempt, spec) as change:
        for name in gates(runtime):
            plugin = plugins.load("gates", name)
            config = plugin_config(runtime.settings, "gates", name, plugin)
            verdicts.append(_verdict(name, plugin, change, config))
            if verdicts[-1].result == Result.FAILED:
                break
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
    commands = Commands(
        setup=tuple(target.setup),
        test=tuple(target.test),
        readable=tuple(target.readable),
        isolation=attempt.isolation,
        wall_clock_s=runtime.settings.dispatch.test_minutes * 60,
        env={"PATH": runtime.path},
        stop=runtime.stop,
    )
    return AttemptChange(
        repository=Repository(target.repo),
        spec=records.changed(
            spec,
            # What is protected now counts as well: a person may have tightened it since the Spec was written.
            protected_paths=tuple({*spec.protected_paths, *target.protected_paths}),
            allowed_paths=tuple(target.allowed_paths),
        ),
        base=attempt.base,
        commit=attempt.commit or attempt.base,
        commands=commands,
        below=runtime.data.attempts / attempt.id,
    )


def gates(runtime: Runtime) -> list[str]:
    """Every Gate, in its order; none of improver's own can be switched off by the config."""
    known = {*plugins.names("gates"), *plugins.enabled("gates", runtime.settings.gates)}
    return sorted(known, key=lambda name: (plugins.load("gates", name).ORDER, name))
