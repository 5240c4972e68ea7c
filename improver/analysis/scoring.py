"""A Finding's Score and Severity from what is known of it, each factor with its reason: pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from improver import render
from improver.analysis import causes, trends
from improver.analysis.impact import Exposed, Impact, Price, rounded, share
from improver.model import FAILURES, Cause, Finding, FindingKind, Score, Severity

UNLOCATED = 0.3
OF_CAUSES = {Cause.THIRD_PARTY: 0.5, Cause.INFRASTRUCTURE: 0.25, Cause.FLAKY: 0.5}
ANCHORS = ((0.20, Severity.P0), (0.05, Severity.P1), (0.01, Severity.P2))
ARTIFICIAL = {"bot": "bots", "monitor": "monitors", "test": "tests"}
SMALL_SHARE = 0.01  # of a hundred occurrences one that no person met is not worth a line


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
    value: float
    because: str
    forecast: tuple[int, ...] = ()


def score(finding: Finding, price: Price, impact: Impact | None, exposed: Exposed, now: datetime) -> Score:
    """The value is the product of what the reasons show, in two digits: a little more or less moves nothing."""
    minutes, lines = _minutes(finding, price, impact)
    trend, fixability = trend_of(finding, now), fixability_of(finding)
    severity = severity_of(finding, impact, exposed)
    return Score(
        value=rounded(minutes * trend.value * fixability.value),
        minutes_per_week=minutes,
        severity=severity[0],
        forecast=trend.forecast,
        reasons=(
            *lines,
            f"trend × {trend.value:g}: {trend.because}",
            f"fixability × {fixability.value:g}: {fixability.because}",
            *_users(impact, exposed),
            f"severity {severity[0]}: {severity[1]}",
            *_met(finding),
        ),
    )


def _minutes(finding: Finding, price: Price, impact: Impact | None) -> tuple[float, list[str]]:
    """Minutes lost a week, and how they came about."""
    if finding.minutes_week:
        part = impact.weighed_minutes / impact.minutes if impact and impact.minutes else 1.0
        minutes = round(finding.minutes_week * part, 1)
        each = f", {rounded(minutes / finding.events_week):g} min each" if finding.events_week else ""
        head = f"{render.number(minutes)} min a week: measured over {finding.events_week:,} times{each}"
        return minutes, [head, *_left_out(impact)]
    counted = round(finding.events_week * (impact.weighed / impact.times if impact and impact.times else 1.0), 1)
    minutes = round(counted * price.minutes, 1)
    head = f"{render.number(minutes)} min a week: {_exact(counted)} × {price.minutes:g} min"
    return minutes, [head, *_left_out(impact), *_because(finding, price)]


def _because(finding: Finding, price: Price) -> Iterator[str]:
    if finding.kind in FAILURES and finding.events_week:
        yield f"{price.minutes:g} min each: {price.because}"


def _exact(counted: float) -> str:
    return f"{counted:,.1f}".removesuffix(".0")


def _left_out(impact: Impact | None) -> Iterator[str]:
    """What of all that was told does not count, or not whole."""
    if impact is None or not impact.times:
        return
    if _artificial(impact) >= SMALL_SHARE:
        whose = " and ".join(ARTIFICIAL[word] for word in sorted(impact.artificial))
        instead = "" if impact.people else "; as no person met it, it counts once"
        yield f"not counted: {_artificial(impact):.0%} of {impact.times:,}, which {whose} met{instead}"
    if impact.people and impact.weighed < 0.99 * impact.people:
        counted = f"counted as {_exact(round(impact.weighed, 1))} of {impact.people:,}"
        if impact.users:
            yield f"{counted}: what one user repeats weighs less, and one met it {impact.most:,} times"
        else:
            yield f"{counted}: no user is known, and up to {impact.most:,} came at once or together"


def _artificial(impact: Impact | None) -> float:
    return sum(impact.artificial.values()) / impact.times if impact and impact.times else 0.0


def trend_of(finding: Finding, now: datetime) -> Factor:
    found = trends.forecast(finding.hourly, trends.hours_before(finding.first_seen, now))
    if found is None:
        seen = sum(finding.hourly[-trends.DAY :])
        return Factor(value=1.0, because=f"{finding.trend}, {seen:,} in the last day; too early for a forecast")
    forecast = f"{found.low:,}–{found.high:,} were forecast, {found.seen:,} seen in the last day"
    factor = round(found.factor, 1)
    return Factor(value=factor, because=f"{finding.trend}, {forecast}", forecast=(found.low, found.high))


def fixability_of(finding: Finding) -> Factor:
    place = finding.location
    value = 1.0 if place else UNLOCATED
    untold = finding.unlocated.gloss if finding.unlocated else "nothing leads to a file of the target"
    said = [f"it points at {place.file}" if place else untold]
    if verdict := causes.cause_of(finding):
        value *= OF_CAUSES[verdict.cause]
        said.append(f"{verdict.cause}, as {verdict.says}")
    elif causes.repeats(finding):
        said.append(f"it repeats, {finding.failures:,} of {finding.exposures:,} {finding.exposed} failed so")
    return Factor(value=round(value, 3), because="; ".join(said))


def severity_of(finding: Finding, impact: Impact | None, exposed: Exposed) -> tuple[Severity, str]:
    """How many of all users meet it; else of all runs, which says less. What fails worse counts one more."""
    part, said, step = _reach(finding, impact, exposed)
    found = next((level for anchor, level in ANCHORS if part > anchor), Severity.P3)
    if finding.kind not in FAILURES:
        step, said = step + 1, f"{said}; nothing fails"
    if finding.kind == FindingKind.CRASH:
        step, said = step - 1, f"{said}; the process died"
    elif causes.loses_data(finding):
        step, said = step - 1, f"{said}; data may be lost"
    if impact and impact.times and not impact.people:
        return Severity.P3, "no person met it"
    levels = list(Severity)
    return levels[max(0, min(levels.index(found) + step, len(levels) - 1))], said


def _reach(finding: Finding, impact: Impact | None, exposed: Exposed) -> tuple[float, str, int]:
    """The part that meets it, in words too, and by how much it is lowered for how it is known."""
    users = impact.users if impact else 0
    if users and exposed.everywhere:
        part = share(users, exposed.everywhere)
        return part, f"about {_percent(part)} of all users", 0
    if finding.exposures:
        part = share(finding.failures, finding.exposures)
        return part, f"about {_percent(part)} of all {finding.exposed}, as users are not known", 1
    return 0.0, "it is not known how many meet it", 0


def _users(impact: Impact | None, exposed: Exposed) -> Iterator[str]:
    users = impact.users if impact else 0
    if users and exposed.route:
        of = max(users, exposed.route)
        yield f"users: {users:,} of {of:,} who were there, about {_percent(share(users, of))} allowing for chance"


def _percent(part: float) -> str:
    return f"{part:.0%}" if part >= 0.1 else f"{part:.1%}"


def _met(finding: Finding) -> Iterator[str]:
    """Whether what people say and what telemetry saw are the same."""
    said, seen = "feedback" in finding.sources, set(finding.sources) - {"feedback"}
    if said and seen:
        yield f"said and seen: remarks are about what {', '.join(sorted(seen))} shows, and count with it"
    elif said:
        yield "said only: no Finding of telemetry is about the same"
