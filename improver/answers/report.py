"""What changed in the last days: the report's content, before anybody lays it out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from improver.answers.findings import FindingRow, row_of
from improver.answers.outcomes import outcomes
from improver.errors import ImproverError
from improver.model import Attempt, AttemptStatus, Autonomy, Finding, FindingStatus, OutcomeKind, Trend
from improver.runtime import Runtime
from improver.warehouse import records

LONGEST_DAYS = 366
APART = (FindingStatus.DISMISSED, FindingStatus.MERGED)


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
    proposed: tuple[Line, ...]  # changes that are on their way
    waiting: tuple[Line, ...]
    top: tuple[FindingRow, ...]
    open: int  # Findings that are not fixed yet
    minutes_per_week: float  # what those cost together

    @property
    def quiet(self) -> bool:
        return not (self.new or self.worse or self.held or self.failed or self.proposed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    since: datetime
    until: datetime
    environments: tuple[EnvironmentReport, ...]
    attempts: int
    usd: float


def report(runtime: Runtime, *, days: int = 7) -> Report:
    """What hurts, what became of it in the last days, and which changes are on their way."""
    if not 1 <= days <= LONGEST_DAYS:
        raise ImproverError(f"a report of {days} days cannot be made", hint=f"between 1 and {LONGEST_DAYS}")
    until = runtime.clock()
    since = until - timedelta(days=days)
    with runtime.warehouse.state.reading() as reader:
        found = [f for f in records.select(reader, Finding) if f.status not in APART]
        latest = {a.finding_id: a for a in records.select(reader, Attempt, "true order by claimed_at")}
        tried = records.select(reader, Attempt, "claimed_at >= $since", {"since": since.replace(tzinfo=None)})
    decided = _latest_outcomes(runtime, since)
    groups = sorted({(f.target, f.environment) for f in found})
    environments = [
        _environment(t, e, [f for f in found if (f.target, f.environment) == (t, e)], decided, latest, since)
        for t, e in groups
    ]
    return Report(
        since=since,
        until=until,
        environments=tuple(sorted(environments, key=lambda e: -e.minutes_per_week)),
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


def _proposed(found: Finding, attempt: Attempt | None) -> str:
    """Where the change for a Finding is; empty when there is none on its way."""
    if attempt is None:
        return ""
    if attempt.status == AttemptStatus.AWAITING:
        return f"its change passed every Gate and waits for a person: `improver approve {attempt.id}`"
    if found.status == FindingStatus.ATTEMPTING:
        return f"{attempt.agent} is at work on it, try {attempt.number}"
    if found.status == FindingStatus.DEPLOYED:
        return "its change runs, and is watched"
    if found.status != FindingStatus.DELIVERED:
        return ""
    if attempt.delivered == Autonomy.PR:
        return f"a pull request is open: {attempt.url}"
    return f"its change is on {attempt.branch}" if attempt.branch else "its change is delivered"


def _environment(
    target: str,
    environment: str,
    found: list[Finding],
    decided: dict[str, tuple[OutcomeKind, str]],
    latest: dict[str, Attempt],
    since: datetime,
) -> EnvironmentReport:
    ranked = sorted(found, key=lambda f: (-f.score.value, f.id))
    open_ = [f for f in ranked if f.status != FindingStatus.HELD]
    by_outcome = {f.id: decided.get(f.id) for f in ranked}
    held = [f for f in ranked if (d := by_outcome[f.id]) and d[0] == OutcomeKind.HELD]
    failed = [f for f in ranked if (d := by_outcome[f.id]) and d[0] in (OutcomeKind.UNCHANGED, OutcomeKind.WORSE)]
    new = [f for f in open_ if f.first_seen >= since and f not in failed]
    worse = [f for f in open_ if f.trend in (Trend.ESCALATING, Trend.REGRESSED) and f not in new and f not in failed]

    coming = [(f, where) for f in ranked if (where := _proposed(f, latest.get(f.id)))]

    def said(f: Finding) -> str:
        outcome = by_outcome[f.id]
        return outcome[1] if outcome else ""

    return EnvironmentReport(
        target=target,
        environment=environment,
        new=tuple(Line(finding=row_of(f), because=f"first seen {f.first_seen:%a %d %b %H:%M} UTC") for f in new),
        worse=tuple(Line(finding=row_of(f), because=_worse(f)) for f in worse),
        held=tuple(Line(finding=row_of(f), because=said(f)) for f in held),
        failed=tuple(Line(finding=row_of(f), because=said(f)) for f in failed),
        proposed=tuple(Line(finding=row_of(f), because=where) for f, where in coming),
        waiting=tuple(Line(finding=row_of(f), because=f.skipped.gloss) for f in open_ if f.skipped),
        top=tuple(row_of(f) for f in open_[:5]),
        open=len(open_),
        minutes_per_week=sum(f.score.minutes_per_week for f in open_),
    )
