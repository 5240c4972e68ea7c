"""What came in since a Detector last looked, with the rest of the traces, sessions and conversations it is of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from improver.warehouse import Database, Scratch

# A unit in which nothing has happened for so long is over: only then can it be said what was not done in it.
OVER_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a Detector looks at one by one; its rows are handed over as the table `window_<rows>`."""

    table: str
    unit: str  # the column that says which unit a row is of
    rows: str
    lasting: bool = False  # it ends without a further row, and is looked at again until it is over
    look_back: int = 100_000  # rows before the new ones, among which the rest of their units are looked for


SCOPES = {
    "traces": Scope(table="spans", unit="trace_id", rows="spans"),
    "sessions": Scope(table="usage", unit="session", rows="usage", lasting=True),
    "conversations": Scope(table="tool_calls", unit="conversation", rows="calls", lasting=True),
}

TOUCHED = """
select distinct {unit} as unit from {table}
where {unit} <> '' and seq > $oldest and seq <= $upto and (seq > $since or ({lasting} and received_at > $quiet))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How far a Detector has looked, and when."""

    seq: int
    at: datetime


@contextmanager
def opened(telemetry: Database, scope: Scope, last: Look, upto: int, ended_by: datetime) -> Iterator[Scratch]:
    """The rows after the last Look up to a number, with all of their units, and whether each is over by `ended_by`."""
    given = {"oldest": max(0, last.seq - scope.look_back), "upto": upto}
    quiet = min(ended_by, last.at - OVER_AFTER)
    with telemetry.scratch() as scratch:
        scratch.create(
            "touched",
            TOUCHED.format(table=scope.table, unit=scope.unit, lasting=scope.lasting),
            given | {"since": last.seq, "quiet": quiet.replace(tzinfo=None)},
        )
        scratch.create(f"window_{scope.rows}", _query(scope.rows), given | {"ended_by": ended_by.replace(tzinfo=None)})
        yield scratch


def newest(telemetry: Database, scope: Scope) -> int:
    return telemetry.value(f"select max(seq) from {scope.table}") or 0


@cache
def _query(name: str) -> str:
    return (resources.files("improver.warehouse") / "queries" / f"{name}.sql").read_text()
