"""`improver attempts`, `outcomes`, `deployed`: from an Agent's run to what became of its change."""

from typing import Annotated

import typer

from improver.cli.asking import Json, ask
from improver.cli.output import as_json, show

OfFinding = Annotated[str, typer.Option("--finding", help="Only this Finding's.", metavar="ID")]

group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="attempts")
    for command in (outcomes, deployed):
        app.command()(command)


@group.callback()
def attempts(context: typer.Context, finding: OfFinding = "", json: Json = False) -> None:
    """List what Agents did, newest first. `attempts show ID` tells all about one."""
    if context.invoked_subcommand:
        return
    from improver import read
    from improver.cli.attempt_layout import attempts_listing

    found = ask(context, read.attempts, finding=finding)
    as_json(found) if json else show(*attempts_listing(found))


@group.command("show")
def show_attempt(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="An Attempt's id, or how it begins.")],
    transcript: Annotated[bool, typer.Option("--transcript", help="What its Agent printed, instead.")] = False,
    json: Json = False,
) -> None:
    """One Attempt: its Gates, its change, where it went."""
    from improver import read
    from improver.cli import attempt_layout

    if transcript:
        said = ask(context, read.transcript, id=id)
        return as_json(said) if json else show(*attempt_layout.transcript(said))
    found = ask(context, read.attempt, id=id)
    return as_json(found) if json else show(*attempt_layout.page(found))


@group.command("cancel")
def cancel_attempt(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="An Attempt's id, or how it begins.")],
) -> None:
    """End an Attempt that is under way, and whatever it started."""
    from improver import act

    show(ask(context, act.cancel, attempt=id).message)


def outcomes(context: typer.Context, finding: OfFinding = "", json: Json = False) -> None:
    """List what delivered changes did once they ran."""
    from improver import read
    from improver.cli.attempt_layout import outcomes_listing

    found = ask(context, read.outcomes, finding=finding)
    as_json(found) if json else show(*outcomes_listing(found))


def deployed(
    context: typer.Context,
    revision: Annotated[str, typer.Argument(metavar="REV", help="A commit, tag or branch of the target's repository.")],
    target: Annotated[str, typer.Option(help="Which Target, if there are several.", metavar="NAME")] = "",
    environment: Annotated[str, typer.Option(help="Where it runs; without one, everywhere.", metavar="NAME")] = "",
    json: Json = False,
) -> None:
    """Say that a revision runs, where telemetry does not."""
    from improver import act

    done = ask(context, act.deployed, revision=revision, target=target, environment=environment)
    as_json(done) if json else show(f"noted: {done.target} runs {done.commit[:12]}")
