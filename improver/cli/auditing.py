"""`improver audit`: what was decided and done."""

from typing import Annotated

import typer

from improver.cli.asking import Json, ask
from improver.cli.output import as_json, show

group = typer.Typer(invoke_without_command=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="audit")


@group.callback()
def audit(
    context: typer.Context,
    about: Annotated[str, typer.Option(help="Only what concerns this Finding or Attempt.", metavar="ID")] = "",
    limit: Annotated[int, typer.Option(help="The newest so many.", metavar="N", min=1)] = 100,
    json: Json = False,
) -> None:
    """Show what was decided and done, oldest first. `audit verify` says whether anybody changed the record."""
    if context.invoked_subcommand:
        return
    from improver import read
    from improver.cli.auditing_layout import listing

    found = ask(context, read.audit, about=about, limit=limit)
    as_json(found) if json else show(*listing(found))


@group.command()
def verify(
    context: typer.Context,
    contains: Annotated[
        str, typer.Option(help="A hash that was written down elsewhere, e.g. in a pull request.", metavar="HASH")
    ] = "",
    json: Json = False,
) -> None:
    """Check that every entry follows from the one before."""
    from improver import read
    from improver.cli.auditing_layout import checked

    chain = ask(context, read.audit_chain, contains=contains)
    as_json(chain) if json else show(*checked(chain))
    if not chain.sound:
        raise typer.Exit(1)
