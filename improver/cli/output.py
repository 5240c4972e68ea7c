"""Prints answers: JSON for programs, tables on a terminal, aligned plain lines in a pipe."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from improver import render

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

PIPE_WIDTH = 10_000  # nothing is cut or folded for a program
LAST_COLUMN = 30  # what the one that folds needs at least, to be read
GAP = 2


def as_json(answer: object) -> None:
    """ASCII only: what telemetry says can do nothing to a terminal."""
    from pydantic import TypeAdapter

    typer.echo(json.dumps(TypeAdapter(type(answer)).dump_python(answer, mode="json"), indent=2))


def on_terminal() -> bool:
    return sys.stdout.isatty()


def show(*parts: "RenderableType") -> None:
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False, width=None if on_terminal() else PIPE_WIDTH)
    if on_terminal():
        console.print(*parts, sep="\n")
        return
    with console.capture() as capture:
        console.print(*parts, sep="\n")
    typer.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> "RenderableType":
    """Every cell is made inert; the last column may fold, the others stay whole.

    Where a terminal has no room for that, each row is a few lines: no column is lost.
    """
    from rich.console import Console, Group
    from rich.table import Table

    cells = [[text(value) for value in row] for row in rows]
    if on_terminal() and _width(heads, cells) > Console().width:
        return Group(*(part for row in cells for part in _record(heads, row)))
    made = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for head in heads:
        last = head == heads[-1]
        made.add_column(head, no_wrap=not last, overflow="fold", justify="right" if head in right else "left")
    for row in cells:
        made.add_row(*row)
    return made


def _width(heads: Sequence[str], rows: Sequence[Sequence["Text"]]) -> int:
    """What a table needs."""
    from rich.cells import cell_len

    columns = zip(heads, *rows, strict=True)
    widths = [max(cell_len(line) for cell in column for line in str(cell).split("\n")) for column in columns]
    return sum(widths[:-1]) + GAP * (len(widths) - 1) + min(LAST_COLUMN, widths[-1]) if widths else 0


def _record(heads: Sequence[str], row: Sequence["Text"]) -> Iterator["Text | Padding"]:
    """A row below itself: what names it, its values with their heads, and its last column."""
    from rich.padding import Padding
    from rich.text import Text

    first, *values, last = row
    yield first
    said = [f"{head.lower()} {value}" for head, value in zip(heads[1:-1], values, strict=True) if str(value)]
    for part in (Text(", ".join(said), style="dim"), last):
        if str(part):
            yield Padding(part, (0, 0, 0, GAP))


def fields(pairs: Sequence[tuple[str, object]]) -> "Table":
    """Names and values below each other; what is empty is left out."""
    from rich.table import Table

    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        if value not in ("", None, ()):
            made.add_row(name, text(value))
    return made


def heading(title: str) -> "Text":
    return text(f"\n{title}", "bold")


def text(value: object, style: str = "") -> "Text":
    """Plain words, whatever they say: no markup, no control characters."""
    from rich.text import Text

    if isinstance(value, Text):
        return value
    lines = value if isinstance(value, tuple | list) else [value]
    return Text("\n".join(render.terminal_lines(str(line)) for line in lines), style=style)
