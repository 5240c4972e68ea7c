"""The bounded pool that drives Attempts: claimed → running → ran → judged → delivered, resumable at each arrow."""

import logging
import threading
import time
from collections.abc import Callable

from improver.delivery import messages
from improver.dispatching import agent_run, cancelling, ledger, spend
from improver.errors import ImproverError
from improver.model import AgentReport, Attempt, AttemptReason, AttemptStatus
from improver.repo import Repository
from improver.runtime import Runtime
from improver.stages import deliver, verify
from improver.warehouse import records

log = logging.getLogger(__name__)

# Longer than a disk is full for a moment: with the waits between them they take half an hour.
MOST_DEFECTS = 12

STEPS: dict[AttemptStatus, Callable[[Runtime, Attempt], Attempt]] = {
    AttemptStatus.CLAIMED: agent_run.run,
    AttemptStatus.RUNNING: agent_run.run,
    AttemptStatus.RAN: verify.judge,
    AttemptStatus.JUDGED: deliver.deliver,
}


def drive(runtime: Runtime, attempt: Attempt) -> Attempt:
    """Take an Attempt as far as it goes: to its end, or to where a shutdown or a pause finds it."""
    while attempt.status in STEPS and not runtime.stop.is_set() and not runtime.data.paused():
        log.info("an Attempt moves on", extra={"attempt": attempt.id, "status": attempt.status.value})
        if cancelling.cancelled(runtime, attempt):
            attempt = end(runtime, attempt)
        else:
            attempt = STEPS[attempt.status](runtime, attempt)
        if not attempt.status.live:
            agent_run.clear(runtime, attempt)
    return attempt


def end(runtime: Runtime, attempt: Attempt) -> Attempt:
    """What a person cancelled, with what it has cost until then."""
    told = spend.told(runtime, attempt, AgentReport(usd=attempt.usd, tokens=attempt.tokens))
    ended = ledger.fail(runtime, attempt, AttemptReason.CANCELLED, "a person cancelled it", **told)
    agent_run.clear(runtime, ended)
    return ended


def named(runtime: Runtime, prefix: str) -> Attempt:
    """The one Attempt whose id begins so."""
    with runtime.warehouse.state.reading() as reader:
        found = records.select(reader, Attempt, "starts_with(id, $prefix) limit 2", {"prefix": prefix})
    if len(found) != 1 or not prefix:
        raise ImproverError(f"there is no attempt {prefix!r}", hint="`improver attempts` lists them")
    return found[0]


def drive_all(runtime: Runtime) -> int:
    """Drive every live Attempt, one after the other: `improver once`, where there is no pool."""
    driven = 0
    for attempt in due(runtime):
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
        if newest and newest.status.live and error.retryable:
            ledger.advance(runtime, newest, newest.status, detail=f"waiting: {error.message}")
        elif newest and newest.status.live:
            ledger.fail(runtime, newest, AttemptReason.CANCELLED, error.message)
    messages.settle(runtime)


def give_up(runtime: Runtime, attempt: Attempt) -> None:
    """One that improver itself fails at, again and again."""
    why = f"improver failed at it {MOST_DEFECTS} times: its log says why"
    agent_run.clear(runtime, ledger.fail(runtime, attempt, AttemptReason.INTERRUPTED, why))


def live(runtime: Runtime) -> list[Attempt]:
    with runtime.warehouse.state.reading() as reader:
        return records.select(reader, Attempt, f"{ledger.LIVE} order by claimed_at")


def due(runtime: Runtime) -> list[Attempt]:
    """Those that can go on: one that waits for a person's approval does not."""
    return [attempt for attempt in live(runtime) if attempt.status in STEPS]


def awaiting(runtime: Runtime, prefix: str) -> list[Attempt]:
    """Those whose change waits for a person, by how their id or their Finding's begins."""
    where = "status = $awaiting and (starts_with(id, $prefix) or starts_with(finding_id, $prefix))"
    with runtime.warehouse.state.reading() as reader:
        found = records.select(reader, Attempt, where, {"awaiting": AttemptStatus.AWAITING, "prefix": prefix})
    return found if prefix else []


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
    """As many threads as Attempts may run at once; each takes the oldest live one that is due and not taken."""

    IDLE_S = 0.5
    LONGEST_WAIT_S = 600.0

    def __init__(self, runtime: Runtime, job: Callable[[str, Callable[[], object]], object]) -> None:
        self._runtime = runtime
        self._job = job  # runs a named piece of work and survives its failure
        self._taken: set[str] = set()
        self._waits: dict[str, float] = {}  # how long one that could not go on was last put off
        self._due: dict[str, float] = {}
        self._defects: dict[str, int] = {}
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
            if not self._job("attempts", self._turn):
                self._runtime.stop.wait(self.IDLE_S)

    def _turn(self) -> bool:
        """Drive one Attempt, if there is one to drive."""
        attempt = None if self._runtime.data.paused() else self._take()
        if attempt is None:
            return False
        try:
            self._drive(attempt)
        finally:
            self._put_back(attempt.id)
        return True

    def _drive(self, attempt: Attempt) -> None:
        """Counted before, and forgotten after: what stays counted ended in neither a state nor an ImproverError."""
        defects = self._defects[attempt.id] = self._defects.get(attempt.id, 0) + 1
        if defects > MOST_DEFECTS:
            give_up(self._runtime, attempt)
        else:
            drive_guarded(self._runtime, attempt)
        del self._defects[attempt.id]

    def _take(self) -> Attempt | None:
        with self._lock:
            now = time.monotonic()
            waiting = [a for a in due(self._runtime) if a.id not in self._taken and self._due.get(a.id, 0) <= now]
            if waiting:
                self._taken.add(waiting[0].id)
        return waiting[0] if waiting else None

    def _put_back(self, attempt_id: str) -> None:
        """One that comes up again could not go on: the others go first, and it waits longer each time."""
        with self._lock:
            self._taken.discard(attempt_id)
            wait = min(self.LONGEST_WAIT_S, 2 * self._waits.get(attempt_id, self.IDLE_S))
            self._waits[attempt_id], self._due[attempt_id] = wait, time.monotonic() + wait
