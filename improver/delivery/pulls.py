"""Looks after open pull requests: what became of them, what was asked below them, those that conflict or grow old."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from improver.config import Target
from improver.delivery import fence, forge, pull_comments, pull_rebase
from improver.delivery.forge import Forge
from improver.dispatching import ledger
from improver.errors import ImproverError, RateLimited
from improver.machine import files
from improver.model import Attempt, AttemptReason, AttemptStatus, Pull, PullState, PullStatus
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
}


def poll(runtime: Runtime) -> int:
    """Look at every pull request that is open, or below which something was asked for; how many there were."""
    if runtime.data.paused() or not runtime.looking.acquire(blocking=False):
        return 0
    try:
        return _poll(runtime)
    finally:
        runtime.looking.release()


def _poll(runtime: Runtime) -> int:
    with runtime.warehouse.state.reading() as reader:
        due = records.select(reader, Pull, "state = 'open' or wish <> '' order by updated_at")
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


def look(runtime: Runtime, target: Target, there: Forge, pull: Pull) -> Pull:
    """Take one pull request a step on; every step is written down before the next."""
    with runtime.warehouse.state.reading() as reader:
        attempt = records.get(reader, Attempt, pull.id)
    if attempt is None or attempt.status.live:
        return pull  # its rebased change is being judged, or delivered
    if pull.state == PullState.OPEN:
        status = there.status(pull.url)
        pull = _noted(runtime, pull, status)
        if status.state == PullState.CLOSED:
            pull = _closed(runtime, target, attempt, pull, status)
        elif status.state == PullState.OPEN:
            pull = _open(runtime, target, there, attempt, pull)
    return pull_comments.grant(runtime, there, attempt, pull) if pull.wish and not pull.closing else pull


def _noted(runtime: Runtime, pull: Pull, status: PullStatus) -> Pull:
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
    return ledger.note_pull(runtime, seen) if seen != pull else pull


def _closed(runtime: Runtime, target: Target, attempt: Attempt, pull: Pull, status: PullStatus) -> Pull:
    """A person closed it, and that is a rejection; or improver did, and has said why before."""
    word = next((label for label in (_word(one) for one in status.labels) if label in SAID), CLOSED)
    reason = pull.closing or AttemptReason.REJECTED
    if pull.closing:
        word = f"/improver {pull.wish}" if pull.wish else reason.gloss
        # The branch goes with it, if it is still what improver pushed.
        fence.withdraw(runtime, attempt, Repository(target.repo), target.remote, attempt.delivered_commit)
    gone = records.changed(
        pull, state=PullState.CLOSED, closed_as=word, closing=AttemptReason.NONE, updated_at=runtime.clock()
    )
    ledger.take_back(runtime, attempt, gone, reason, word)
    return gone


def _word(label: str) -> str:
    return label.strip().lower().replace(" ", "_").replace("-", "_")


def _open(runtime: Runtime, target: Target, there: Forge, attempt: Attempt, pull: Pull) -> Pull:
    """What an open one needs next."""
    if not pull.closing and not pull.wish:
        pull = pull_comments.read(runtime, there, pull)
    if reason := pull.closing or _reason_to_close(runtime, attempt, pull):
        return _close(runtime, target, there, attempt, pull, reason)
    if pull.conflict and not pull.wish:
        return pull_rebase.rebase(runtime, target, attempt, pull)
    return pull


def _reason_to_close(runtime: Runtime, attempt: Attempt, pull: Pull) -> AttemptReason:
    if pull.wish in pull_comments.CLOSES:
        return pull_comments.CLOSES[pull.wish]
    if attempt.status == AttemptStatus.FAILED:
        return AttemptReason.CONFLICT
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
