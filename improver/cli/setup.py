"""`improver init`, `doctor`, `connect`: from nothing to a daemon that hears the app."""

from pathlib import Path
from typing import Annotated

import typer

from improver.cli.asking import Json, config, settings
from improver.cli.output import as_json, show


def add_to(app: typer.Typer) -> None:
    for command in (init, doctor, connect):
        app.command()(command)


def init(
    path: Annotated[
        Path, typer.Argument(help="A folder in the repository.", metavar="PATH", exists=True, file_okay=False)
    ] = Path(),
    name: Annotated[str, typer.Option(help="The Target's name; else the folder's.", metavar="NAME")] = "",
    force: Annotated[bool, typer.Option("--force", help="Write an existing config anew.")] = False,
) -> None:
    """Write a config for a git repository."""
    import os

    from improver import init as preparing
    from improver.cli.setup_layout import written

    plan = preparing.plan(path, name, os.environ)
    dsn = preparing.overwrite(plan) if force else preparing.write(plan)
    show(*written(plan, dsn))


def doctor(context: typer.Context, json: Json = False) -> None:
    """Try what improver stands on, and say what to do."""
    from improver.cli.setup_layout import check, verdict
    from improver.doctor import Health, examine

    done = []
    for one in examine(config(context)):
        done.append(one)
        if not json:
            show(check(one))
    as_json(done) if json else show(verdict(done))
    if any(one.health == Health.FAIL for one in done):
        raise typer.Exit(1)


def connect(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="The Target's name in the config.")],
    rotate: Annotated[bool, typer.Option("--rotate", help="Make new keys; the old ones stay valid.")] = False,
    json: Json = False,
) -> None:
    """Say what to set in an app so that it reports here."""
    from improver import connect as connecting
    from improver.cli.setup_layout import retired, ways

    old = connecting.rotate(settings(context), target) if rotate else ()
    found = connecting.connect(settings(context), target)
    as_json(found) if json else show(*ways(found), *retired(old))
