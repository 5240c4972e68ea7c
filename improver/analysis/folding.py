"""Counts that are kept up with the Events that came in: what was counted is not read again, unless some of it went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from improver.analysis import sightings
from improver.warehouse import Database, Writer

KEPT = timedelta(days=60)
AT_ONCE = 500_000
LOOK_BACK = 100_000  # how far before the new ones it is looked whether they go on with something


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """Statements that add the Events of `table` after $since, up to $upto, to what `into` has.

    `taken_back` names what lost Events: the statements count that anew, whole. They find all that they need after
    $behind, and need nothing of before $oldest.
    """

    name: str
    version: int
    table: str
    into: tuple[str, ...]
    taken_back: str
    statements: tuple[str, ...]


def fold(telemetry: Database, one: Fold, now: datetime) -> None:
    """Count what came in since the last time, each portion in one transaction: nothing counts twice."""
    since = sightings.looked_up_to(telemetry, one.name, one.version)
    while (upto := _portion(telemetry, one, since)) is not None:
        with telemetry.transaction() as writer:
            if not since:
                _empty(writer, one)
            _add(writer, one, since, upto, now)
            sightings.looked(writer, {one.name: one.version}, upto, now)
        since = upto


def _portion(telemetry: Database, one: Fold, since: int) -> int | None:
    """Up to where to count next; None if nothing came in, and nothing was taken back."""
    asked = {"since": since, "most": AT_ONCE}
    upto: int | None = telemetry.value(
        f"select least(max(seq), min(seq) + $most - 1) from {one.table} where seq > $since", asked
    )
    if upto is None and telemetry.value(f"select count(*) from {one.taken_back}"):
        return since
    return upto


def _empty(writer: Writer, one: Fold) -> None:
    """Also of what another version counted."""
    for table in (*one.into, one.taken_back):
        writer.execute(f"delete from {table}")


def _add(writer: Writer, one: Fold, since: int, upto: int, now: datetime) -> None:
    again = writer.value(f"select count(*) from {one.taken_back}")
    asked = {
        "since": since,
        "upto": upto,
        "behind": 0 if again else since,
        "near": 0 if again else max(0, since - LOOK_BACK),
        "oldest": (now - KEPT).replace(tzinfo=None),
    }
    for statement in one.statements:
        writer.apply(statement, asked)
    writer.execute(f"delete from {one.taken_back}")
