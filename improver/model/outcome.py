"""What happened after delivery."""

from dataclasses import dataclass
from datetime import datetime

from improver.model.glossed import Glossed


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """A release seen running; `commit` is what it resolves to in the Target's repository, or empty."""

    id: str
    target: str
    environment: str
    release: str
    commit: str
    seen_at: datetime
    source: str  # telemetry, watch or person


class OutcomeKind(Glossed):
    HELD = "held", "it ran where it used to fail, and did not fail"
    IMPROVED = "improved", "it fails less than before"
    UNCHANGED = "unchanged", "it came back as before"
    WORSE = "worse", "it fails more than before"
    INCONCLUSIVE = "inconclusive", "it was hardly exercised"
    REJECTED = "rejected", "a person closed the change unmerged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the Finding did after its change was deployed; the latest one for an Attempt counts."""

    id: str
    finding_id: str
    attempt_id: str
    target: str
    kind: OutcomeKind
    deployed_at: datetime
    decided_at: datetime
    exposures: int
    recurrences: int
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustEntry:
    """One line of the ledger that earns or costs Autonomy: derived from one Outcome."""

    id: str  # the Outcome's
    target: str
    kind: str  # the kind of Finding
    agent: str
    outcome: OutcomeKind
    at: datetime
