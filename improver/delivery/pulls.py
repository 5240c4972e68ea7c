"""Looks after open pull requests: what became of them, what was asked below them, those that conflict or grow old."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from improver.config import Target
from improver.delivery import fence, forge, messages, pull_comments, pull_rebase
from improver.delivery.forge import Forge
from improver.dispatching import agent_run, ledger
from improver.errors import ImproverError, RateLimited
from improver.machine import files
from improver.model import Attempt, AttemptReason, AttemptStatus, Autonomy, Pull, PullState, PullStatus
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records

log = logging.getLogger(__name__)

EVERY_S = 120
# Labels by which a person says why; any other closing is just that.
SAID = (
    "not_a_bug", "wont_fix", "wontfix", "duplicate", "invalid", "third_party", "fixed_elsewhere", "wrong_fix",
    "incomplete", "too_risky",
)  # fmt: skip
CLOSED = "closed"
OURS = {
    AttemptReason.STALE: "Nobody took this change in time: improver closes it. `improver dispatch` tries again.",
    AttemptReason.SUPERSEDED: "Another Attempt was asked for: improver closes this one.",
    AttemptReason.REJECTED: "improver was told to stop: this is closed, and its Finding dismissed.",
    AttemptReason.CONFLICT: "Rebased onto its base, this change no longer passes improver's Gates: it is closed.",
    AttemptReason.CANCELLED: "A person cancelled this Attempt: improver closes it.",
}


# The last one of a Finding that is open again: what is said below it is about the next Attempt.
MOST_EARLIER = 10
EARLIER = """
state <> 'open' and wish = '' and id in (select arg_max(id, opened_at) from pulls group by finding_id)
    and finding_id in (select id from findings where status = 'open' and
        (pulls.updated_at > $since or coalesce(reopened_at, pulls.updated_at) > $since))
