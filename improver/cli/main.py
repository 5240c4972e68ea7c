"""The `improver` command: gathers the groups, and words errors for people."""

from pathlib import Path
from typing import Annotated

import typer

from improver.cli import (
    analysis,
    attempts,
    auditing,
    configuration,
    control,
    findings,
    overview,
    remarks,
    running,
    setup,
    sourcemaps,
    storage,
    upkeep,
)
from improver.cli.commands import Commands

app = typer.Typer(
    name="improver",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    # Rich would double the time that --help takes, and hides what a bug report needs.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (
    setup, running, remarks, overview, findings, attempts, control, analysis, sourcemaps, upkeep, storage,
    auditing, configuration,
):  # fmt: skip
    group.add_to(app)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"improver {version('improver')}")
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="The config, instead of the nearest improver.toml.", metavar="PATH")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Closes the loop from telemetry to verified change.

    Start with `improver init` in a git repository, or see it work first: `improver demo`.
    """
    context.obj = config
