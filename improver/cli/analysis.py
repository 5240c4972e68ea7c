"""`improver analyze`: telemetry files through the daemon's own code, keeping nothing."""

from pathlib import Path
from typing import Annotated

import typer

from improver.cli.asking import Json, settings
from improver.cli.output import as_json, show

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH", help="Files with one record a line, or JSON laid out over lines.", exists=True, dir_okay=False
    ),
]
Collector = Annotated[str, typer.Option("--as", help="Whose format it is, e.g. sentry.", metavar="COLLECTOR")]


def add_to(app: typer.Typer) -> None:
    app.command()(analyze)


def analyze(
    context: typer.Context,
    paths: Paths,
    collector: Collector,
    events: Annotated[bool, typer.Option("--events", help="Also say in which group each line ended up.")] = False,
    json: Json = False,
) -> None:
    """Find what goes wrong in telemetry files; nothing is stored.

    Now is the newest Event of them; what was not seen in four weeks before it is quiet.
    --json prints findings (as `improver findings --json` does), lines (how many records),
    rejected (how many items were left out, by reason) and unreadable (file:line of each record
    that nobody understands); with --events also events: ref (file:line), kind (error, crash, log),
    fingerprint (of the group that it counts with) and template, in the order of the lines.
    """
    from improver import analyze as analysis
    from improver import logs
    from improver.cli import analysis_layout as layout

    logs.silent()
    found = analysis.analyze(settings(context), paths, collector)
    if json:
        as_json(found if events else layout.without_events(found))
        return
    layout.refuse_if_nothing_was_understood(found, collector)
    show(*layout.page(found), *(layout.events(found) if events else ()))
