"""What changed in the last days: the report's content, before anybody lays it out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from improver.errors import ImproverError
from improver.model import Attempt, Finding, FindingStatus, OutcomeKind, Trend
from improver.read.findings import FindingRow, row_of
from improver.read.outcomes import outcomes
from improver.runtime import Runtime
from improver.warehouse import records

LONGEST_DAYS = 366


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One Finding in a section, with the sentence that says why it stands there."""

    finding: FindingRow
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentReport:
    """Development and production are never mixed: one of these per target and environment."""

    target: str
    environment: str
    new: tuple[Line, ...]
    worse: tuple[Line, ...]
    held: tuple[Line, ...]
    failed: tuple[Line, ...]
    waiting: tuple[Line, ...]
    top: tuple[FindingRow, ...]

    @property
    def quiet(self) -> bool:
        return not (self.new or self.worse or self.held or self.failed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    since: datetime
    until: datetime
    environments: tuple[EnvironmentReport, ...]
    attempts: int
    usd: float


def report(runtime: Runtime, *, days: int = 7) -> Report:
    """What is new, worse, fixed and held, or failed, in the last days."""
    if not 1 <= days <= LONGEST_DAYS:
        raise ImproverError(f"a report of {days} days cannot be made", hint=f"between 1 and {LONGEST_DAYS}")
    until = runtime.clock()
    since = until - timedelta(days=days)
    with runtime.warehouse.state.reading() as reader:
        found = records.select(reader, Finding, "status <> 'dismissed'")
        tried = records.select(reader, Attempt, "claimed_at >= $since", {"since": since.replace(tzinfo=None)})
    decided = _latest_outcomes(runtime, since)
    groups = sorted({(f.target, f.environment) for f in found})
    return Report(
        since=since,
        until=until,
        environments=tuple(
            _environment(t, e, [f for f in found if (f.target, f.environment) == (t, e)], decided, since)
            for t, e in groups
        ),
        attempts=len(tried),
        usd=sum(a.usd or 0 for a in tried),
    )


def _worse(found: Finding) -> str:
    if not found.score.forecast or found.trend != Trend.ESCALATING:
        return found.trend.gloss
    low, high = found.score.forecast
    return f"{sum(found.hourly[-24:]):,} in the last day, where {low:,}–{high:,} were forecast"


def _latest_outcomes(runtime: Runtime, since: datetime) -> dict[str, tuple[OutcomeKind, str]]:
    latest: dict[str, tuple[OutcomeKind, str]] = {}
    for outcome in outcomes(runtime):
        if outcome.decided_at >= since:
            latest.setdefault(outcome.finding_id, (outcome.kind, outcome.detail))
    return latest


def _environment(
    target: str, environment: str, found: list[Finding], decided: dict[str, tuple[OutcomeKind, str]], since: datetime
) -> EnvironmentReport:
    ranked = sorted(found, key=lambda f: (-f.score.value, f.id))
    open_ = [f for f in ranked if f.status != FindingStatus.HELD]
    by_outcome = {f.id: decided.get(f.id) for f in ranked}
    held = [f for f in ranked if (d := by_outcome[f.id]) and d[0] == OutcomeKind.HELD]
    failed = [f for f in ranked if (d := by_outcome[f.id]) and d[0] in (OutcomeKind.UNCHANGED, OutcomeKind.WORSE)]
    new = [f for f in open_ if f.first_seen >= since and f not in failed]
    worse = [f for f in open_ if f.trend in (Trend.ESCALATING, Trend.REGRESSED) and f not in new and f not in failed]

    def said(f: Finding) -> str:
        outcome = by_outcome[f.id]
        return outcome[1] if outcome else ""

    return EnvironmentReport(
        target=target,
        environment=environment,
        new=tuple(Line(finding=row_of(f), because=f"first seen {f.first_seen:%a %d %b %H:%M}") for f in new),
        worse=tuple(Line(finding=row_of(f), because=_worse(f)) for f in worse),
        held=tuple(Line(finding=row_of(f), because=said(f)) for f in held),
        failed=tuple(Line(finding=row_of(f), because=said(f)) for f in failed),
        waiting=tuple(Line(finding=row_of(f), because=f.skipped.gloss) for f in open_ if f.skipped),
        top=tuple(row_of(f) for f in open_[:5]),
    )
