"""Spool → Warehouse: Payloads become scrubbed, grouped Events, exactly once."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from improver import dedupe, plugins
from improver.config import plugin_config
from improver.errors import ImproverError
from improver.inflate import size_of
from improver.machine import memory
from improver.model import Batch, Payload
from improver.placing import Placer, Tables, only, together, without
from improver.runtime import Runtime
from improver.scrub import DEFAULT
from improver.spool import Position
from improver.warehouse import Writer, events

log = logging.getLogger(__name__)

BATCH_BYTES = 4 << 20
INFLATED_BYTES = 16 << 20  # of one batch: a thousand times what is in the Spool, and a tenth of what it becomes
LANDING_BYTES = 24 << 20  # of the rows that wait for those before them to be written
LOG_BYTES = 32 << 20  # of rows that are not in the file yet: until they are, they take as much memory and more
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

Read = list[tuple[Position, Payload]]


@dataclass
class Digest:
    """What a batch of Payloads came to."""

    tables: Tables = field(default_factory=dict)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    poison: list[tuple[Payload, str]] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)  # Payloads whose earlier Events go when these come
    counted_before: bool = False  # what is left out of them has been counted

    def add(self, tables: Tables) -> None:
        self.tables = together([self.tables, tables])

    def join(self, other: "Digest") -> None:
        self.add(other.tables)
        self.rejected += other.rejected
        self.poison += other.poison


def run(runtime: Runtime) -> int:
    """Digest everything the Spool holds; the number of Events loaded."""
    with runtime.ingesting, ThreadPoolExecutor(1, "landing") as thread:
        landing = Landing(runtime, thread)
        for read in _portions_of(runtime):
            payloads = [payload for _, payload in read]
            if polled := _polled(payloads):
                landing.finish()  # what was seen shows only when it is written
            fresh = _unseen(runtime, payloads, polled)
            landing.add(fresh, digest_of(runtime, fresh), read[-1][0])
        return landing.finish()


def _portions_of(runtime: Runtime) -> Iterator[Read]:
    """What the Spool holds, until there is no more or it is time to stop."""
    at = position(runtime)
    while not runtime.stop.is_set() and (read := runtime.spool.read(at, BATCH_BYTES)):
        yield from takewhile(lambda _: not runtime.stop.is_set(), portions(read))
        at = read[-1][0]


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


def portions(read: Read) -> Iterator[Read]:
    """As many of them at once as memory is meant for, once decompressed; one at least."""
    begin, room = 0, INFLATED_BYTES
    for number, (_, payload) in enumerate(read):
        size = size_of(payload.body, payload.content_encoding, cap=INFLATED_BYTES)
        if size > room and number > begin:
            yield read[begin:number]
            begin, room = number, INFLATED_BYTES
        room -= size
    if read:
        yield read[begin:]


def position(runtime: Runtime) -> Position | None:
    stored = runtime.warehouse.telemetry.value("select position from offsets order by rowid desc limit 1")
    return Position.parse(stored) if stored else None


def load(runtime: Runtime, payloads: list[Payload], upto: Position | None = None) -> int:
    """Payloads, their Events and the Spool's offset commit together."""
    fresh = _unseen(runtime, payloads, _polled(payloads))
    return land(runtime, fresh, digest_of(runtime, fresh), upto)


def retry(runtime: Runtime, payloads: list[Payload]) -> int:
    """Payloads from quarantine once more: what can be understood now leaves it as its Events come."""
    digest = digest_of(runtime, payloads)
    digest.replaced = [payload.id for payload in payloads]
    return land(runtime, payloads, digest)


def reload(runtime: Runtime, payloads: list[Payload]) -> int:
    """Payloads once more, in place of what came of them before."""
    unique = list({payload.id: payload for payload in payloads}.values())
    digest = digest_of(runtime, unique)
    digest.replaced = [payload.id for payload in unique]
    digest.counted_before = True
    return land(runtime, unique, digest)


