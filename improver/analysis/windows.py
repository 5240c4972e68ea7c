"""What came in since a Detector last looked, with the rest of the traces, sessions and conversations it is of."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import resources

from improver.warehouse import Database, Scratch, portions

# A unit in which nothing has happened for so long is over: only then can it be said what was not done in it.
OVER_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a Detector looks at one by one; its rows are handed over as the table `window_<rows>`."""

    table: str
    unit: str  # the column that says which unit a row is of
    rows: str
    lasting: bool = False  # it ends without a further row, and is looked at again until it is over
    look_back: int = 100_000  # numbers before the new ones, among which the rest of their units are looked for
    at_once: int  # rows: more take more memory, fewer more queries and more looks at the rest of their units


SCOPES = {
    "traces": Scope(table="spans", unit="trace_id", rows="spans", at_once=250_000),
    "sessions": Scope(table="usage", unit="session", rows="usage", at_once=50_000, lasting=True),
    "conversations": Scope(table="tool_calls", unit="conversation", rows="calls", at_once=20_000, lasting=True),
}

# Events of one table have numbers with gaps, where those of others are.
BLOCK = 5000
BLOCKS = "select max(seq) as upto, count(*) as rows from {table} where seq > $since group by seq // $block order by 1"

TOUCHED = """
select distinct {unit} as unit from {table}
where {unit} <> '' and seq > $oldest and seq <= $upto and (seq > $since or ({lasting} and received_at > $quiet))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How far a Detector has looked, and when."""

    seq: int
    at: datetime


def smaller(scope: Scope) -> Scope | None:
    """For Events that are larger than most; None if it is as small as can be."""
    at_once = scope.at_once // portions.SMALLER
    return replace(scope, at_once=at_once) if at_once >= portions.LEAST else None


@contextmanager
def opened(telemetry: Database, scope: Scope, last: Look, upto: int, ended_by: datetime) -> Iterator[Scratch]:
    """The rows after the last Look up to a number, with all of their units, and whether each is over by `ended_by`."""
    given = within(scope, last, upto)
    quiet = min(ended_by, last.at - OVER_AFTER)
    with telemetry.scratch() as scratch:
        scratch.create(
            "touched",
            TOUCHED.format(table=scope.table, unit=scope.unit, lasting=scope.lasting),
            given | {"since": last.seq, "quiet": quiet.replace(tzinfo=None)},
        )
        scratch.create(f"window_{scope.rows}", _query(scope.rows), given | {"ended_by": ended_by.replace(tzinfo=None)})
        yield scratch


def within(scope: Scope, last: Look, upto: int) -> dict[str, int]:
    """Between which numbers all rows of such a window are."""
    return {"oldest": max(0, last.seq - scope.look_back), "upto": upto}


def ends(telemetry: Database, scope: Scope, since: int) -> list[int]:
    """The numbers up to which one window after the other reaches, until all rows are looked at."""
    found: list[int] = []
    room = 0
    asked = {"since": since, "block": min(BLOCK, scope.at_once)}
    for block in telemetry.rows(BLOCKS.format(table=scope.table), asked):
        if block["rows"] > room:
            found, room = [*found, 0], scope.at_once
        found[-1] = block["upto"]
        room -= block["rows"]
    return found


@cache
def _query(name: str) -> str:
    return (resources.files("improver.warehouse") / "queries" / f"{name}.sql").read_text()
