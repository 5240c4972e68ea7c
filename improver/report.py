"""Lays out the report, what changed before what there is: as Markdown, and as plain text."""

from collections import Counter
from dataclasses import dataclass

from improver import render
from improver.read.findings import FindingRow
from improver.read.report import EnvironmentReport, Line, Report

TITLE_LENGTH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One kind of change, with the same words in every layout."""

    title: str
    mark: str
    style: str
    lines: tuple[Line, ...]


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
        counts.update({section.title.lower(): len(section.lines) for section in sections(environment)})
    changes = ", ".join(f"{count} {title}" for title, count in counts.items())
    return f"{changes}. {_spent(report)}".strip() if changes else ""


def period(report: Report) -> str:
    same_month = (report.since.year, report.since.month) == (report.until.year, report.until.month)
    return f"{report.since.strftime('%d' if same_month else '%d %b')} – {report.until:%d %b %Y}"


def sections(environment: EnvironmentReport) -> list[Section]:
    """Kinds of change, without those that nothing belongs to."""
    every = (
        Section(title="New", mark="+", style="yellow", lines=environment.new),
        Section(title="Worse", mark="▲", style="red", lines=environment.worse),
        Section(title="Fixed and held", mark="✓", style="green", lines=environment.held),
        Section(title="Fixed but failed", mark="✗", style="red", lines=environment.failed),
    )
    return [section for section in every if section.lines]


def waiting(environment: EnvironmentReport) -> dict[str, list[FindingRow]]:
    """What nothing is done about, by reason: the reason of the worst Finding first."""
    by_reason: dict[str, list[FindingRow]] = {}
    for line in environment.waiting:
        by_reason.setdefault(line.because, []).append(line.finding)
    return by_reason


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


def _spent(report: Report) -> str:
    if not report.attempts:
        return ""
    cost = f", ${report.usd:,.2f}" if report.usd else ""
    return f"{render.counted(report.attempts, 'attempt')}{cost}."


def _rendered(template: str, report: Report, web: str) -> str:
    page = render.jinja(template).render(
        report=report,
        headline=headline(report),
        period=period(report),
        web=web.rstrip("/"),
        name=name,
        sections=sections,
        waiting=waiting,
        quiet=quiet,
        numbers=numbers,
        belongs=belongs,
    )
    return f"{page.strip()}\n"


def belongs(finding: FindingRow) -> str:
    """Since which release there is one, and whose code it is in."""
    since = f", since {render.inline(finding.introduced.release, 60)}" if finding.introduced else ""
    owners = f", owned by {render.inline(', '.join(finding.owners), 80)}" if finding.owners else ""
    return f"{since}{owners}"
