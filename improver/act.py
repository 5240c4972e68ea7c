"""Everything that can be done: one function each, the same for the CLI, the web API and MCP."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from improver import feedback as remarks
from improver import pipeline
from improver.analysis import merging
from improver.answers.findings import find
from improver.answers.sql import database_of
from improver.delivery import messages, pulls
from improver.dispatching import agent_run, approvals, attempts, cancelling, ledger, planning
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import (
    UNTIL_ESCALATING,
    Act,
    AttemptStatus,
    Deployment,
    FindingStatus,
    SkipReason,
    Trend,
)
from improver.runtime import Runtime
from improver.stages import dispatch as dispatching
from improver.stages import observe
from improver.upkeep.replay import replay, replay_since
from improver.warehouse import adhoc

# A fixed list, so that dismissals can be counted and learned from.
DISMISSALS = ("not_a_bug", "wont_fix", "duplicate", "third_party", "test_traffic", "fixed_elsewhere", UNTIL_ESCALATING)


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def said(
    function: Callable[Concatenate[Runtime, Asked], Answer],
) -> Callable[Concatenate[Runtime, Asked], Answer]:
    """A person's word, written down before it is acted on."""

    @wraps(function)
    def noted(runtime: Runtime, /, *positional: Asked.args, **asked: Asked.kwargs) -> Answer:
        about = str(asked.get("id") or asked.get("target") or asked.get("key") or "improver")
        runtime.audit.note(Act.SAID, about, what=function.__name__, **asked)
        return function(runtime, *positional, **asked)

    return noted


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """How much each stage did in one pass."""

    events: int
    stages: dict[str, int]
    attempts: int


@said
def dispatch(runtime: Runtime, *, id: str) -> Done:
    """Attempt a Finding now, whatever the auto-dispatch policy says."""
    reckoning = dispatching.reckon(runtime, planning.specified(runtime, id))
    if reckoning.skip:
        problem = f"finding {reckoning.finding.id} cannot be dispatched: {reckoning.skip}"
        raise ImproverError(problem, hint=planning.hint(runtime, reckoning))
    attempt = dispatching.claim_for_person(runtime, reckoning)
    if attempt is None:
        raise ImproverError(
            f"finding {reckoning.finding.id} has a live Attempt already", hint="`improver attempts` shows it"
        )
    return Done(message=f"attempt {attempt.id} claimed: {attempt.agent}, at most {attempt.autonomy}")


@said
def approve(runtime: Runtime, *, id: str) -> Done:
    """Approve what waits for a person: an Attempt's change, or the Spec of a Finding."""
    if waiting := attempts.awaiting(runtime, id):
        if len(waiting) > 1:
            raise ImproverError(f"{id!r} fits more than one attempt", hint="`improver attempts` lists them")
        approvals.approve_change(runtime, waiting[0])
        return Done(message=f"the change of attempt {waiting[0].id} is approved: it is delivered")
    finding = planning.specified(runtime, id)
    if finding.status == FindingStatus.ATTEMPTING:
        raise ImproverError(f"the attempt of finding {finding.id} is not judged yet", hint="wait for its Gates")
    if finding.location is None:
        raise ImproverError(f"finding {finding.id} has no Spec to approve", hint=SkipReason.NO_LOCATION.gloss)
    approvals.approve_spec(runtime, finding)
    runtime.wake.set()
    return Done(message=f"the Spec of finding {finding.id} is approved")


@said
def dismiss(runtime: Runtime, *, id: str, reason: str) -> Done:
    """Say that a Finding is not to be worked on; `until_escalating` ends by itself when it escalates."""
    if reason not in DISMISSALS:
        raise ImproverError(f"{reason!r} is no reason to dismiss", hint=f"one of: {', '.join(DISMISSALS)}")
    with runtime.warehouse.state.reading() as reader:
        finding = find(reader, id)
    if waiting := attempts.awaiting(runtime, finding.id):
        ledger.reject(runtime, waiting[0], reason)
        agent_run.clear(runtime, waiting[0])
        finding = replace(finding, status=FindingStatus.OPEN)
    if finding.status == FindingStatus.ATTEMPTING:
        raise ImproverError(f"finding {finding.id} has a live Attempt", hint="wait for its end")
    if reason == UNTIL_ESCALATING and finding.trend == Trend.ESCALATING:
        raise ImproverError(
            f"finding {finding.id} is escalating now: it would be back at once",
            hint="give another reason, or wait a day",
        )
    if not ledger.set_finding(runtime, finding, FindingStatus.DISMISSED, dismissed_reason=reason, skipped=None):
        raise ImproverError(f"finding {finding.id} has just changed", hint="look at it again")
    return Done(message=f"finding {finding.id} dismissed: {reason}")


@said
def cancel(runtime: Runtime, *, attempt: str) -> Done:
    """End an Attempt: its Agent, and all that it started, is killed, and nothing of it leaves."""
    found = attempts.named(runtime, attempt)
    if not found.status.live:
        raise ImproverError(f"attempt {found.id} has ended: {found.status}", hint="`improver attempts` lists them")
    cancelling.cancel(runtime, found)
    if found.status == AttemptStatus.AWAITING or not runtime.presence.running:
        attempts.end(runtime, found)  # nobody drives it who could
    runtime.wake.set()
    again = f"`improver dismiss {found.finding_id}` keeps its Finding from being attempted again"
    return Done(message=f"attempt {found.id} is cancelled; {again}")


