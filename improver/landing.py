"""What was decoded → the Warehouse: all of a batch in one transaction, without what it refuses or has already."""

import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from improver import dedupe
from improver.machine import memory
from improver.model import Payload
from improver.placing import Tables, only, together, without
from improver.runtime import Runtime
from improver.scrub import DEFAULT
from improver.spool import Position
from improver.warehouse import Writer, events

log = logging.getLogger(__name__)

LANDING_BYTES = 24 << 20  # of the rows that wait for those before them to be written
MAX_REASON = 500
# What a Payload that got through its decoder can still break at the door of the Warehouse.
REFUSALS = (
    duckdb.DataError,
    duckdb.ProgrammingError,
    duckdb.IntegrityError,
    pa.ArrowException,
    ValueError,
    TypeError,
    OverflowError,
)


@dataclass
class Digest:
    """What a batch of Payloads came to."""

    tables: Tables = field(default_factory=dict)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    poison: list[tuple[Payload, str]] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)  # Payloads whose earlier Events go when these come
    counted_before: bool = False  # what is left out of them has been counted
    places: dict[str, Position] = field(default_factory=dict)  # up to where the Spool was read with each Payload

    def of(self, payloads: Sequence[Payload]) -> "Digest":
        """What these of the Payloads came to, but for what was rejected, which nobody knows whose it was."""
        ids = [payload.id for payload in payloads]
        return Digest(
            tables=only(self.tables, ids),
            poison=[(payload, why) for payload, why in self.poison if payload.id in ids],
            replaced=[one for one in self.replaced if one in ids],
            counted_before=self.counted_before,
            places=self.places,
        )

    def add(self, tables: Tables) -> None:
        self.tables = together([self.tables, tables])

    def join(self, other: "Digest") -> None:
        self.add(other.tables)
        self.rejected += other.rejected
        self.poison += other.poison
        self.places |= other.places


class Landing:
    """Writes what was decoded while more is: all that came meanwhile goes together, which costs half of one by one."""

    def __init__(self, runtime: Runtime, thread: ThreadPoolExecutor) -> None:
        self._runtime = runtime
        self._thread = thread
        self._writing: Future[int] = thread.submit(int)
        self._loaded = 0
        self._payloads: list[Payload] = []
        self._digest = Digest()
        self._upto: Position | None = None

    def add(self, payloads: list[Payload], digest: Digest, upto: Position) -> None:
        self._payloads += payloads
        self._digest.join(digest)
        self._upto = upto
        if self._writing.done() or sum(table.nbytes for table in self._digest.tables.values()) > LANDING_BYTES:
            self._write()

    def finish(self) -> int:
        """The number of Events written, once all are."""
        if self._upto:
            self._write()
        return self._loaded + self._writing.result()

    def _write(self) -> None:
        self._loaded += self._writing.result()
        self._writing = self._thread.submit(land, self._runtime, self._payloads, self._digest, self._upto)
        self._payloads, self._digest, self._upto = [], Digest(), None


def land(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None = None) -> int:
    """What was decoded into the Warehouse, but for what was sent before; what it refuses is taken out of the Digest."""
    try:
        loaded = _written(runtime, payloads, digest, upto)
    except duckdb.OutOfMemoryException as error:
        log.warning("DuckDB has too little memory for a batch; writing it in parts", extra={"error": _shortly(error)})
        return _land_in_parts(runtime, payloads, digest, upto)
    memory.give_back()
    runtime.warehouse.telemetry.fold_log()
    _ask_for_a_pass(runtime, loaded)
    return _size(loaded)


def _written(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None) -> Tables:
    try:
        return _commit(runtime, payloads, digest, upto)
    except REFUSALS as error:
        log.warning("the Warehouse refused a batch; looking for the Payload at fault", extra={"error": str(error)})
        digest.poison += _at_fault(runtime, payloads, digest.tables)
        digest.tables = without(digest.tables, [payload.id for payload, _ in digest.poison])
        return _commit(runtime, payloads, digest, upto)


