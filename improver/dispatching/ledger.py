"""Moves Attempts and their Findings from state to state: the one place that writes how an Attempt goes on or ends."""

from improver.delivery import messages
from improver.errors import ImproverError
from improver.model import (
    Act,
    Attempt,
    AttemptReason,
    AttemptStatus,
    Autonomy,
    Finding,
    FindingStatus,
    Outcome,
    OutcomeKind,
    Pull,
    Result,
    TrustEntry,
)
from improver.model.ids import digest
from improver.runtime import Runtime
from improver.warehouse import Reader, Writer, records

LIVE = "status not in ('delivered', 'failed')"  # of AttemptStatus, in SQL


def advance(runtime: Runtime, attempt: Attempt, status: AttemptStatus, **fields: object) -> Attempt:
    """The Attempt in its next state, written down before anything else happens."""
    moved = records.changed(attempt, status=status, updated_at=runtime.clock(), **fields)
    with messages.telling(runtime, moved), runtime.warehouse.state.transaction() as writer:
        _move(runtime, writer, attempt, moved)
    return moved


def _move(runtime: Runtime, writer: Writer, seen: Attempt, moved: Attempt) -> None:
    """From the state that it was seen in: a person, a forge and its driver may each move one that waits."""
    known = records.get(writer, Attempt, seen.id)
    if known and known.status != seen.status:
        raise ImproverError(
            f"attempt {seen.id} has just changed: it is {known.status}, no longer {seen.status}",
            hint="look at it again",
        )
    _note(runtime, seen, moved)
    records.put(writer, moved)


def fail(runtime: Runtime, attempt: Attempt, reason: AttemptReason, detail: str = "", **fields: object) -> Attempt:
    """The Attempt ends; its Finding is open again."""
    return _end(runtime, attempt, AttemptStatus.FAILED, FindingStatus.OPEN, reason=reason, detail=detail, **fields)


def deliver(
    runtime: Runtime, attempt: Attempt, delivered: Autonomy, pull: Pull | None = None, **fields: object
) -> Attempt:
    """The Attempt ends well; a change that is only reported has not left, and its Finding stays open."""
    status = FindingStatus.OPEN if delivered == Autonomy.REPORT else FindingStatus.DELIVERED
    besides = (records.changed(pull, updated_at=runtime.clock()),) if pull else ()
    return _end(runtime, attempt, AttemptStatus.DELIVERED, status, *besides, delivered=delivered, **fields)


def reject(runtime: Runtime, attempt: Attempt, because: str) -> Attempt:
    """A person does not want the change: that costs Trust like one that did not hold."""
    failed = {"reason": AttemptReason.REJECTED, "detail": because}
    rejected = _rejected(runtime, attempt, because)
    return _end(runtime, attempt, AttemptStatus.FAILED, FindingStatus.OPEN, rejected, **failed)


def _rejected(runtime: Runtime, attempt: Attempt, because: str) -> Outcome:
    now = runtime.clock()
    return Outcome(
        id=digest(attempt.id, OutcomeKind.REJECTED),
        finding_id=attempt.finding_id,
        attempt_id=attempt.id,
        target=attempt.target,
        kind=OutcomeKind.REJECTED,
        deployed_at=now,
        decided_at=now,
        exposures=0,
        recurrences=0,
        detail=because,
    )


# A pull request is open for a change that was delivered by it, or that waits in it for a person's approval.
OFFERED = {
    AttemptStatus.DELIVERED: FindingStatus.DELIVERED,
    AttemptStatus.AWAITING: FindingStatus.ATTEMPTING,
}


