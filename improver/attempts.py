"""The bounded pool that drives Attempts: claimed → running → ran → judged → delivered, resumable at each arrow."""

import logging
import threading
from collections.abc import Callable

from improver import agent_run, ledger, tell
from improver.errors import ImproverError
from improver.model import Attempt, AttemptReason, AttemptStatus
from improver.repo import Repository
from improver.runtime import Runtime
from improver.stages import deliver, verify
from improver.warehouse import records

log = logging.getLogger(__name__)

STEPS: dict[AttemptStatus, Callable[[Runtime, Attempt], Attempt]] = {
    AttemptStatus.CLAIMED: agent_run.run,
    AttemptStatus.RUNNING: agent_run.run,
    AttemptStatus.RAN: verify.judge,
    AttemptStatus.JUDGED: deliver.deliver,
}


def drive(runtime: Runtime, attempt: Attempt) -> Attempt:
    """Take an Attempt as far as it goes: to its end, or to where a shutdown or a pause finds it."""
    while attempt.status.live and not runtime.stop.is_set() and not runtime.data.paused():
        log.info("an Attempt moves on", extra={"attempt": attempt.id, "status": attempt.status.value})
        attempt = STEPS[attempt.status](runtime, attempt)
        if not attempt.status.live:
            tell.end(runtime, attempt)
    return attempt


def drive_all(runtime: Runtime) -> int:
    """Drive every live Attempt, one after the other: `improver once`, where there is no pool."""
    driven = 0
    for attempt in live(runtime):
        drive_guarded(runtime, attempt)
        driven += 1
    return driven


def drive_guarded(runtime: Runtime, attempt: Attempt) -> None:
    """An ImproverError ends the Attempt; one worth retrying leaves it where it is."""
    try:
        drive(runtime, attempt)
    except ImproverError as error:
        log.warning("an Attempt stopped", extra={"attempt": attempt.id, "error": error.message})
        newest = current(runtime, attempt.id)
        if newest and newest.status.live and not error.retryable:
            ledger.fail(runtime, newest, AttemptReason.CANCELLED, error.message)


def live(runtime: Runtime) -> list[Attempt]:
    with runtime.warehouse.state.reading() as reader:
        return records.select(reader, Attempt, "status not in ('delivered', 'failed') order by claimed_at")


def current(runtime: Runtime, attempt_id: str) -> Attempt | None:
    with runtime.warehouse.state.reading() as reader:
        return records.get(reader, Attempt, attempt_id)


def reap(runtime: Runtime) -> int:
    """Remove what dead Attempts left behind: worktrees and checkouts of every Target. For a start, before any runs."""
    removed = 0
    for target in runtime.settings.targets.values():
        try:
            removed += len(Repository(target.repo).reap(runtime.data.attempts, keep=()))
        except ImproverError as error:
            log.warning("could not look for orphan worktrees", extra={"repo": str(target.repo), "error": error.message})
    return removed


class Pool:
    """As many threads as Attempts may run at once; each takes the oldest live Attempt that no other has."""

    IDLE_S = 0.5

    def __init__(self, runtime: Runtime, job: Callable[[str, Callable[[], object]], object]) -> None:
        self._runtime = runtime
        self._job = job  # runs a named piece of work and survives its failure
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, name=f"attempts-{n}", daemon=True)
            for n in range(runtime.settings.dispatch.concurrency)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, timeout_s: float) -> None:
        for thread in self._threads:
            thread.join(timeout_s)

    def _work(self) -> None:
        while not self._runtime.stop.is_set():
            attempt = None if self._runtime.data.paused() else self._take()
            if attempt is None:
                self._runtime.stop.wait(self.IDLE_S)
                continue
            try:
                self._job(f"attempt {attempt.id}", lambda a=attempt: drive_guarded(self._runtime, a))  # type: ignore[misc]
            finally:
                with self._lock:
                    self._taken.discard(attempt.id)
            if (after := current(self._runtime, attempt.id)) and after.status.live:
                self._runtime.stop.wait(10 * self.IDLE_S)  # it could not go on; not in a busy loop

    def _take(self) -> Attempt | None:
        with self._lock:
            waiting = [attempt for attempt in live(self._runtime) if attempt.id not in self._taken]
            if waiting:
                self._taken.add(waiting[0].id)
        return waiting[0] if waiting else None
