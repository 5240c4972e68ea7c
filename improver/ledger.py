"""Moves Attempts and their Findings from state to state: the one place that writes how an Attempt goes on or ends."""

from improver.model import Attempt, AttemptReason, AttemptStatus, Finding, FindingStatus
from improver.runtime import Runtime
from improver.warehouse import records


def advance(runtime: Runtime, attempt: Attempt, status: AttemptStatus, **fields: object) -> Attempt:
    """The Attempt in its next state, written down before anything else happens."""
    moved = records.changed(attempt, status=status, updated_at=runtime.clock(), **fields)
    with runtime.warehouse.state.transaction() as writer:
        records.put(writer, moved)
    return moved


def fail(runtime: Runtime, attempt: Attempt, reason: AttemptReason, detail: str = "", **fields: object) -> Attempt:
    """The Attempt ends; its Finding is open again."""
    return _end(runtime, attempt, AttemptStatus.FAILED, FindingStatus.OPEN, reason=reason, detail=detail, **fields)


def deliver(runtime: Runtime, attempt: Attempt, **fields: object) -> Attempt:
    return _end(runtime, attempt, AttemptStatus.DELIVERED, FindingStatus.DELIVERED, **fields)


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


def set_finding(runtime: Runtime, finding_id: str, status: FindingStatus, **fields: object) -> None:
    with runtime.warehouse.state.transaction() as writer:
        finding = records.get(writer, Finding, finding_id)
        if finding:
            records.put(writer, records.changed(finding, status=status, **fields))
