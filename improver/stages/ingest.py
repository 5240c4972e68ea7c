"""Spool → Warehouse: Payloads become scrubbed, grouped Events, exactly once."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa

from improver import dedupe, plugins
from improver.config import plugin_config
from improver.inflate import size_of
from improver.model import DOCTOR, Batch, ErrorEvent, Event, Payload, TrustLabel
from improver.runtime import Runtime
from improver.scrub import DEFAULT, Scrubber
from improver.spool import Position
from improver.warehouse import Writer, events

log = logging.getLogger(__name__)

BATCH_BYTES = 8 << 20
INFLATED_BYTES = 32 << 20  # of one batch: what is small in the Spool can be a thousand times as large
UNASSIGNED = "unassigned"
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

    placed: list[events.Placed] = field(default_factory=list)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    poison: list[tuple[Payload, str]] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)  # Payloads whose earlier Events go when these come
    counted_before: bool = False  # what is left out of them has been counted


def run(runtime: Runtime) -> int:
    """Digest everything the Spool holds; the number of Events loaded."""
    loaded = 0
    with runtime.ingesting:
        while not runtime.stop.is_set():
            read = portion(runtime.spool.read(position(runtime), BATCH_BYTES))
            if not read:
                break
            loaded += load(runtime, [payload for _, payload in read], upto=read[-1][0])
    return loaded


def portion(read: list[tuple[Position, Payload]]) -> list[tuple[Position, Payload]]:
    """As many of them as memory is meant for, once decompressed; one at least."""
    room = INFLATED_BYTES
    for number, (_, payload) in enumerate(read):
        room -= size_of(payload.body, payload.content_encoding, cap=room)
        if room <= 0:
            return read[: max(1, number)]
    return read


def position(runtime: Runtime) -> Position | None:
    stored = runtime.warehouse.telemetry.value("select position from offsets order by rowid desc limit 1")
    return Position.parse(stored) if stored else None


def load(runtime: Runtime, payloads: list[Payload], upto: Position | None = None) -> int:
    """Payloads, their Events and the Spool's offset commit together."""
    fresh = _unseen(runtime, payloads)
    return _land(runtime, fresh, digest_of(runtime, fresh), upto)


def retry(runtime: Runtime, payloads: list[Payload]) -> int:
    """Payloads from quarantine once more: what can be understood now leaves it as its Events come."""
    digest = digest_of(runtime, payloads)
    digest.replaced = [payload.id for payload in payloads]
    return _land(runtime, payloads, digest)


def reload(runtime: Runtime, payloads: list[Payload]) -> int:
    """Payloads once more, in place of what came of them before."""
    unique = list({payload.id: payload for payload in payloads}.values())
    digest = digest_of(runtime, unique)
    digest.replaced = [payload.id for payload in unique]
    digest.counted_before = True
    return _land(runtime, unique, digest)


def _land(runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None = None) -> int:
    try:
        loaded = _commit(runtime, payloads, digest, upto)
    except REFUSALS as error:
        log.warning("the Warehouse refused a batch; looking for the Payload at fault", extra={"error": str(error)})
        digest.poison += _at_fault(runtime, digest)
        bad = {payload.id for payload, _ in digest.poison}
        digest.placed = [one for one in digest.placed if one.payload.id not in bad]
        loaded = _commit(runtime, payloads, digest, upto)
    if _worth_a_pass(runtime, loaded):
        runtime.wake.set()
    return len(loaded)


def _worth_a_pass(runtime: Runtime, loaded: list[events.Placed]) -> bool:
    """New failures are, at once; ordinary traffic only while a delivered change is being watched."""
    if any(isinstance(one.event, ErrorEvent) for one in loaded):
        return True
    watched = "select count(*) from findings where status in ('delivered', 'deployed')"
    return bool(loaded) and runtime.warehouse.state.value(watched) > 0


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
    plugin = plugins.load("collectors", collector)
    config = plugin_config(runtime.settings, "collectors", collector, plugin)
    return lambda payloads: plugin.decode(payloads, config)


def _decode(
    runtime: Runtime, payloads: list[Payload], decode: Callable[[list[Payload]], Batch], digest: Digest
) -> None:
    """Decode, halving a batch that fails until the Payload at fault is alone."""
    batch, failure = plugins.guarded(
        "collectors", payloads[0].collector, lambda: _scrubbed(runtime, payloads, decode(payloads))
    )
    if not failure:
        _place(runtime, payloads, batch, digest)
    elif len(payloads) == 1:
        digest.poison.append((payloads[0], failure))
    else:
        middle = len(payloads) // 2
        _decode(runtime, payloads[:middle], decode, digest)
        _decode(runtime, payloads[middle:], decode, digest)


def _scrubbed(runtime: Runtime, payloads: list[Payload], batch: Batch) -> Batch:
    """With the frames of bundled code resolved before, so that lines of source are scrubbed like the rest."""
    by_id = {payload.id: payload for payload in payloads}
    resolved = (runtime.maps.resolved(one, target_of(runtime, by_id[one.payload_id], one)) for one in batch.events)
    scrubber = Scrubber(emails=runtime.settings.ingest.scrub_emails)
    return Batch(events=tuple(scrubber.event(event) for event in resolved), rejected=batch.rejected)


