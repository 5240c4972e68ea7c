"""Questions in SQL, for what no other answer covers."""

from dataclasses import dataclass
from typing import Any

from improver.errors import ImproverError
from improver.runtime import Runtime
from improver.warehouse import Database, adhoc

LONGEST_S = 300.0
MOST_ROWS = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """`cut` when there were more rows than were asked for."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    cut: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    table: str
    rows: int


def sql(runtime: Runtime, *, query: str, limit: int = 1000, seconds: float = 30.0) -> Answered:
    """The answer to one SELECT over the telemetry, or over Findings and what follows from them; nothing changes."""
    if not (0 < limit <= MOST_ROWS and 0 < seconds <= LONGEST_S):
        raise ImproverError(
            f"{limit} rows within {seconds:g} s cannot be asked for",
            hint=f"at most {MOST_ROWS:,} rows and {LONGEST_S:g} s; `improver export` takes a table whole",
        )
    database = database_of(runtime, adhoc.asked_of(query))
    table = adhoc.ask(database, query, limit=limit, seconds=seconds)
    return Answered(columns=table.columns, rows=table.rows, cut=table.cut)


def tables(runtime: Runtime) -> list[TableRow]:
    """What can be asked for with SQL, or exported, with the number of rows."""
    return [
        TableRow(table=name, rows=database.value(f'select count(*) from "{name}"'))
        for database in (runtime.warehouse.telemetry, runtime.warehouse.state)
        for name in adhoc.tables(database)
    ]


def database_of(runtime: Runtime, named: frozenset[str]) -> Database:
    """The one that has all of these tables; none of them is in both."""
    both = (runtime.warehouse.telemetry, runtime.warehouse.state)
    known = {database.schema: set(adhoc.tables(database)) for database in both}
    if unknown := sorted(named - set().union(*known.values())):
        raise ImproverError(f"there is no table {unknown[0]!r}", hint="`improver sql` alone lists the tables")
    for database in both:
        if named <= known[database.schema]:
            return database
    said = ", ".join(sorted(named))
    raise ImproverError(
        f"{said} are in two databases: telemetry and state", hint="ask each for itself, or export both tables"
    )
