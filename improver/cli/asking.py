"""What every command needs: its config, an answer, and the options that many share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from improver.errors import ImproverError

if TYPE_CHECKING:
    from improver.config import Settings

Answer = TypeVar("Answer")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OfTarget = Annotated[str, typer.Option("--target", help="Only this Target.", metavar="NAME")]


def settings(context: typer.Context) -> "Settings":
    from improver.config import load

    return load(config(context))


def config(context: typer.Context) -> Path | None:
    """The config that --config names; one that is only found must not be a file of the repository it lies in."""
    from improver.config.load import FILE, find, named

    path: Path | None = context.find_root().obj
    found = None if named(path, os.environ) else find(Path.cwd(), os.environ)
    if found and found.name == FILE and _is_tracked(found):
        raise ImproverError(
            f"{found}: this repository brings its own config, which names commands to run",
            hint="name it with --config if you trust it",
        )
    return path


def _is_tracked(file: Path) -> bool:
    from improver.repo import Repository

    try:
        repository = Repository(file.parent)
    except ImproverError:
        return False  # it lies in no checkout
    return repository.tracks(file)


def ask(context: typer.Context, function: Callable[..., Answer], **arguments: object) -> Answer:
    """From the running daemon, or here when there is none."""
    from improver.client import Client

    return Client(settings(context)).ask(function, **arguments)


def daemon_answers(context: typer.Context) -> bool:
    from improver.client import Client

    return Client(settings(context)).daemon_answers()
