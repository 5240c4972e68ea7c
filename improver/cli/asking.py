"""What every command needs: its config, an answer, and the options that many share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from improver.config import Settings

Answer = TypeVar("Answer")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OfTarget = Annotated[str, typer.Option("--target", help="Only this Target.", metavar="NAME")]


def settings(context: typer.Context) -> "Settings":
    from improver.config import load

    return load(context.find_root().obj)


def ask(context: typer.Context, function: Callable[..., Answer], **arguments: object) -> Answer:
    """From the running daemon, or here when there is none."""
    from improver.client import Client

    return Client(settings(context)).ask(function, **arguments)


def daemon_answers(context: typer.Context) -> bool:
    from improver.client import Client

    return Client(settings(context)).daemon_answers()
