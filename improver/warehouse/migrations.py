"""Numbered, append-only schema changes, each run once."""

from importlib import resources
from pathlib import Path

import duckdb

from improver.errors import ImproverError


def migrate(connection: duckdb.DuckDBPyConnection, schema: str, file: Path) -> None:
    """Bring a database to the newest schema; one that is newer than this improver is refused."""
    connection.execute(
        "create table if not exists migrations"
        " (number integer, applied_at timestamp default current_timestamp::timestamp)"
    )
    row = connection.execute("select coalesce(max(number), 0) from migrations").fetchone()
    done = row[0] if row else 0
    known = scripts(schema)
    if done > max(known):
        raise ImproverError(
            f"{file} was written by a newer improver (schema {done}, this one knows {max(known)})",
            hint="upgrade improver, or point data_dir elsewhere",
        )
    for number in sorted(n for n in known if n > done):
        connection.execute("begin")
        connection.execute(known[number])
        connection.execute("insert into migrations (number) values (?)", [number])
        connection.execute("commit")


def scripts(schema: str) -> dict[int, str]:
    folder = resources.files("improver.warehouse") / "schema" / schema
    return {int(f.name.partition("_")[0]): f.read_text() for f in folder.iterdir() if f.name.endswith(".sql")}
