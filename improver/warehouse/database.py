"""One DuckDB file: locked down, migrated, written by one transaction at a time, read by anybody."""

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb

from improver.errors import ImproverError
from improver.machine import files
from improver.warehouse import days, migrations, parts
from improver.warehouse.connecting import MEMORY, Limits, connect, lock_down
from improver.warehouse.copies import TABLES
from improver.warehouse.cursors import UNREADABLE, Numbers, Reader, Scratch, Writer, is_of_a_file
from improver.warehouse.gate import Gate

log = logging.getLogger(__name__)

LOG_SHARE = 6  # of the memory, for rows that are not in the file yet: they take what their log does, and more
# After these DuckDB answers nothing more until the file is opened anew.
FATAL = (duckdb.FatalException, duckdb.InternalException)


class Database:
    """`telemetry` or `state`; beside the file lie `days`, for closed days, and `copies`, for copies in the making."""

    def __init__(self, file: Path, schema: str, limits: Limits) -> None:
        self.file = file
        self.schema = schema
        self.days = file.parent / "days"
        self.copies = file.parent / "copies"
        self._limits = limits
        self._writing = threading.RLock()
        self._gate = Gate()
        self._broken = False
        self._numbers = Numbers()
        self._connection = self._open()

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """Everything inside commits together or not at all; writers take turns."""
        with self._writing, self.aside() as writer:
            yield writer

    @contextmanager
    def aside(self) -> Iterator[Writer]:
        """A long transaction that holds up no other: it fails if one of those changed the same rows."""
        with self._cursor() as cursor:
            try:
                cursor.execute("begin")
                yield Writer(cursor, self.days, self._numbers)
                cursor.execute("commit")
            except UNREADABLE as error:
                _roll_back(cursor)
                if not (is_of_a_file(error) and self._mend()):
                    raise
                problem = "a closed day's file could not be read, and is left out now"
                raise ImproverError(problem, hint="try again", retryable=True) from error
            except BaseException:
                _roll_back(cursor)
                raise

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._cursor() as cursor:
            yield Reader(cursor, self.days, self._mend)

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        with self._cursor() as cursor:
            yield Scratch(cursor, self.days, self._mend)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """DuckDB's own, for the rest of the Warehouse."""
        with self._cursor() as cursor:
            yield cursor

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else reads or writes meanwhile."""
        with self._writing, self._gate.alone():
            yield

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        with self.reading() as reader:
            return reader.rows(sql, parameters)

    def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:
        with self.reading() as reader:
            return reader.value(sql, parameters)

    def checkpoint(self) -> bool:
        """Fold the write-ahead log into the file; False when a transaction stood in the way: try again later."""
        with self._writing, self._cursor() as cursor:
            try:
                cursor.execute("checkpoint")
            except duckdb.TransactionException:
                return False
            return True

    def fold_log(self) -> None:
        """A checkpoint, if what is not in the file yet takes more of the memory than it may."""
        if self.log_bytes() > (self._limits.memory_mb << 20) // LOG_SHARE:
            self.checkpoint()

    def log_bytes(self) -> int:
        """How long the write-ahead log is: what it holds is in memory too, uncompressed."""
        log = log_of(self.file)
        return log.stat().st_size if log.exists() else 0

    def copy(self, file: Path) -> None:
        """As of now, into a new file below `copies`, without holding up anybody."""
        with self._cursor() as cursor:
            cursor.execute(f"attach '{_escaped(file)}' as copied (storage_version 'v1.5.0')")
            try:
                cursor.execute(f'copy from database "{self.schema}" to copied').fetchall()
            finally:
                cursor.execute("detach copied")
        file.chmod(0o600)
        files.sync(file)

    def compact(self) -> int:
        """Write the file anew: what was deleted is gone from the disk only then. Returns the bytes saved."""
        fresh = self.copies / f"{self.schema}-{secrets.token_hex(4)}.duckdb"
        with self.alone():
            before = self.file.stat().st_size
            try:
                self.copy(fresh)
                self._connection.close()
                if not log_of(self.file).exists():
                    files.replace(fresh, self.file)
            finally:
                fresh.unlink(missing_ok=True)
                self._connection = self._open()
            return before - self.file.stat().st_size

    def unreadable(self) -> dict[str, str]:
        """Tables of the file with a damaged block, found by reading every value, and what DuckDB says of each."""
        with self._cursor() as cursor:
            names = [name for (name,) in cursor.execute(TABLES).fetchall()]
        return {name: problem for name in names if (problem := self._problem_of(name))}

    def _problem_of(self, table: str) -> str:
        try:
            with self._cursor() as cursor:
                cursor.execute(f'select bit_xor(hash(whole)) from "{table}" as whole').fetchall()
        except (*UNREADABLE, *FATAL) as error:
            return str(error).partition("\n")[0]
        return ""

    def free_bytes(self) -> int:
        """What the file holds without needing it."""
        with self._cursor() as cursor:
            [(free,)] = cursor.execute(
                "select free_blocks * block_size from pragma_database_size() where database_name = $name",
                {"name": self.schema},
            ).fetchall()
        return int(free)

    def close(self) -> None:
        self._connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        connection = connect(self.file, self._limits)
        try:
            migrations.migrate(connection, self.schema, self.file)
            folders = [self.copies, self.days] if self.schema == "telemetry" else [self.copies]
            lock_down(connection, [] if self.file == MEMORY else folders)
            if self.schema == "telemetry":
                with closing(connection.cursor()) as cursor:
                    parts.pardon(writer := Writer(cursor, self.days, Numbers()))
                    days.lay_views(writer)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._broken:
            self._heal()
        with self._gate.shared():
            cursor = self._connection.cursor()
            try:
                yield cursor
            except FATAL:
                self._broken = True
                raise
            finally:
                cursor.close()

    def _heal(self) -> None:
        """A full disk makes DuckDB give up a database; opened anew it has everything that was committed."""
        with self._gate.alone():
            if not self._broken:
                return
            log.warning("the Warehouse is opened anew after a fatal error", extra={"database": self.schema})
            self._connection.close()
            self._connection = self._open()
            self._broken = False

    def _mend(self) -> bool:
        """Leave unreadable files of closed days out of the views; whether there was a new one."""
        if self.schema != "telemetry":
            return False
        with self.transaction() as writer:
            if not writer.value("select count(*) from parts"):
                return False
            known = {row["file"] for row in writer.rows("select file from damaged_parts")}
            found = parts.examine(writer)
            days.lay_views(writer)
        for file in sorted(found.keys() - known):
            log.error("a closed day's file is left out", extra={"file": file, "reason": found[file]})
        return bool(found.keys() - known)


def log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("rollback")
    except (duckdb.TransactionException, *FATAL):
        return  # the failure had ended the transaction already
