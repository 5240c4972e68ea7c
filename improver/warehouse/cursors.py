"""Cursors on a database: one that reads, and one inside the write transaction."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from improver.warehouse.names import place_of

if TYPE_CHECKING:
    import pyarrow as pa  # a tenth of the time of a command that only reads

Parameters = Mapping[str, object]
Found = TypeVar("Found")
# How DuckDB says that it cannot read a file.
UNREADABLE = (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException)
OF_A_FILE = ("parquet", "zstd", "thrift", "protocol", "metadata")


@dataclass
class Numbers:
    """The highest `seq` that was given since the database was opened: looking for it costs more the more there is."""

    newest: int | None = None


class Reader:
    """A cursor that returns rows as dicts."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, folder: Path, mend: Callable[[], bool] = lambda: False
    ) -> None:
        self._cursor = cursor
        self._mend = mend
        self.folder = folder  # where the files of closed days are

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        return self._asked(lambda: self._rows(sql, parameters))

    def value(self, sql: str, parameters: Parameters | None = None) -> Any:
        rows = self._asked(lambda: self._execute(sql, parameters).fetchall())
        return rows[0][0] if rows else None

    def _asked(self, ask: Callable[[], Found]) -> Found:
        """Once more if a day's file turned out to be unreadable and is left out now."""
        try:
            return ask()
        except UNREADABLE as error:
            if not (is_of_a_file(error) and self._mend()):
                raise
            return ask()

    def _rows(self, sql: str, parameters: Parameters | None) -> list[dict[str, Any]]:
        result = self._execute(sql, parameters)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _execute(self, sql: str, parameters: Parameters | None) -> duckdb.DuckDBPyConnection:
        return self._cursor.execute(sql, _given(parameters))


class Scratch(Reader):
    """A cursor with tables of its own, which are gone when it is closed."""

    def create(self, name: str, query: str, parameters: Parameters) -> None:
        """Keep what a query finds; parameters that it does not name are left out."""
        self._asked(lambda: self._execute(f"create temp table {name} as {query}", _named(query, parameters)).fetchall())

    def add(self, name: str, query: str, parameters: Parameters) -> int:
        """Put what a query finds to what is kept, all of it or nothing; how many rows."""
        sql, given = f"insert into {name} {query}", _named(query, parameters)
        [(added,)] = self._asked(lambda: self._execute(sql, given).fetchall())
        return int(added)

    def table(self, query: str, parameters: Parameters) -> "pa.Table":
        return self._asked(lambda: self._execute(query, _named(query, parameters)).to_arrow_table())


class Writer(Reader):
    """A cursor inside the one open write transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, folder: Path, numbers: Numbers) -> None:
        super().__init__(cursor, folder)
        self.numbers = numbers

    def execute(self, sql: str, parameters: Parameters | list[object] | None = None) -> None:
        # DuckDB 2 does nothing else before a result is taken whole.
        self._cursor.execute(sql, _given(parameters)).fetchall()

    def apply(self, statement: str, parameters: Parameters) -> None:
        """Execute with those of the parameters that it names."""
        self.execute(statement, _named(statement, parameters))

    def append(self, table: str, rows: "pa.Table") -> None:
        """Insert an Arrow table whose column names are the table's."""
        self._with(rows, f"insert into {place_of(table)} by name select * from incoming")
        if self.numbers.newest is not None and "seq" in rows.column_names and rows.num_rows:
            import pyarrow.compute as pc

            self.numbers.newest = max(self.numbers.newest, pc.max(rows.column("seq")).as_py())

    def delete(self, table: str, ids: list[str], column: str = "id") -> None:
        """Rows of a day that is open; those of a closed one have to be brought back first."""
        import pyarrow as pa

        incoming = pa.table({"id": pa.array(ids, pa.string())})
        self._with(incoming, f"delete from {place_of(table)} where {column} in (select id from incoming)")

    def within(self, incoming: "pa.Table", sql: str, parameters: Parameters) -> None:
        """A statement that may name the Arrow table `incoming`."""
        with self._registered(incoming):
            self.execute(sql, parameters)

    def matching(self, incoming: "pa.Table", sql: str, parameters: Parameters) -> list[dict[str, Any]]:
        """Rows of a query that may name the Arrow table `incoming`."""
        with self._registered(incoming):
            return self.rows(sql, parameters)

    def _with(self, rows: "pa.Table", sql: str) -> None:
        with self._registered(rows):
            self.execute(sql)

    @contextmanager
    def _registered(self, incoming: "pa.Table") -> Iterator[None]:
        self._cursor.register("incoming", incoming)
        try:
            yield
        finally:
            self._cursor.unregister("incoming")


def is_of_a_file(error: duckdb.Error) -> bool:
    """Rather than of the values that a query was given."""
    said = str(error).lower()
    return isinstance(error, duckdb.IOException) or any(word in said for word in OF_A_FILE)


def _named(query: str, parameters: Parameters) -> dict[str, object]:
    """Those that a query names: DuckDB refuses any others."""
    return {name: parameters[name] for name in set(re.findall(r"\$([a-z_]+)\b", query)) if name in parameters}


def _given(parameters: Parameters | list[object] | None) -> dict[str, object] | list[object] | None:
    """DuckDB breaks on a lone surrogate, which JSON can hold and so anybody can ask with."""
    if not parameters:
        return None
    if isinstance(parameters, list):
        return [storable(value) for value in parameters]
    return {name: storable(value) for name, value in parameters.items()}


def storable(value: Any) -> Any:
    """A text without halves of surrogate pairs; anything else as it is."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