def _land_in_parts(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None) -> int:
    """Halves, each with how far it is in the Spool; what is too much by itself is in the way of all that follows."""
    runtime.warehouse.telemetry.checkpoint()
    if len(payloads) < 2:
        return _land_alone(runtime, payloads, digest, upto)
    first, second = payloads[: len(payloads) // 2], payloads[len(payloads) // 2 :]
    begun = digest.of(first)
    begun.rejected = digest.rejected
    loaded = land(runtime, first, begun, digest.places.get(first[-1].id))
    return loaded + land(runtime, second, digest.of(second), upto)


def _land_alone(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None) -> int:
    try:
        return _size(_written(runtime, payloads, digest, upto))
    except duckdb.OutOfMemoryException as error:
        digest.poison, digest.tables = [(payload, f"too large: {_shortly(error)}") for payload in payloads], {}
        return _size(_written(runtime, payloads, digest, upto))


def _ask_for_a_pass(runtime: Runtime, loaded: Tables) -> None:
    """At once for a new kind of failure, soon for one more; for ordinary traffic while a change is being watched."""
    errors = loaded.get("errors")
    if errors is not None and errors.num_rows:
        told = errors.select(["target", "environment", "key"]).group_by(["target", "environment", "key"]).aggregate([])
        word = runtime.wake if runtime.kinds.are_new(tuple(one.values()) for one in told.to_pylist()) else runtime.more
        word.set()
        return
    watched = "select count(*) from findings where status in ('delivered', 'deployed')"
    if _size(loaded) and runtime.warehouse.state.value(watched):
        runtime.more.set()


def _commit(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None) -> Tables:
    """What was loaded: all that was decoded, but for what a client sent again."""
    now = runtime.clock().replace(tzinfo=None)
    for payload, _ in digest.poison:
        runtime.quarantine.keep(payload)
    with runtime.warehouse.telemetry.transaction() as writer:
        seq = events.next_seq(writer)  # before anything is taken back: no number is given twice
        if digest.replaced:
            events.forget(writer, digest.replaced)
        loaded = dedupe.without_duplicates(writer, digest.tables)
        events.append(writer, loaded, seq)
        _record(writer, payloads, loaded)
        for (collector, reason), items in (_rejected(digest, loaded) + runtime.turned_away()).items():
            writer.execute("insert into rejections values (?, ?, ?, ?)", [collector, reason, items, now])
        _quarantine(writer, digest.poison, now)
        if upto:
            writer.execute("insert into offsets values (?, ?)", [str(upto), now])
    runtime.quarantine.drop(set(digest.replaced) - {payload.id for payload, _ in digest.poison})
    return loaded


def _shortly(error: duckdb.Error) -> str:
    """Without DuckDB's advice on its settings."""
    return str(error).partition("\n")[0]


def _rejected(digest: Digest, loaded: Tables) -> Counter[tuple[str, str]]:
    if digest.counted_before:
        return Counter()
    left_out = _count(digest.tables, "collector") - _count(loaded, "collector")
    return digest.rejected + Counter({(collector, "duplicate"): items for collector, items in left_out.items()})


def _record(writer: Writer, payloads: list[Payload], loaded: Tables) -> None:
    if not payloads:
        return
    counts = _count(loaded, "payload_id")
    rows = [
        {
            "payload_id": p.id, "collector": p.collector, "key_id": p.key_id, "trust": p.trust.value,
            "received_at": p.received_at.replace(tzinfo=None), "bytes": len(p.body), "events": counts[p.id],
        }
        for p in payloads
    ]  # fmt: skip
    writer.append("payloads", pa.Table.from_pylist(rows))


def _count(tables: Tables, column: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for table in tables.values():
        for one in pc.value_counts(table.column(column)).to_pylist():
            counted[one["values"]] += one["counts"]
    return counted


def _size(tables: Tables) -> int:
    return sum(table.num_rows for table in tables.values())


def _quarantine(writer: Writer, poison: list[tuple[Payload, str]], now: datetime) -> None:
    if not poison:
        return
    rows = [
        {
            "payload_id": p.id, "collector": p.collector, "path": p.path,
            "received_at": p.received_at.replace(tzinfo=None), "bytes": len(p.body),
            # What went wrong often quotes what it went wrong with.
            "reason": DEFAULT.text(failure)[:MAX_REASON], "quarantined_at": now,
        }
        for p, failure in poison
    ]  # fmt: skip
    first = {"payload": rows[0]["payload_id"], "reason": rows[0]["reason"]}
    log.warning("Payloads could not be understood and are in quarantine", extra=first | {"payloads": len(rows)})
    writer.append("quarantine", pa.Table.from_pylist(rows))


def _at_fault(runtime: Runtime, payloads: list[Payload], tables: Tables) -> list[tuple[Payload, str]]:
    """The Payloads whose Events the Warehouse refuses, found by trying each alone and taking it back."""
    return [(one, refusal) for one in payloads if (refusal := _refusal(runtime, only(tables, [one.id])))]


def _refusal(runtime: Runtime, tables: Tables) -> str:
    try:
        with runtime.warehouse.telemetry.transaction() as writer:
            events.append(writer, tables, 0)
            raise _TakeBack
    except _TakeBack:
        return ""
    except REFUSALS as error:
        return f"{type(error).__name__}: {error}"


class _TakeBack(Exception):
    """Ends a trial transaction."""