def _place(runtime: Runtime, payloads: list[Payload], batch: Batch, digest: Digest) -> None:
    by_id = {payload.id: payload for payload in payloads}
    ordinals: Counter[str] = Counter()
    for event in batch.events:
        payload = by_id[event.payload_id]
        target = target_of(runtime, payload, event)
        if target == DOCTOR:
            # Whatever a Collector's example says of itself: no environment or release of the user's is touched.
            event = replace(event, environment=DOCTOR, release="")
        digest.placed.append(events.Placed(event=event, payload=payload, ordinal=ordinals[payload.id], target=target))
        ordinals[payload.id] += 1
    for reason, items in batch.rejected.items():
        digest.rejected[payloads[0].collector, reason] += items


def target_of(runtime: Runtime, payload: Payload, event: Event) -> str:
    """The Target of the sender's key, else the one that claims the service."""
    key = runtime.keys.by_id(payload.key_id)
    if key and (key.target in runtime.settings.targets or key.target == DOCTOR):
        return key.target
    found_here = payload.trust is TrustLabel.SERVER and not payload.key_id
    if event.service == DOCTOR and found_here:
        return DOCTOR
    for name, target in runtime.settings.targets.items():
        if event.service and event.service in (name, *target.services):
            return name
    return UNASSIGNED


def _unseen(runtime: Runtime, payloads: list[Payload]) -> list[Payload]:
    """Without the Payloads of polling Collectors that were spooled twice: a crash can fall between spool and memory."""
    polled = [p.id for p in payloads if hasattr(plugins.load("collectors", p.collector), "EVERY")]
    if not polled:
        return payloads
    rows = runtime.warehouse.telemetry.rows(
        "select payload_id from payloads where list_contains($ids, payload_id)", {"ids": polled}
    )
    seen = {row["payload_id"] for row in rows}
    unique = {p.id: p for p in payloads if p.id not in seen}
    return list(unique.values())


def _commit(
    runtime: Runtime, payloads: list[Payload], digest: Digest, upto: Position | None
) -> list[events.Placed]:
    """What was loaded: all that was placed, but for what a client sent again."""
    now = runtime.clock().replace(tzinfo=None)
    for payload, _ in digest.poison:
        runtime.quarantine.keep(payload)
    with runtime.warehouse.telemetry.transaction() as writer:
        seq = events.next_seq(writer)  # before anything is taken back: no number is given twice
        if digest.replaced:
            events.forget(writer, digest.replaced)
        loaded = dedupe.without_duplicates(writer, digest.placed)
        for table, rows in events.tables(loaded, seq).items():
            writer.append(table, rows)
        _record(writer, payloads, loaded)
        for (collector, reason), items in (_rejected(digest, loaded) + runtime.turned_away()).items():
            writer.execute("insert into rejections values (?, ?, ?, ?)", [collector, reason, items, now])
        for payload, reason in digest.poison:
            _quarantine(writer, payload, reason, now)
        if upto:
            writer.execute("insert into offsets values (?, ?)", [str(upto), now])
    runtime.quarantine.drop(set(digest.replaced) - {payload.id for payload, _ in digest.poison})
    return loaded


def _rejected(digest: Digest, loaded: list[events.Placed]) -> Counter[tuple[str, str]]:
    if digest.counted_before:
        return Counter()
    placed, kept = (Counter((one.payload.collector, "duplicate") for one in some) for some in (digest.placed, loaded))
    return digest.rejected + (placed - kept)


def _record(writer: Writer, payloads: list[Payload], loaded: list[events.Placed]) -> None:
    if not payloads:
        return
    counts = Counter(one.payload.id for one in loaded)
    rows = [
        {
            "payload_id": p.id, "collector": p.collector, "key_id": p.key_id, "trust": p.trust.value,
            "received_at": p.received_at.replace(tzinfo=None), "bytes": len(p.body), "events": counts[p.id],
        }
        for p in payloads
    ]  # fmt: skip
    writer.append("payloads", pa.Table.from_pylist(rows))


def _quarantine(writer: Writer, payload: Payload, failure: str, now: Any) -> None:
    # What went wrong often quotes what it went wrong with.
    reason = DEFAULT.text(failure)[:MAX_REASON]
    log.warning(
        "a Payload could not be understood and is in quarantine", extra={"payload": payload.id, "reason": reason}
    )
    writer.execute(
        "insert into quarantine values (?, ?, ?, ?, ?, ?, ?)",
        [
            payload.id, payload.collector, payload.path, payload.received_at.replace(tzinfo=None),
            len(payload.body), reason, now,
        ],
    )  # fmt: skip


def _at_fault(runtime: Runtime, digest: Digest) -> list[tuple[Payload, str]]:
    """The Payloads whose Events the Warehouse refuses, found by trying each alone and taking it back."""
    by_payload: dict[str, list[events.Placed]] = {}
    for one in digest.placed:
        by_payload.setdefault(one.payload.id, []).append(one)
    return [(placed[0].payload, refusal) for placed in by_payload.values() if (refusal := _refusal(runtime, placed))]


def _refusal(runtime: Runtime, placed: Iterable[events.Placed]) -> str:
    try:
        with runtime.warehouse.telemetry.transaction() as writer:
            for table, rows in events.tables(list(placed), 0).items():
                writer.append(table, rows)
            raise _TakeBack
    except _TakeBack:
        return ""
    except REFUSALS as error:
        return f"{type(error).__name__}: {error}"


class _TakeBack(Exception):
    """Ends a trial transaction."""
