"""Moves Attempts and their Findings from state to state: the one place that writes how an Attempt goes on or ends."""

from improver.model import Attempt, AttemptReason, AttemptStatus, Autonomy, Finding, FindingStatus, TrustEntry
from improver.runtime import Runtime
from improver.warehouse import Reader, records


def advance(runtime: Runtime, attempt: Attempt, status: AttemptStatus, **fields: object) -> Attempt:
    """The Attempt in its next state, written down before anything else happens."""
    moved = records.changed(attempt, status=status, updated_at=runtime.clock(), **fields)
    with runtime.warehouse.state.transaction() as writer:
        records.put(writer, moved)
    return moved


def fail(runtime: Runtime, attempt: Attempt, reason: AttemptReason, detail: str = "", **fields: object) -> Attempt:
    """The Attempt ends; its Finding is open again."""
    return _end(runtime, attempt, AttemptStatus.FAILED, FindingStatus.OPEN, reason=reason, detail=detail, **fields)


def deliver(runtime: Runtime, attempt: Attempt, delivered: Autonomy, **fields: object) -> Attempt:
    """The Attempt ends well; a change that is only reported has not left, and its Finding stays open."""
    status = FindingStatus.OPEN if delivered == Autonomy.REPORT else FindingStatus.DELIVERED
    return _end(runtime, attempt, AttemptStatus.DELIVERED, status, delivered=delivered, **fields)


def _end(
    runtime: Runtime, attempt: Attempt, status: AttemptStatus, finding_status: FindingStatus, **fields: object
) -> Attempt:
    now = runtime.clock()
    ended = records.changed(attempt, status=status, updated_at=now, ended_at=now, **fields)
    with runtime.warehouse.state.transaction() as writer:
        records.put(writer, ended)
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
        records.put(writer, records.changed(finding, status=status, **fields))
        for record in besides:
            records.put(writer, record)
    return True


def trust_in(reader: Reader, finding: Finding, agent: str) -> list[TrustEntry]:
    """The ledger of Trust for changes like one to this Finding: the same Target, kind of Finding and Agent."""
    where = "target = $target and kind = $kind and agent = $agent"
    return records.select(reader, TrustEntry, where, {"target": finding.target, "kind": finding.kind, "agent": agent})
