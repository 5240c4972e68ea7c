"""`improver quarantine`, `replay`, `keys`: what could not be understood, and who may send."""

import re
from typing import Annotated

import typer

from improver.cli.asking import Json, ask
from improver.cli.output import as_json, show

HOURS = {"m": 1 / 60, "h": 1.0, "d": 24.0}

group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    for command in (quarantine, replay):
        app.command()(command)
    app.add_typer(group, name="keys")


def quarantine(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help="At most so many.", metavar="N", min=1)] = 200,
    json: Json = False,
) -> None:
    """List Payloads that could not be understood, newest first."""
    from improver import read
    from improver.cli.upkeep_layout import quarantined

    found = ask(context, read.quarantine, limit=limit)
    as_json(found) if json else show(*quarantined(found))


def replay(
    context: typer.Context,
    payloads: Annotated[
        list[str] | None, typer.Argument(metavar="PAYLOAD_ID", help="How the ids of quarantined Payloads begin.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is in quarantine.")] = False,
    since: Annotated[str, typer.Option(help="Instead, all that came in since, e.g. 90m, 2h, 1d.", metavar="AGO")] = "",
    json: Json = False,
) -> None:
    """Digest Payloads once more, after a fix.

    Those that are named, or all that are in quarantine; or, with --since, what the Spool still has.
    """
    from improver.cli.upkeep_layout import replayed
    from improver.upkeep import replay as replaying

    if (bool(payloads), everything, bool(since)).count(True) != 1:
        raise typer.BadParameter("name Payloads, or say --all, or --since AGO")
    if since:
        done = ask(context, replaying.replay_since, hours=_hours(since))
    else:
        done = ask(context, replaying.replay, payloads=payloads or [])
    as_json(done) if json else show(*replayed(done))


@group.callback()
def keys(context: typer.Context, json: Json = False) -> None:
    """List the keys that senders show, never their secrets. `keys revoke ID` ends one."""
    if context.invoked_subcommand:
        return
    from improver import read
    from improver.cli.upkeep_layout import listing

    found = ask(context, read.keys)
    as_json(found) if json else show(*listing(found))


@group.command()
def revoke(
    context: typer.Context, id: Annotated[str, typer.Argument(metavar="ID", help="A key's id, or how it begins.")]
) -> None:
    """End a key: nothing that shows it is taken any more."""
    from improver import act

    show(ask(context, act.revoke, key=id).message)


def _hours(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([mhd])", text)
    if not found:
        raise typer.BadParameter(f"{text!r} is no time to go back: e.g. 90m, 2h, 1d")
    return float(found[1]) * HOURS[found[2]]