order by updated_at desc limit $most
"""


def poll(runtime: Runtime) -> int:
    """Look at every pull request that is open, or below which something can be asked for; how many there were."""
    if runtime.data.paused() or not runtime.looking.acquire(blocking=False):
        return 0
    try:
        return _poll(runtime)
    finally:
        runtime.looking.release()
        messages.settle(runtime)


def _poll(runtime: Runtime) -> int:
    with runtime.warehouse.state.reading() as reader:
        due = records.select(reader, Pull, "state = 'open' or wish <> '' order by updated_at")
        since = (runtime.clock() - timedelta(days=runtime.settings.dispatch.stale_days)).replace(tzinfo=None)
        due += records.select(reader, Pull, EARLIER, {"since": since, "most": MOST_EARLIER})
    for name in {pull.target for pull in due} & runtime.settings.targets.keys():
        _look(runtime, runtime.target(name), [pull for pull in due if pull.target == name])
    return len(due)


def _look(runtime: Runtime, target: Target, due: Iterable[Pull]) -> None:
    """One that cannot be looked at does not keep the others from it; a forge that is busy is left alone."""
    if _busy(runtime, target.forge):
        return
    with forge.reached(runtime, target) as there:
        for pull in due:
            if runtime.data.paused() or runtime.stop.is_set():
                return
            try:
                look(runtime, target, there, pull)
            except RateLimited as busy:
                until = (runtime.clock() + timedelta(seconds=busy.wait_s)).isoformat()
                files.write(_busy_file(runtime, target.forge), until.encode())
                log.warning("a forge asks to wait", extra={"forge": target.forge, "until": until})
                return
            except ImproverError as error:
                log.warning("a pull request was not looked at", extra={"pull": pull.url, "error": error.message})


def look(runtime: Runtime, target: Target, there: Forge, known: Pull) -> Pull:
    """Take one pull request a step on; every step is written down before the next, and told once."""
    with runtime.warehouse.state.reading() as reader:
        attempt = records.get(reader, Attempt, known.id)
    if attempt is None or (attempt.status.live and attempt.status != AttemptStatus.AWAITING):
        return known  # its change is being judged, or delivered
    if known.state == PullState.OPEN:
        pull = _seen(runtime, target, there, attempt, known)
    else:
        pull = known if known.wish else pull_comments.read(runtime, there, known)
    return pull_comments.grant(runtime, there, pull) if pull.wish and not pull.closing else pull


def _seen(runtime: Runtime, target: Target, there: Forge, attempt: Attempt, pull: Pull) -> Pull:
    """What became of one that was open, and what an open one needs next."""
    status = there.status(pull.url)
    pull = _noted(runtime, attempt, pull, status)
    if status.state == PullState.CLOSED:
        return _closed(runtime, target, attempt, pull, status)
    return _open(runtime, target, there, attempt, pull) if status.state == PullState.OPEN else pull


def _noted(runtime: Runtime, attempt: Attempt, pull: Pull, status: PullStatus) -> Pull:
    """As the forge shows it; what is closed is noted together with what follows from it."""
    seen = records.changed(
        pull,
        state=PullState.MERGED if status.state == PullState.MERGED else pull.state,
        commit=status.commit,
        checks=status.checks,
        failing=status.failing,
        conflict=status.conflict,
        draft=status.draft,
    )
    if seen.state == PullState.MERGED and attempt.status == AttemptStatus.AWAITING:
        # Who merges it has approved it.
        ledger.deliver(runtime, attempt, Autonomy.PR, seen, delivered_commit=attempt.commit, url=pull.url)
        agent_run.clear(runtime, attempt)
        return seen
    return ledger.note_pull(runtime, seen) if seen != pull else pull


def _closed(runtime: Runtime, target: Target, attempt: Attempt, pull: Pull, status: PullStatus) -> Pull:
    """A person closed it, and that is a rejection; or improver did, and has said why before."""
    word = next((label for label in (_word(one) for one in status.labels) if label in SAID), CLOSED)
    reason, note = pull.closing or AttemptReason.REJECTED, pull.note
    if pull.closing:
        word = f"/improver {pull.wish}" if pull.wish else reason.gloss
        # The branch goes with it, if it is still what improver pushed.
        pushed = attempt.delivered_commit or attempt.commit
        try:
            fence.withdraw(runtime, attempt, Repository(target.repo), target.remote, pushed)
        except ImproverError as error:
            if error.retryable:
                raise
            note = f"{attempt.branch} stays on {target.remote}, which does not let it be deleted"
    gone = records.changed(
        pull, state=PullState.CLOSED, closed_as=word, closing=AttemptReason.NONE, note=note, updated_at=runtime.clock()
    )
    ledger.take_back(runtime, attempt, gone, reason, word)
    agent_run.clear(runtime, attempt)
    return gone


def _word(label: str) -> str:
    return label.strip().lower().replace(" ", "_").replace("-", "_")


def _open(runtime: Runtime, target: Target, there: Forge, attempt: Attempt, pull: Pull) -> Pull:
    """What an open one needs next."""
    if not pull.closing and not pull.wish:
        pull = pull_comments.read(runtime, there, pull)
        if attempt.status == AttemptStatus.AWAITING and not pull.wish:
            pull = pull_comments.reviewed(runtime, there, attempt, pull)
    if reason := pull.closing or _reason_to_close(runtime, attempt, pull):
        return _close(runtime, target, there, attempt, pull, reason)
    if pull.conflict and not pull.wish and attempt.status == AttemptStatus.DELIVERED:
        return pull_rebase.rebase(runtime, target, attempt, pull)
    return pull


def _reason_to_close(runtime: Runtime, attempt: Attempt, pull: Pull) -> AttemptReason:
    if pull.wish in pull_comments.CLOSES:
        return pull_comments.CLOSES[pull.wish]
    if attempt.status == AttemptStatus.FAILED:
        return attempt.reason if attempt.reason in OURS else AttemptReason.CONFLICT
    old = runtime.clock() - pull.opened_at > timedelta(days=runtime.settings.dispatch.stale_days)
    return AttemptReason.STALE if old else AttemptReason.NONE


def _close(
    runtime: Runtime, target: Target, there: Forge, attempt: Attempt, pull: Pull, reason: AttemptReason
) -> Pull:
    """Noted before it is done: what improver closes is no rejection of a person's."""
    pull = ledger.note_pull(runtime, records.changed(pull, closing=reason))
    with runtime.audit.effect("close_pull_request", attempt.id, url=pull.url, because=reason):
        there.close(pull.url, OURS[reason])
    return _closed(runtime, target, attempt, pull, PullStatus(state=PullState.CLOSED, commit=pull.commit))


def _busy(runtime: Runtime, forge_name: str) -> bool:
    file = _busy_file(runtime, forge_name)
    return file.exists() and runtime.clock() < datetime.fromisoformat(file.read_text())


def _busy_file(runtime: Runtime, forge_name: str) -> Path:
    """Kept, so that a daemon that starts again does not ask at once."""
    return runtime.data.polls / f"forge-{forge_name}.txt"
