"""Copies of a database that are nobody's yet: what is in them."""

from pathlib import Path
from typing import Any

import duckdb

from improver.errors import ImproverError
from improver.warehouse.connecting import STORAGE

TABLES = (
    "select table_name from duckdb_tables() where database_name = current_database() and not internal order by 1"
)


def inspect(file: Path) -> dict[str, int]:
    """Rows by table, after reading every value of each."""
    try:
        with duckdb.connect(str(file), read_only=True, config=_CONFIG) as connection:
            names = [row[0] for row in connection.execute(TABLES).fetchall()]
            return {name: _rows(connection, name) for name in names}
    except duckdb.Error as error:
        raise ImproverError(f"{file} cannot be read: {error}", hint="take another backup") from error


def listed(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True, config=_CONFIG) as connection:
        return connection.execute(sql).fetchall()


def forget_positions(file: Path) -> None:
    """A copy that goes to another place, or another time, knows nothing of the Spool there."""
    with duckdb.connect(str(file), config={"storage_compatibility_version": STORAGE}) as connection:
        connection.execute("delete from offsets").fetchall()


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    [(rows, _)] = connection.execute(f'select count(*), bit_xor(hash(whole)) from "{table}" as whole').fetchall()
    return int(rows)


_CONFIG: dict[str, Any] = {"enable_external_access": "false", "autoload_known_extensions": "false", "threads": "1"}
