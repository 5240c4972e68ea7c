"""Chooses the layout of the report for where it goes."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from improver import report
from improver.cli.output import on_terminal
from improver.errors import ImproverError
from improver.read.report import Report


def page(found: Report, markdown: bool) -> Iterator[RenderableType]:
    if markdown or not on_terminal():
        yield Text(_plain(found, markdown).rstrip("\n"))
    else:
        yield report.terminal(found)


def written(found: Report, file: Path, markdown: bool) -> Path:
    try:
        file.write_text(_plain(found, markdown or file.suffix == ".md"))
    except OSError as error:
        hint = "name a file in a folder you may write"
        raise ImproverError(f"cannot write {file}: {error.strerror}", hint=hint) from error
    return file


def _plain(found: Report, markdown: bool) -> str:
    return report.markdown(found) if markdown else report.text(found)
