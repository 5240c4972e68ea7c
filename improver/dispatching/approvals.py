"""What people approved, and what waits for them."""

from improver.dispatching import ledger
from improver.model import Approval, ApprovalPolicy, Attempt, AttemptStatus, Finding
from improver.model.ids import digest
from improver.runtime import Runtime
from improver.warehouse import records


def of_spec(runtime: Runtime, finding: Finding) -> bool:
    return _given(runtime, finding.id, ApprovalPolicy.SPEC, _place(finding))


def of_change(runtime: Runtime, attempt: Attempt) -> bool:
    return _given(runtime, attempt.finding_id, ApprovalPolicy.CHANGE, attempt.id)


def approve_spec(runtime: Runtime, finding: Finding) -> None:
    _give(runtime, finding.id, ApprovalPolicy.SPEC, _place(finding))


def approve_change(runtime: Runtime, attempt: Attempt) -> None:
    """The Attempt goes on if it waits for this."""
    _give(runtime, attempt.finding_id, ApprovalPolicy.CHANGE, attempt.id)
    if attempt.status == AttemptStatus.AWAITING:
        ledger.advance(runtime, attempt, AttemptStatus.JUDGED, detail="")
        runtime.wake.set()


def _place(finding: Finding) -> str:
    """A Spec that is written anew for a later commit asks for the same, as long as it points at the same place.

    A Finding that came back is another matter: it is looked at again.
    """
    where = f"{finding.location.file} {finding.location.function}" if finding.location else ""
    return digest(where, finding.reopened_at or "")


def _given(runtime: Runtime, finding_id: str, policy: ApprovalPolicy, subject: str) -> bool:
    with runtime.warehouse.state.reading() as reader:
        return records.get(reader, Approval, digest(finding_id, policy, subject)) is not None


def _give(runtime: Runtime, finding_id: str, policy: ApprovalPolicy, subject: str) -> None:
    given = digest(finding_id, policy, subject)
    approval = Approval(id=given, finding_id=finding_id, policy=policy, subject=subject, at=runtime.clock())
    with runtime.warehouse.state.transaction() as writer:
        records.put(writer, approval)
