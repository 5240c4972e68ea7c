"""Numbered, append-only schema changes, each run once."""

import logging
import shutil
from importlib import resources
from pathlib import Path

import duckdb

from improver.errors import ImproverError
from improver.machine import files
from improver.warehouse.connecting import MEMORY

log = logging.getLogger(__name__)


def migrate(connection: duckdb.DuckDBPyConnection, schema: str, file: Path) -> None:
    """Bring a database to the newest schema; one that is newer than this improver is refused.

    The lock on the data folder, or DuckDB's own on the file, keeps everybody else out meanwhile.
    """
    connection.execute(
        "create table if not exists migrations"
        " (number integer, applied_at timestamp default current_timestamp::timestamp)"
    )
    [(done,)] = connection.execute("select coalesce(max(number), 0) from migrations").fetchall()
    known = scripts(schema)
    if done > max(known):
        raise ImproverError(
            f"{file} was written by a newer improver (schema {done}, this one knows {max(known)})",
            hint="upgrade improver, or point data_dir elsewhere",
        )
    due = sorted(number for number in known if number > done)
    if due and done and file != MEMORY:
        _keep(connection, file, done)
    for number in due:
        _apply(connection, known[number], number)


def _apply(connection: duckdb.DuckDBPyConnection, script: str, number: int) -> None:
    connection.execute("begin")
    try:
        connection.execute(script).fetchall()
        connection.execute("insert into migrations (number) values (?)", [number]).fetchall()
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _keep(connection: duckdb.DuckDBPyConnection, file: Path, done: int) -> None:
    """The file as it is, beside the other backups, before anything in it changes."""
    kept = file.parent / "backups" / f"{file.stem}-schema-{done}{file.suffix}"
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    connection.execute("checkpoint")
    room, needed = shutil.disk_usage(kept.parent).free, file.stat().st_size
    if room < needed:
        raise ImproverError(
            f"no room for a backup of {file} before it is upgraded: it needs {needed:,} bytes, {room:,} are free",
            hint="free some disk space, then start again",
        )
    shutil.copyfile(file, kept)
    kept.chmod(0o600)
    files.sync(kept)
    log.info("backed up before an upgrade", extra={"file": str(kept)})


def scripts(schema: str) -> dict[int, str]:
    folder = resources.files("improver.warehouse") / "schema" / schema
    found = sorted(script.name for script in folder.iterdir() if script.name.endswith(".sql"))
    numbered = {int(name.partition("_")[0]): (folder / name).read_text() for name in found}
    if len(numbered) != len(found):
        raise ImproverError(f"two schema changes bear one number: {', '.join(found)}", hint="number one of them anew")
    return numbered
