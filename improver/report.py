"""Lays out the report, what changed before what there is: as Markdown, and as plain text."""

from collections import Counter
from dataclasses import dataclass

from improver import render
from improver.answers.findings import FindingRow
from improver.answers.report import EnvironmentReport, Line, Report

TITLE_LENGTH = 100
# As many of a kind are told one by one; the rest is a number.
CHANGES_SHOWN = 10
WAITING_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One kind of change, with the same words in every layout."""

    title: str
    mark: str
    style: str
    lines: tuple[Line, ...]
    more: int  # how many besides these
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What nothing is done about, for one reason."""

    because: str
    findings: tuple[FindingRow, ...]
    more: int


def markdown(report: Report, *, web: str = "") -> str:
    """`web` is the dashboard's address, for links to the Findings; without one, ids stand alone."""
    return _rendered("report.md.j2", report, web)


def text(report: Report) -> str:
    """For a pipe or a log: nothing but lines."""
    return _rendered("report.txt.j2", report, "")


def headline(report: Report) -> str:
    """The changes in one sentence; empty when there are none: then each environment is one line, and that is all."""
    if not report.environments:
        return "Nothing has been seen yet: `improver connect TARGET` says how to point an app here."
    counts: Counter[str] = Counter()
    for environment in report.environments:
        counts.update({section.title.lower(): section.total for section in sections(environment)})
    changes = ", ".join(f"{count:,} {title}" for title, count in counts.items())
    said = (f"{changes}.", _spent(report), _hurts(report))
    return " ".join(part for part in said if part) if changes else ""


def period(report: Report) -> str:
    same_month = (report.since.year, report.since.month) == (report.until.year, report.until.month)
    return f"{report.since.strftime('%d' if same_month else '%d %b')} – {report.until:%d %b %Y}"


def sections(environment: EnvironmentReport) -> list[Section]:
    """Kinds of change, without those that nothing belongs to."""
    every = (
        ("New", "+", "yellow", environment.new),
        ("Worse", "▲", "red", environment.worse),
        ("Fixed and held", "✓", "green", environment.held),
        ("Fixed but failed", "✗", "red", environment.failed),
        ("On its way", "→", "blue", environment.proposed),
    )
    return [
        Section(
            title=title,
            mark=mark,
            style=style,
            lines=lines[:CHANGES_SHOWN],
            more=max(0, len(lines) - CHANGES_SHOWN),
            total=len(lines),
        )
        for title, mark, style, lines in every
        if lines
    ]


def waiting(environment: EnvironmentReport) -> list[Waiting]:
    """What nothing is done about, by reason: the reason of the worst Finding first."""
    by_reason: dict[str, list[FindingRow]] = {}
    for line in environment.waiting:
        by_reason.setdefault(line.because, []).append(line.finding)
    return [
        Waiting(because=because, findings=tuple(found[:WAITING_SHOWN]), more=max(0, len(found) - WAITING_SHOWN))
        for because, found in by_reason.items()
    ]


def more(number: int) -> str:
    return f"and {number:,} more: `improver findings` lists all"


def name(environment: EnvironmentReport) -> str:
    return " · ".join(part for part in (environment.target, environment.environment) if part)


def quiet(environment: EnvironmentReport) -> str:
    """All that is said of a week in which nothing changed."""
    if not environment.top:
        return "quiet; nothing is open."
    worst = environment.top[0]
    return f"quiet; the worst that is open costs {render.minutes(worst.minutes_per_week)} ({worst.id})."


def numbers(finding: FindingRow) -> str:
    users = f", {render.counted(finding.users, 'user')}" if finding.users else ""
    cost = f"{finding.severity} · {render.minutes(finding.minutes_per_week)}"
    return f"{cost}, {render.counted(finding.events, 'event')}{users}"


def _hurts(report: Report) -> str:
    """What is not fixed, and what that costs."""
    number = sum(environment.open for environment in report.environments)
    cost = render.minutes(sum(environment.minutes_per_week for environment in report.environments))
    verb = "is not fixed and costs" if number == 1 else "are not fixed and cost"
    return f"{render.counted(number, 'finding')} {verb} {cost}." if number else ""


def _spent(report: Report) -> str:
    if not report.attempts:
        return ""
    cost = f", ${report.usd:,.2f}" if report.usd else ""
    return f"{render.counted(report.attempts, 'attempt')}{cost}."


def context(report: Report) -> dict[str, object]:
    """What every template of a report is rendered with."""
    return {
        "report": report,
        "headline": headline(report),
        "period": period(report),
        "name": name,
        "sections": sections,
        "waiting": waiting,
        "quiet": quiet,
        "numbers": numbers,
        "belongs": belongs,
        "more": more,
    }


def _rendered(template: str, report: Report, web: str) -> str:
    page = render.jinja(template).render(web=web.rstrip("/"), **context(report))
    return f"{page.strip()}\n"


def belongs(finding: FindingRow) -> str:
    """Since which release there is one, and whose code it is in."""
    introduced = finding.introduced
    since = f", since {render.inline(render.revision(introduced.release), 60)}" if introduced else ""
    owners = f", owned by {render.inline(', '.join(finding.owners), 80)}" if finding.owners else ""
    return f"{since}{owners}"
