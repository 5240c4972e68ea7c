"""One DuckDB file: locked down, migrated, written by one transaction at a time, read by anybody."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from improver.errors import ImproverError
from improver.warehouse import migrations

MEMORY = Path(":memory:")


class Reader:
    """A cursor that returns rows as dicts."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        result = self._cursor.execute(sql, _given(parameters))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:
        row = self._cursor.execute(sql, _given(parameters)).fetchone()
        return row[0] if row else None


class Writer(Reader):
    """A cursor inside the one open write transaction."""

    def execute(self, sql: str, parameters: Mapping[str, object] | list[object] | None = None) -> None:
        self._cursor.execute(sql, _given(parameters))

    def append(self, table: str, rows: pa.Table) -> None:
        """Insert an Arrow table whose column names are the table's."""
        self._with(rows, f"insert into {table} by name select * from incoming")

    def delete(self, table: str, ids: list[str], column: str = "id") -> None:
        incoming = pa.table({"id": pa.array(ids, pa.string())})
        self._with(incoming, f"delete from {table} where {column} in (select id from incoming)")

    def matching(self, incoming: pa.Table, sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
        """Rows of a query that may name the Arrow table `incoming`."""
        with self._registered(incoming):
            return self.rows(sql, parameters)

    def _with(self, rows: pa.Table, sql: str) -> None:
        with self._registered(rows):
            self._cursor.execute(sql)

    @contextmanager
    def _registered(self, incoming: pa.Table) -> Iterator[None]:
        self._cursor.register("incoming", incoming)
        try:
            yield
        finally:
            self._cursor.unregister("incoming")


class Database:
    def __init__(self, file: Path, schema: str, *, memory_mb: int, threads: int) -> None:
        self.file = file
        self._writing = threading.RLock()
        self._connection = _connect(file, memory_mb, threads)
        migrations.migrate(self._connection, schema, file)
        _lock_down(self._connection, file)

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """Everything inside commits together or not at all; writers take turns."""
        with self._writing:
            cursor = self._connection.cursor()
            try:
                cursor.execute("begin")
                yield Writer(cursor)
                cursor.execute("commit")
            except BaseException:
                _roll_back(cursor)
                raise
            finally:
                cursor.close()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        cursor = self._connection.cursor()
        try:
            yield Reader(cursor)
        finally:
            cursor.close()

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        with self.reading() as reader:
            return reader.rows(sql, parameters)

    def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:
        with self.reading() as reader:
            return reader.value(sql, parameters)

    def checkpoint(self) -> bool:
        """Fold the write-ahead log into the file; False when a transaction stood in the way: try again later."""
        with self._writing, self._connection.cursor() as cursor:
            try:
                cursor.execute("checkpoint")
            except duckdb.TransactionException:
                return False
            return True

    def close(self) -> None:
        self._connection.close()


def _connect(file: Path, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "memory_limit": f"{memory_mb}MB",
        "threads": str(threads),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        # An automatic checkpoint stalls writers for seconds; the daemon checkpoints in the background.
        "checkpoint_threshold": "2GB",
    }
    if file != MEMORY:
        config["storage_compatibility_version"] = "v1.5.0"
    try:
        return duckdb.connect(str(file), config=config)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise ImproverError(
                f"another process has {file} open",
                hint="stop it, or use the CLI beside the running daemon",
                retryable=True,
            ) from error
        raise ImproverError(
            f"cannot open {file}: {error}", hint="check the disk and the folder's permissions"
        ) from error


def _lock_down(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    if file != MEMORY:
        folder = str(file.parent).replace("'", "''")
        connection.execute(f"set allowed_directories = ['{folder}']")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("rollback")
    except duckdb.TransactionException:
        return  # the failure had ended the transaction already


def _given(parameters: Mapping[str, object] | list[object] | None) -> dict[str, object] | list[object] | None:
    """DuckDB breaks on a lone surrogate, which JSON can hold and so anybody can ask with."""
    if not parameters:
        return None
    if isinstance(parameters, list):
        return [_storable(value) for value in parameters]
    return {name: _storable(value) for name, value in parameters.items()}


def _storable(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
