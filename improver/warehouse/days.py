"""Telemetry by the day: open days are tables, closed ones are Parquet files, and one view per table shows both."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from improver.machine.files import sync
from improver.warehouse import taking
from improver.warehouse.cursors import Reader, Writer
from improver.warehouse.names import BY_DAY, PAYLOADS, file_name, hot
from improver.warehouse.parts import checksum, is_whole, known

if TYPE_CHECKING:
    from improver.warehouse.database import Database

# As they came in: rows then need no sorting, and what belongs together (a request, a trace) stays together, which makes
# smaller files than sorting by service and route does. zstd's 9 takes a seventh off what its default leaves.
FORMAT = "format parquet, compression zstd, compression_level 9, parquet_version v2, row_group_size_bytes '16MB'"

# What is left of a day, or of one of its files, when there is no memory for more: one request's Events find room.
SHORTEST = timedelta(milliseconds=1)
MOST_PIECES = 64


def lay_views(writer: Writer) -> None:
    """Each table's view: its hot rows, and those of every file that is there and not known to be damaged."""
    damaged = {row["file"] for row in writer.rows("select file from damaged_parts")}
    whole = [row for row in known(writer) if row["file"] not in damaged and is_whole(writer.folder / row["file"], row)]
    for table in BY_DAY:
        files = [row["file"] for row in whole if row["of"] == table]
        writer.execute(f"create or replace view {table} as {_view(table, [writer.folder / file for file in files])}")


def _view(table: str, files: Sequence[Path]) -> str:
    open_days = f"select * from {hot(table)}"
    return f"{open_days} union all by name select * from {_parquet(files)}" if files else open_days


def _parquet(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(_quoted, files))}], union_by_name = true)"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def close(database: "Database", before: datetime, now: datetime) -> int:
    """Turn the rows of days before this one into files; how many rows."""
    with database.reading() as reader:
        due = [(day, table) for table in BY_DAY for day in _open_days(reader, table, before)]
    closed, last = 0, None
    for day, table in sorted(due):
        if last not in (None, day):
            # What was taken out of hot tables stays in memory until then: that of a month's days has no room there.
            database.checkpoint()
        begin = datetime.combine(day, datetime.min.time())
        closed, last = closed + _close(database, table, begin, begin + timedelta(days=1), now), day
    return closed


def _open_days(reader: Reader, table: str, before: datetime) -> list[date]:
    rows = reader.rows(
        f"select distinct received_at::date as day from {hot(table)} where received_at < $before order by 1",
        {"before": datetime.combine(before.date(), datetime.min.time())},
    )
    return [row["day"] for row in rows]


def _close(database: "Database", table: str, begin: datetime, end: datetime, now: datetime) -> int:
    """One transaction, which does not hold up the loader: what comes in meanwhile gets a further file.

    So does each half of what there is no memory for: of large Events DuckDB unpacks two thousand at once.
    """
    within = f"received_at >= '{begin}' and received_at < '{end}'"
    try:
        with database.aside() as writer:
            rows = f"select * from {hot(table)} where {within}"
            closed: int = _write(writer, table, begin.date(), rows, now)
            writer.execute(f"delete from {hot(table)} where {within}")
            lay_views(writer)
            return closed
    except duckdb.OutOfMemoryException:
        if end - begin < SHORTEST:
            raise
    database.checkpoint()
    middle = begin + (end - begin) / 2
    return _close(database, table, begin, middle, now) + _close(database, table, middle, end, now)


def _write(
    writer: Writer, table: str, day: date, rows: str, now: datetime, parameters: dict[str, Any] | None = None
) -> int:
    """A new file of `parts`, safely on disk before the transaction that names it commits."""
    name = file_name(table, day)
    path = writer.folder / name
    writer.execute(f"copy ({rows}) to {_quoted(path)} ({FORMAT})", parameters)
    path.chmod(0o600)
    sync(path)
    seq = "0" if table == PAYLOADS else "max(seq)"
    (facts,) = writer.rows(f"select count(*) n, {seq} seq, max(received_at) newest from {_parquet([path])}")
    if not facts["n"]:
        path.unlink()
        return 0
    writer.execute(
        "insert into parts values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            name, table, day, facts["n"], path.stat().st_size, checksum(path), facts["seq"], facts["newest"],
            now.replace(tzinfo=None),
        ],
    )  # fmt: skip
    return int(facts["n"])


