"""Prints answers: JSON for programs, tables on a terminal, aligned plain lines in a pipe."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from improver import render

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

PIPE_WIDTH = 10_000  # nothing is cut or folded for a program


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


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[str] = ()) -> "Table":
    """Every cell is made inert; the last column may fold, the others stay whole."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        last = head == heads[-1]
        made.add_column(head, no_wrap=not last, overflow="fold", justify="right" if head in right else "left")
    for row in rows:
        made.add_row(*(text(value) for value in row))
    return made


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
