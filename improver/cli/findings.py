"""`improver findings`, `spec`, `dispatch`, `approve`, `dismiss`: from what goes wrong to the request for a change."""

from typing import Annotated

import typer

from improver.cli.asking import Json, OfTarget, ask, daemon_answers
from improver.cli.output import as_json, show

FindingId = Annotated[str, typer.Argument(metavar="ID", help="A Finding's id, or how it begins.")]

group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="findings")
    for command in (spec, dispatch, approve, dismiss):
        app.command()(command)


@group.callback()
def findings(
    context: typer.Context,
    target: OfTarget = "",
    environment: Annotated[str, typer.Option(help="Only this environment.", metavar="NAME")] = "",
    status: Annotated[str, typer.Option(help="Only this status, e.g. dismissed.", metavar="STATUS")] = "",
    json: Json = False,
) -> None:
    """List what goes wrong, worst first. `findings show ID` tells all about one."""
    if context.invoked_subcommand:
        return
    from improver import read
    from improver.cli import finding_layout as layout

    found = ask(context, read.findings, target=target, environment=environment, status=status)
    empty = layout.NONE_FIT if target or environment or status else layout.EMPTY
    as_json(found) if json else show(*layout.listing(found, empty=empty))


@group.command("show")
def show_finding(context: typer.Context, id: FindingId, json: Json = False) -> None:
    """One Finding: stack with code, score, suspects, Spec, Attempts, Outcomes."""
    from improver import read
    from improver.cli.finding_layout import page

    found = ask(context, read.finding, id=id)
    as_json(found) if json else show(*page(found))


@group.command("merge")
def merge(
    context: typer.Context,
    id: FindingId,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The Finding that it is to be one with.")],
) -> None:
    """Make two Findings one; `findings split` undoes it."""
    from improver import act

    show(ask(context, act.merge, id=id, into=into).message)


@group.command("split")
def split(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Merged Findings, or what they were merged into.")],
) -> None:
    """Take merged Findings apart, for good."""
    from improver import act

    for id in ids:
        show(ask(context, act.split, id=id).message)


def spec(context: typer.Context, id: FindingId, json: Json = False) -> None:
    """Show a Finding's Spec: the request that an Agent works from."""
    from improver import read, render

    found = ask(context, read.spec, id=id)
    as_json(found) if json else typer.echo(render.terminal_lines(found.markdown), nl=False)


def dispatch(
    context: typer.Context,
    id: FindingId,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done and why; start nothing.")] = False,
    json: Json = False,
) -> None:
    """Have a Finding attempted now, whatever the policy says."""
    from improver import act
    from improver.cli.dispatch_layout import next_step, plan
    from improver.dispatching import planning

    if dry_run:
        found = ask(context, planning.dry_run, id=id)
        as_json(found) if json else show(*plan(found))
        return
    done = ask(context, act.dispatch, id=id)
    as_json(done) if json else show(done.message, *next_step(daemon_answers(context)))


def approve(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="A Finding's or an Attempt's id, or how it begins.")],
) -> None:
    """Approve what waits for a person: a Spec, or a change.

    A Finding's Spec, before an Agent runs, or an Attempt's change, before it leaves. `improver dismiss` says no.
    """
    from improver import act

    show(ask(context, act.approve, id=id).message)


def dismiss(
    context: typer.Context,
    id: FindingId,
    reason: Annotated[str, typer.Option(help="Why: a word of a fixed list, e.g. wont_fix; a wrong one shows all.")],
) -> None:
    """Say that a Finding is not to be worked on."""
    from improver import act

    show(ask(context, act.dismiss, id=id, reason=reason).message)