def reopen(writer: Writer, payload_ids: list[str]) -> None:
    """Bring rows of these Payloads back from closed days, with all of their files, so that they can be changed."""
    if not writer.value("select count(*) from parts"):
        return
    asked = {"ids": payload_ids}
    days = writer.rows(
        "select distinct received_at::date as day from payloads where list_contains($ids, payload_id)", asked
    )
    candidates = writer.rows(
        "select file, of from parts where list_contains($days, day) and file not in (select file from damaged_parts)",
        {"days": [row["day"] for row in days]},
    )
    touched = [row for row in candidates if _holds(writer, row["file"], "list_contains($ids, payload_id)", asked)]
    for row in touched:
        rows = _parquet([writer.folder / row["file"]])
        writer.execute(f"insert into {hot(row['of'])} by name select * from {rows}")
        writer.execute("delete from parts where file = $file", {"file": row["file"]})
    if touched:
        lay_views(writer)


def _holds(writer: Writer, file: str, where: str, parameters: dict[str, Any]) -> bool:
    sql = f"select count(*) from (select 1 from {_parquet([writer.folder / file])} where {where} limit 1)"
    return bool(writer.value(sql, parameters))


def take_out(database: "Database", where: Callable[[str], str], parameters: dict[str, Any], now: datetime) -> int:
    """Remove rows from hot tables and, by writing them anew, from files of closed days; how many rows.

    `where` gives each table's condition, and nothing for a table that is left alone.
    """
    taken = 0
    conditions = {table: condition for table in BY_DAY if (condition := where(table))}
    with database.transaction() as writer:
        keep_numbers(writer)
        for table, condition in conditions.items():
            taken += writer.value(f"select count(*) from {hot(table)} where {condition}", parameters)
            taking.note(writer, table, hot(table), condition, parameters)
            writer.execute(f"delete from {hot(table)} where {condition}", parameters)
        parts = [row for row in known(writer) if row["of"] in conditions and is_whole(writer.folder / row["file"], row)]
    return taken + sum(_rewrite(database, part, conditions[part["of"]], parameters, now) for part in parts)


def _rewrite(
    database: "Database", part: dict[str, Any], where: str, parameters: dict[str, Any], now: datetime, pieces: int = 1
) -> int:
    try:
        with database.transaction() as writer:
            if not _holds(writer, part["file"], where, parameters):
                return 0
            rows = _parquet([writer.folder / part["file"]])
            taking.note(writer, part["of"], rows, where, parameters)
            staying = f"select * from {rows} where not coalesce({where}, false)"
            kept = sum(
                _write(writer, part["of"], part["day"], f"{staying} and {piece}", now, parameters)
                for piece in _pieces(writer, rows, pieces)
            )
            writer.execute("delete from parts where file = $file", {"file": part["file"]})
            lay_views(writer)
            return int(part["row_count"]) - kept
    except duckdb.OutOfMemoryException:
        if pieces >= MOST_PIECES:
            raise
    database.checkpoint()
    return _rewrite(database, part, where, parameters, now, 4 * pieces)


def _pieces(reader: Reader, rows: str, count: int) -> list[str]:
    """Conditions under which the rows come in so many parts."""
    (found,) = reader.rows(f"select min(seq) as first, max(seq) as last from {rows}")
    step = (found["last"] - found["first"]) // count + 1
    return [f"seq >= {begin} and seq < {begin + step}" for begin in range(found["first"], found["last"] + 1, step)]


def drop(database: "Database", before: datetime) -> int:
    """Let go of whole days before this one, closed or open; how many files."""
    day = {"before": before.date()}
    with database.transaction() as writer:
        keep_numbers(writer)
        dropped = int(writer.value("select count(*) from parts where day < $before", day))
        writer.execute("delete from parts where day < $before", day)
        for table in BY_DAY:
            writer.execute(f"delete from {hot(table)} where received_at < $before", day)
        lay_views(writer)
    return dropped


def keep_numbers(writer: Writer) -> None:
    """Before Events go for good: no number is given twice."""
    newest = next_seq(writer) - 1
    writer.execute("delete from given_numbers")
    writer.execute("insert into given_numbers values ($newest)", {"newest": newest})


def next_seq(writer: Writer) -> int:
    """A transaction that is rolled back leaves a gap."""
    if writer.numbers.newest is None:
        writer.numbers.newest = newest_seq(writer)
    return writer.numbers.newest + 1


def newest_seq(reader: Reader) -> int:
    """The highest number that any Event ever got."""
    tables = [f"(select max(seq) from {hot(table)})" for table in BY_DAY if table != PAYLOADS]
    past = ["(select max(newest_seq) from parts)", "(select max(seq) from given_numbers)"]
    return int(reader.value(f"select greatest({', '.join(tables + past)})") or 0)
