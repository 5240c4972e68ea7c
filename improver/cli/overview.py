"""`improver status`, `report`: how it goes, and what changed."""

from pathlib import Path
from typing import Annotated

import typer

from improver.cli.asking import Json, ask
from improver.cli.output import as_json, show


def add_to(app: typer.Typer) -> None:
    for command in (status, report):
        app.command()(command)


def status(context: typer.Context, json: Json = False) -> None:
    """Show what has arrived, what waits, and what runs."""
    from improver import read
    from improver.cli.status_layout import page

    found = ask(context, read.status)
    as_json(found) if json else show(*page(found))


def report(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=365)] = 7,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write it to this file instead.", metavar="FILE")] = None,
    json: Json = False,
) -> None:
    """Tell what is new, worse, fixed and held, or failed."""
    from improver import read
    from improver.cli.report_layout import page, written

    found = ask(context, read.report, days=days)
    if out:
        show(f"written: {written(found, out, markdown)}")
        return
    as_json(found) if json else show(*page(found, markdown))