@said
def merge(runtime: Runtime, *, id: str, into: str) -> Done:
    """Make two Findings one, and remember it: what `id` counts is counted with `into` from now on."""
    with runtime.warehouse.state.transaction() as writer:
        one, other = find(writer, id), find(writer, into)
        merged = merging.merge(writer, one, other, runtime.clock())
    runtime.wake.set()
    return Done(message=f"finding {one.id} is merged into {merged.id}; `improver findings split {one.id}` undoes it")


@said
def split(runtime: Runtime, *, id: str) -> Done:
    """Take merged Findings apart, and remember it: they are never merged by themselves again."""
    with runtime.warehouse.state.transaction() as writer:
        apart = merging.split(writer, find(writer, id), runtime.clock())
    runtime.wake.set()
    return Done(message=f"told apart: {', '.join(apart)}; the next pass counts them by themselves")


@said
def deployed(runtime: Runtime, *, revision: str, target: str = "", environment: str = "") -> Deployment:
    """Say that a revision runs, where telemetry does not; without an environment, in all of them."""
    names = [target] if target else list(runtime.settings.targets)
    if len(names) != 1:
        raise ImproverError("which target?", hint=f"--target, one of: {', '.join(names) or 'none is configured'}")
    deployment = observe.record(runtime, names[0], environment, revision, runtime.clock(), "person")
    if not deployment.commit:
        raise ImproverError(
            f"{revision!r} is no commit of {names[0]}", hint="give a commit, tag or branch of the target's repository"
        )
    runtime.wake.set()
    return deployment


@said
def pause(runtime: Runtime, *, reason: str = "paused by a person") -> Done:
    """Stop every effect outside: nothing is dispatched or delivered until `resume`. Telemetry still comes in."""
    runtime.data.pause(reason)
    return Done(message="paused: nothing will be dispatched or delivered; `improver resume` ends it")


@said
def resume(runtime: Runtime) -> Done:
    """Go on after a pause, or after the breaker."""
    runtime.data.resume()
    runtime.wake.set()
    return Done(message="resumed")


def once(runtime: Runtime) -> Pass:
    """One pass: telemetry in, analysis, and the Attempts that follow. Beside a daemon, its pool runs the Attempts."""
    events = pipeline.digest(runtime)
    stages = pipeline.analyse(runtime)
    if runtime.presence.running:
        return Pass(events=events, stages=stages, attempts=0)
    attempts.reap(runtime)
    messages.adopt(runtime)
    pulls.poll(runtime)
    driven = attempts.drive_all(runtime)
    messages.settle(runtime)
    return Pass(events=events, stages=stages, attempts=driven)


def feedback(
    runtime: Runtime,
    *,
    said: str = "",
    goal: str = "",
    attempted: str = "",
    blocker: str = "",
    suggestion: str = "",
    calls_wasted: int = 0,
    about: str = "",
    target: str = "",
    user: str = "",
    session: str = "",
    environment: str = "",
) -> Done:
    """Say what is wrong with the software: the goal, what was attempted, what blocked it, what would be better.

    A blocker, a suggestion or something said in free words is needed. `calls_wasted` counts tool calls that were in
    vain, `about` names the tool or page, `target` the repository if there are several.
    """
    fields: dict[str, object] = {
        "said": said, "goal": goal, "attempted": attempted, "blocker": blocker, "suggestion": suggestion,
        "calls_wasted": calls_wasted, "about": about, "service": remarks.target_of(runtime, target), "user": user,
        "session": session, "environment": environment,
    }  # fmt: skip
    remarks.remark(runtime, {name: value for name, value in fields.items() if value})
    return Done(message="noted: thank you")


@said
def revoke(runtime: Runtime, *, key: str) -> Done:
    """End a key, by its id: nothing that shows it is taken any more."""
    revoked = Keys.revoke(runtime.data.keys, key, runtime.clock)
    return Done(message=f"key {revoked.id} of {revoked.target} is revoked")


def export(runtime: Runtime, *, table: str, file: str) -> Done:
    """Write a whole table to a new file, as Parquet or as CSV that no spreadsheet takes for formulas."""
    place = Path(file)
    if place.suffix not in adhoc.FORMATS:
        raise ImproverError(f"{file!r} is neither Parquet nor CSV", hint=f"end it with {' or '.join(adhoc.FORMATS)}")
    if place.exists():
        raise ImproverError(f"{file} exists", hint="name another file: none is written over")
    database = database_of(runtime, frozenset({table}))
    fresh = database.copies / f"export-{secrets.token_hex(4)}{place.suffix}"
    try:
        rows = adhoc.export(database, table, fresh)
        shutil.move(fresh, place)
    except OSError as error:
        raise ImproverError(f"cannot write {file}: {error.strerror}", hint="name a file that can be written") from error
    finally:
        fresh.unlink(missing_ok=True)
    return Done(message=f"{rows:,} rows of {table} are in {file}")


ACTIONS = {
    function.__name__: function
    for function in (
        dispatch, planning.dry_run, approve, dismiss, cancel, merge, split, deployed, pause, resume, once, feedback,
        replay, replay_since, revoke,
    )
}  # fmt: skip
