"""`improver pause`, `resume`: the brake."""

from typing import Annotated

import typer

from improver.cli.asking import ask
from improver.cli.output import show


def add_to(app: typer.Typer) -> None:
    for command in (pause, resume):
        app.command()(command)


Reason = Annotated[str, typer.Argument(metavar="REASON", help="Shown wherever something waits for it.")]


def pause(context: typer.Context, reason: Reason = "paused by a person") -> None:
    """Stop every effect outside; telemetry still comes in."""
    from improver import act

    show(ask(context, act.pause, reason=reason).message)


def resume(context: typer.Context) -> None:
    """Go on after a pause, or after the breaker."""
    from improver import act

    show(ask(context, act.resume).message)