def take_back(runtime: Runtime, attempt: Attempt, pull: Pull, reason: AttemptReason, because: str) -> None:
    """A pull request is closed unmerged: its Finding is open again, unless its change runs all the same."""
    now = runtime.clock()
    # When it ended stays as it is: that is when the change was delivered.
    ended = records.changed(
        attempt, status=AttemptStatus.FAILED, reason=reason, detail=because, updated_at=now,
        ended_at=attempt.ended_at or now,
    )  # fmt: skip
    with messages.telling(runtime, pull), runtime.warehouse.state.transaction() as writer:
        records.put(writer, pull)
        finding = records.get(writer, Finding, attempt.finding_id)
        if finding is None or finding.status != OFFERED.get(attempt.status):
            return
        _move(runtime, writer, attempt, ended)
        _move_finding(runtime, writer, finding, FindingStatus.OPEN, skipped=None)
        if reason == AttemptReason.REJECTED:
            records.put(writer, _rejected(runtime, attempt, because))
    runtime.wake.set()


def note_pull(runtime: Runtime, pull: Pull) -> Pull:
    """A pull request as it is known now."""
    known = records.changed(pull, updated_at=runtime.clock())
    with messages.telling(runtime, known), runtime.warehouse.state.transaction() as writer:
        records.put(writer, known)
    return known


def again(runtime: Runtime, attempt: Attempt, base: str, commit: str) -> bool:
    """A delivered change on another base: it is judged and delivered once more."""
    moved = records.changed(
        attempt, status=AttemptStatus.RAN, base=base, commit=commit, rebases=attempt.rebases + 1,
        updated_at=runtime.clock(), verdicts=(),
    )  # fmt: skip
    with runtime.warehouse.state.transaction() as writer:
        finding = records.get(writer, Finding, attempt.finding_id)
        if finding is None or finding.status != FindingStatus.DELIVERED:
            return False
        _move(runtime, writer, attempt, moved)
        _move_finding(runtime, writer, finding, FindingStatus.ATTEMPTING)
    return True


def _end(
    runtime: Runtime,
    attempt: Attempt,
    status: AttemptStatus,
    finding_status: FindingStatus,
    *besides: Outcome | Pull,
    **fields: object,
) -> Attempt:
    now = runtime.clock()
    ended = records.changed(attempt, status=status, updated_at=now, ended_at=now, **fields)
    pulls = [one for one in besides if isinstance(one, Pull)]
    with messages.telling(runtime, *pulls, ended), runtime.warehouse.state.transaction() as writer:
        _move(runtime, writer, attempt, ended)
        for record in besides:
            records.put(writer, record)
        finding = records.get(writer, Finding, attempt.finding_id)
        if finding and finding.status == FindingStatus.ATTEMPTING:
            records.put(writer, records.changed(finding, status=finding_status))
    runtime.wake.set()
    return ended


def set_finding(runtime: Runtime, seen: Finding, status: FindingStatus, *besides: object, **fields: object) -> bool:
    """Move a Finding on from the status it was seen in, together with other records, or not at all."""
    with runtime.warehouse.state.transaction() as writer:
        finding = records.get(writer, Finding, seen.id)
        if finding is None or finding.status != seen.status:
            return False
        _move_finding(runtime, writer, finding, status, **fields)
        for record in besides:
            records.put(writer, record)
    return True


def _move_finding(runtime: Runtime, writer: Writer, finding: Finding, status: FindingStatus, **fields: object) -> None:
    runtime.audit.note(Act.MOVED, finding.id, what="finding", before=finding.status, after=status)
    records.put(writer, records.changed(finding, status=status, **fields))


def _note(runtime: Runtime, before: Attempt, after: Attempt) -> None:
    refused = [f"{verdict.gate} {verdict.reason}" for verdict in after.verdicts if verdict.result == Result.FAILED]
    runtime.audit.note(
        Act.MOVED,
        after.id,
        what="attempt",
        finding=after.finding_id,
        before=before.status,
        after=after.status,
        reason=after.reason,
        commit=after.commit,
        gates=", ".join(refused) or (f"{len(after.verdicts)} passed" if after.verdicts else ""),
        delivered=after.delivered or "",
    )


def trust_in(reader: Reader, finding: Finding, agent: str) -> list[TrustEntry]:
    """The ledger of Trust for changes like one to this Finding: the same Target, kind of Finding and Agent."""
    where = "target = $target and kind = $kind and agent = $agent"
    return records.select(reader, TrustEntry, where, {"target": finding.target, "kind": finding.kind, "agent": agent})
