"""Outcomes → the ledger of Trust, which earns or costs Autonomy."""

from improver.model import Attempt, Finding, Outcome, TrustEntry
from improver.runtime import Runtime
from improver.warehouse import records


def run(runtime: Runtime) -> int:
    """The number of new entries: one per Outcome, however often this runs."""
    with runtime.warehouse.state.transaction() as writer:
        fresh = records.select(writer, Outcome, "id not in (select id from trust)")
        for outcome in fresh:
            attempt = records.get(writer, Attempt, outcome.attempt_id)
            finding = records.get(writer, Finding, outcome.finding_id)
            if attempt and finding:
                records.put(writer, _entry(outcome, attempt, finding))
    return len(fresh)


def _entry(outcome: Outcome, attempt: Attempt, finding: Finding) -> TrustEntry:
    return TrustEntry(
        id=outcome.id,
        target=outcome.target,
        kind=finding.kind,
        agent=attempt.agent,
        outcome=outcome.kind,
        at=outcome.decided_at,
    )
