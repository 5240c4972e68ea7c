"""`improver sql`, `export`, `backup`, `restore`, `forget`: the data itself."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from improver.cli.asking import Json, ask, settings
from improver.cli.output import as_json, show


def add_to(app: typer.Typer) -> None:
    for command in (sql, export, backup, restore, forget):
        app.command()(command)


def sql(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="One SELECT; without it, tables are listed.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many rows.", metavar="N", min=1)] = 1000,
    seconds: Annotated[float, typer.Option(help="At most so long.", metavar="S", min=0.1)] = 30,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json: Json = False,
) -> None:
    """Ask the Warehouse in SQL. It reads our own tables and nothing else, and changes nothing."""
    from improver import read
    from improver.cli import storage_layout as layout

    if not query:
        listed = ask(context, read.tables)
        as_json(listed) if json else show(*layout.tables(listed))
        return
    answered = ask(context, read.sql, query=query, limit=limit, seconds=seconds)
    if csv:
        typer.echo(layout.csv(answered), nl=False)
    elif json:
        as_json(layout.records(answered))
    else:
        show(*layout.answered(answered))
    if answered.cut:
        typer.echo(f"there is more than these {len(answered.rows):,} rows: --limit, or `improver export`", err=True)


def export(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="As `improver sql` lists them.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .parquet or .csv; must be new.")],
) -> None:
    """Write a whole table to a Parquet or CSV file."""
    from improver import act

    show(ask(context, act.export, table=table, file=str(file.absolute())).message)


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Must be new; else one in the data folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Write everything to one file, beside the running daemon too.

    Both databases, closed days, keys, Specs and source maps. The file has your keys in it. The Spool and the
    transcripts of Attempts are not in it.
    """
    from improver.cli import storage_layout as layout
    from improver.upkeep import backups

    made = ask(context, backups.backup, file=str(file.absolute()) if file else "")
    as_json(made) if json else show(*layout.backup(made))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `improver backup` wrote.")],
    json: Json = False,
) -> None:
    """Bring back a backup, after comparing all that is in it. The daemon must be stopped; what was there is kept."""
    from improver.cli import storage_layout as layout
    from improver.datadir import DataDir
    from improver.upkeep.restore import restore as bring_back

    done = bring_back(DataDir(settings(context).data_dir), file.absolute(), datetime.now(UTC))
    as_json(done) if json else show(*layout.restored(done))


def forget(
    context: typer.Context,
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's id as the app sends it, or the address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Remove a user from all that is kept, for good.

    From telemetry, quarantine, Spool, evidence and records, whose files are written anew. Backups are not
    covered: they are named, so that you can remove them.
    """
    from improver.cli import storage_layout as layout
    from improver.upkeep import forgetting

    if not yes:
        typer.confirm(f"Remove everything about {user!r} for good?", abort=True)
    done = ask(context, forgetting.forget, user=user)
    as_json(done) if json else show(*layout.forgotten(done))
