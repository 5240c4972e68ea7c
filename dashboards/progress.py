"""How far a Finding has come on its way from telemetry to verified change."""

from dataclasses import dataclass

from improver.answers.attempts import AttemptRow
from improver.answers.findings import FindingView
from improver.model import AttemptReason, AttemptStatus, FindingStatus, OutcomeKind, Result

NAMES = ("Seen", "Specified", "Attempted", "Verified", "Delivered", "Deployed", "Held")
BAD_OUTCOMES = (OutcomeKind.UNCHANGED, OutcomeKind.WORSE, OutcomeKind.REJECTED)
# Reasons that can end an Attempt only after its change was judged.
_AT_DELIVERY = (
    AttemptReason.BRANCH_TAKEN, AttemptReason.CONFLICT, AttemptReason.DIRTY_CHECKOUT, AttemptReason.DELIVERY_FAILED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    name: str
    state: str  # done, now, failed or ahead
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reached:
    """How many steps are done, and what the next one is: under way, failed, or not begun."""

    done: int
    state: str = "ahead"
    note: str = ""


def steps(view: FindingView) -> tuple[Step, ...]:
    reached = _reached(view)
    return tuple(_step(number, name, reached) for number, name in enumerate(NAMES))


def _step(number: int, name: str, reached: _Reached) -> Step:
    if number == reached.done:
        return Step(name=name, state=reached.state, note=reached.note)
    return Step(name=name, state="done" if number < reached.done else "ahead")


def _reached(view: FindingView) -> _Reached:
    if view.row.status == FindingStatus.HELD:
        return _Reached(done=7)
    if not view.attempts:
        return _Reached(done=2 if view.spec else 1, note=view.row.skipped or "")
    last = view.attempts[0]
    if last.status == AttemptStatus.DELIVERED:
        return _after_delivery(view, last)
    return _failed(last) if last.status == AttemptStatus.FAILED else _under_way(last)


def _under_way(last: AttemptRow) -> _Reached:
    done = {
        AttemptStatus.CLAIMED: 2, AttemptStatus.RUNNING: 2, AttemptStatus.RAN: 3, AttemptStatus.JUDGED: 4,
        AttemptStatus.AWAITING: 4,
    }  # fmt: skip
    status = AttemptStatus(last.status)
    return _Reached(done=done[status], state="now", note=status.value)


def _failed(last: AttemptRow) -> _Reached:
    if any(verdict.result == Result.FAILED for verdict in last.verdicts):
        return _Reached(done=3, state="failed", note=last.reason)
    return _Reached(done=4 if last.reason in _AT_DELIVERY else 2, state="failed", note=last.reason)


def _after_delivery(view: FindingView, last: AttemptRow) -> _Reached:
    outcome = next((outcome for outcome in view.outcomes if outcome.attempt_id == last.id), None)
    if outcome:
        return _Reached(done=6, state="failed" if outcome.kind in BAD_OUTCOMES else "now", note=outcome.kind.value)
    if view.row.status == FindingStatus.DEPLOYED:
        return _Reached(done=6, state="now", note="watching")
    return _Reached(done=5, state="now", note="not seen running yet")
