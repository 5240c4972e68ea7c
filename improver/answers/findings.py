"""The ranked Findings, and one Finding whole."""

from dataclasses import dataclass
from datetime import datetime

from improver.analysis import causes, rollups
from improver.analysis.rollups import Day
from improver.answers.attempts import AttemptRow, attempts
from improver.answers.code import CodeLine, code_around, code_at
from improver.answers.shares import Share, shares
from improver.answers.together import Together, together
from improver.errors import ImproverError
from improver.model import Commit, Finding, FindingStatus, Frame, Introduced, Location, Outcome, SkipReason, Spec
from improver.runtime import Runtime
from improver.warehouse import Reader, records


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreView:
    value: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingRow:
    """One line of `improver findings --json`: a contract, keys are only ever added."""

    id: str
    kind: str
    target: str
    environment: str
    location: str
    title: str
    fingerprint: str
    status: str
    minutes_per_week: float
    events: int
    users: int
    first_seen: datetime
    last_seen: datetime
    trend: str
    score: ScoreView
    sources: tuple[str, ...]
    skipped: str | None
    pattern: str
    place: str
    advice: str
    hourly: tuple[int, ...]
    severity: str
    cause: str  # a word where a change of the Target would hardly cure it
    located_by: str  # the word for what led to its location; empty without one
    unlocated: str  # the word for why it has none
    owners: tuple[str, ...]  # as the Target's CODEOWNERS names them
    introduced: Introduced | None
    forecast: tuple[int, ...]  # how many the last day was likely to bring: from and to, if it can be said


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameView:
    """A frame as the client sent it, and the Target's own code around it where the file is the Target's."""

    frame: Frame
    code: tuple[CodeLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingView:
    row: FindingRow
    service: str
    route: str
    release: str
    trust: str
    skipped_because: str
    location: Location | None
    unlocated_because: str
    code: tuple[CodeLine, ...]  # around its location, where no frame shows it
    suspects: tuple[Commit, ...]
    frames: tuple[FrameView, ...]
    evidence: tuple[str, ...]
    exposures: int
    failures: int
    together: Together
    spec: Spec | None
    attempts: tuple[AttemptRow, ...]
    outcomes: tuple[Outcome, ...]
    shares: tuple[Share, ...]
    history: tuple[Day, ...]  # days on which it happened, as far back as a year


def findings(runtime: Runtime, *, target: str = "", environment: str = "", status: str = "") -> list[FindingRow]:
    """Findings, worst first; dismissed and merged ones only when asked for by status."""
    if status and status not in [s.value for s in FindingStatus]:
        raise ImproverError(
            f"there is no status {status!r}", hint=f"known: {', '.join(s.value for s in FindingStatus)}"
        )
    with runtime.warehouse.state.reading() as reader:
        found = records.select(
            reader,
            Finding,
            "($target = '' or target = $target) and ($environment = '' or environment = $environment)"
            " and (status = $status or ($status = '' and not list_contains(['dismissed', 'merged'], status)))",
            {"target": target, "environment": environment, "status": status},
        )
    return [row_of(f) for f in sorted(found, key=lambda f: (-f.score.value, f.id))]


def finding(runtime: Runtime, *, id: str) -> FindingView:
    """One Finding: its stack with the Target's code, Spec, Attempts and Outcomes."""
    with runtime.warehouse.state.reading() as reader:
        found = find(reader, id)
        specs = records.select(reader, Spec, "finding_id = $id order by created_at desc limit 1", {"id": found.id})
        outcomes = records.select(reader, Outcome, "finding_id = $id order by decided_at desc", {"id": found.id})
        why = together(runtime, reader, found)
        history = rollups.history(reader, found)
    return FindingView(
        row=row_of(found),
        service=found.service,
        route=found.route,
        release=found.release,
        trust=found.trust,
        skipped_because=SkipReason(found.skipped).gloss if found.skipped else "",
        location=found.location,
        unlocated_because=found.unlocated.gloss if found.unlocated else "",
        code=() if found.frames else code_at(runtime, found),
        suspects=found.location.suspects if found.location else (),
        frames=tuple(FrameView(frame=frame, code=code_around(runtime, found, frame)) for frame in found.frames),
        evidence=found.evidence,
        exposures=found.exposures,
        failures=found.failures,
        together=why,
        spec=specs[0] if specs else None,
        attempts=tuple(attempts(runtime, finding=found.id)),
        outcomes=tuple(outcomes),
        shares=shares(runtime, found),
        history=history,
    )


def find(reader: Reader, prefix: str) -> Finding:
    """The Finding whose id is, or unambiguously starts with, `prefix`."""
    found = records.select(reader, Finding, "starts_with(id, $prefix) limit 2", {"prefix": prefix}) if prefix else []
    if len(found) != 1:
        problem = f"there is no finding {prefix!r}" if not found else f"{prefix!r} fits more than one finding"
        raise ImproverError(problem, hint="`improver findings` lists them")
    return found[0]


def row_of(found: Finding) -> FindingRow:
    return FindingRow(
        id=found.id,
        kind=found.kind,
        target=found.target,
        environment=found.environment,
        location=str(found.location) if found.location else "",
        title=found.title,
        fingerprint=found.fingerprint,
        status=found.status,
        minutes_per_week=found.score.minutes_per_week,
        events=found.events,
        users=found.users,
        first_seen=found.first_seen,
        last_seen=found.last_seen,
        trend=found.trend,
        score=ScoreView(value=found.score.value, reasons=found.score.reasons),
        sources=found.sources,
        skipped=found.skipped,
        pattern=found.pattern,
        place=found.place,
        advice=found.advice,
        hourly=found.hourly,
        located_by=found.location.told_by if found.location else "",
        unlocated=found.unlocated or "",
        owners=found.location.owners if found.location else (),
        introduced=found.introduced,
        severity=found.score.severity,
        cause=verdict.cause if (verdict := causes.cause_of(found)) else "",
        forecast=found.score.forecast,
    )