def land(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None = None) -> int:
    """What was decoded into the Warehouse, but for what was sent before; what it refuses is taken out of the Digest."""
    try:
        loaded = _commit(runtime, payloads, digest, upto)
    except REFUSALS as error:
        log.warning("the Warehouse refused a batch; looking for the Payload at fault", extra={"error": str(error)})
        digest.poison += _at_fault(runtime, payloads, digest.tables)
        digest.tables = without(digest.tables, [payload.id for payload, _ in digest.poison])
        loaded = _commit(runtime, payloads, digest, upto)
    memory.give_back()
    if runtime.warehouse.telemetry.log_bytes() > LOG_BYTES:
        runtime.warehouse.telemetry.checkpoint()
    _ask_for_a_pass(runtime, loaded)
    return _size(loaded)


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


def digest_of(runtime: Runtime, payloads: list[Payload]) -> Digest:
    digest = Digest()
    by_collector: dict[str, list[Payload]] = {}
    for payload in payloads:
        by_collector.setdefault(payload.collector, []).append(payload)
    for collector, group in by_collector.items():
        decode, failure = plugins.guarded("collectors", collector, partial(_decoder, runtime, collector))
        if failure:
            digest.poison += [(payload, failure) for payload in group]
        else:
            _decode(runtime, group, decode, digest)
    return digest


def _decoder(runtime: Runtime, collector: str) -> Callable[[list[Payload]], Batch]:
    """All at once, by a Collector that can: what comes of it is the same."""
    plugin = plugins.load("collectors", collector)
    config = plugin_config(runtime.settings, "collectors", collector, plugin)
    decode = getattr(plugin, "decode_together", plugin.decode)
    return lambda payloads: decode(payloads, config)


def _decode(
    runtime: Runtime, payloads: list[Payload], decode: Callable[[list[Payload]], Batch], digest: Digest
) -> None:
    """Decode, halving a batch that fails until the Payload at fault is alone."""

    def placed() -> tuple[Tables, Batch]:
        batch = decode(payloads)
        return Placer(runtime, payloads).tables(batch), batch

    made, failure = _attempted(payloads[0].collector, placed)
    if not failure:
        tables, batch = made
        digest.add(tables)
        digest.rejected += Counter({(payloads[0].collector, why): items for why, items in batch.rejected.items()})
    elif len(payloads) == 1:
        digest.poison.append((payloads[0], failure))
    else:
        middle = len(payloads) // 2
        _decode(runtime, payloads[:middle], decode, digest)
        _decode(runtime, payloads[middle:], decode, digest)


def _attempted(collector: str, placed: Callable[[], tuple[Tables, Batch]]) -> tuple[Any, str]:
    """A Collector that refuses a Payload does what it should: that needs no traceback in the log."""
    try:
        return plugins.guarded("collectors", collector, placed, passing=(ImproverError,))
    except ImproverError as refusal:
        return None, f"ImproverError: {refusal}"


def _unseen(runtime: Runtime, payloads: list[Payload], polled: list[str]) -> list[Payload]:
    """Without the Payloads of polling Collectors that were spooled twice: a crash can fall between spool and memory."""
    if not polled:
        return payloads
    rows = runtime.warehouse.telemetry.rows(
        "select payload_id from payloads where list_contains($ids, payload_id)", {"ids": polled}
    )
    seen = {row["payload_id"] for row in rows}
    unique = {p.id: p for p in payloads if p.id not in seen}
    return list(unique.values())


def _polls(collector: str) -> bool:
    """A Collector that is gone is found out, and its Payloads set aside, when they are to be decoded."""
    plugin, _ = plugins.guarded("collectors", collector, lambda: plugins.load("collectors", collector))
    return hasattr(plugin, "EVERY")


def _polled(payloads: list[Payload]) -> list[str]:
    polling = {name: _polls(name) for name in {payload.collector for payload in payloads}}
    return [payload.id for payload in payloads if polling[payload.collector]]


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
    return [(one, refusal) for one in payloads if (refusal := _refusal(runtime, only(tables, one.id)))]


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
