"""Chooses the layout of the report for where it goes, and lays it out for a terminal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from improver import render, report
from improver.answers.findings import FindingRow
from improver.answers.report import EnvironmentReport, Report
from improver.cli.output import on_terminal
from improver.errors import ImproverError


def page(found: Report, markdown: bool) -> Iterator[RenderableType]:
    if markdown or not on_terminal():
        yield Text(_plain(found, markdown).rstrip("\n"))
    else:
        yield terminal(found)


def written(found: Report, file: Path, markdown: bool) -> Path:
    try:
        file.write_text(_plain(found, markdown or file.suffix == ".md"))
    except OSError as error:
        hint = "name a file in a folder you may write"
        raise ImproverError(f"cannot write {file}: {error.strerror}", hint=hint) from error
    return file


def terminal(found: Report) -> Group:
    shown: list[RenderableType] = []
    if said := report.headline(found):
        shown += [Text("What changed, ", style="bold").append(report.period(found)), Text(said)]
    for environment in found.environments:
        shown.extend([_quiet_line(environment, found)] if environment.quiet else _environment(environment))
    return Group(*shown)


def _plain(found: Report, markdown: bool) -> str:
    return report.markdown(found) if markdown else report.text(found)


def _quiet_line(environment: EnvironmentReport, found: Report) -> Text:
    when = "" if report.headline(found) else f", {report.period(found)}"
    title = render.inline(report.name(environment), report.TITLE_LENGTH)
    return Text(title, style="bold").append(f"{when}: {report.quiet(environment)}", style="not bold")


def _environment(environment: EnvironmentReport) -> list[RenderableType]:
    title = render.inline(report.name(environment), report.TITLE_LENGTH)
    shown: list[RenderableType] = [Text(), Rule(Text(title, style="bold"), align="left", style="dim")]
    for section in report.sections(environment):
        shown += [_heading(section.title, section.style), _changes(section), *_more(section.more)]
    for group in report.waiting(environment):
        reason = Text(f"  {render.terminal(group.because)}", style="dim not bold")
        shown += [_heading("Waiting", "blue").append_text(reason), _places(group.findings), *_more(group.more)]
    if environment.top:
        shown += [_heading("Worst now", "default"), _worst(environment.top)]
    return shown


def _heading(title: str, style: str) -> Text:
    return Text(f"\n{title}", style=f"bold {style}")


def _more(number: int) -> list[Text]:
    return [Text(f"    {report.more(number)}", style="dim")] if number else []


def _changes(section: report.Section) -> Table:
    table = _grid()
    for line in section.lines:
        said = _place(line.finding).append(f"\n{render.terminal(line.because)}", style="dim")
        cost = report.numbers(line.finding).replace(", ", "\n", 1)
        table.add_row(Text(section.mark, style=section.style), said, cost, line.finding.id)
    return table


def _places(found: Sequence[FindingRow]) -> Table:
    table = _grid()
    for finding in found:
        table.add_row("·", _place(finding), render.minutes(finding.minutes_per_week), finding.id)
    return table


def _worst(found: Sequence[FindingRow]) -> Table:
    table = _grid()
    for rank, finding in enumerate(found, 1):
        helps = (f"what would help: {finding.advice}",) if finding.advice else ()
        reasons = "".join(f"\n{render.terminal(reason)}" for reason in (*helps, *finding.score.reasons))
        score = Text(f"{render.minutes(finding.minutes_per_week)}\nscore {render.number(finding.score.value)}")
        table.add_row(str(rank), _place(finding).append(reasons, style="dim"), score, finding.id)
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=2, justify="right")
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", style="dim", no_wrap=True)
    table.add_column(style="cyan", no_wrap=True)
    return table


def _place(finding: FindingRow) -> Text:
    place = render.inline(finding.location, report.TITLE_LENGTH) or "no place in the target's code"
    return Text(render.inline(finding.title, report.TITLE_LENGTH)).append(
        f"\n{place}{report.belongs(finding)}", style="blue"
    )
