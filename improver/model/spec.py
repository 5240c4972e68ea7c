"""The request for one change, and how its success will be judged."""

from dataclasses import dataclass
from datetime import datetime

from improver.model.finding import FindingKind, Location
from improver.model.glossed import Glossed


class CriterionKind(Glossed):
    DETERMINISTIC = "deterministic", "it failed on every exposure: held after N clean ones"
    STATISTICAL = "statistical", "a rate, compared over seven days and at least ten expected events"


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """Registered before the change is made, so that nobody can move the goal afterwards."""

    kind: CriterionKind
    query: str  # the name of the query that counts recurrences and exposures
    denominator: str  # what counts as an exposure
    baseline_failures: int
    baseline_exposures: int
    window_days: int
    minimum_exposures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    wall_clock_s: int
    turns: int
    usd: float
    files: int
    lines: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """`markdown` is the whole document, front matter included; untrusted text stands only in the evidence files."""

    id: str
    finding_id: str
    kind: FindingKind
    target: str
    base: str
    branch: str
    location: Location | None
    criterion: Criterion
    budget: Budget
    allowed_paths: tuple[str, ...]
    protected_paths: tuple[str, ...]
    acceptance: tuple[str, ...]
    evidence: tuple[str, ...]  # file names below the Spec's evidence folder
    created_at: datetime
    markdown: str
    what: str = ""  # of what is no error: what its Detector looks for, and what would help, in the Detector's own words
    remedy: str = ""
