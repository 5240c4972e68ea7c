"""Spool → Warehouse: Payloads become scrubbed, grouped Events, exactly once."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import takewhile

from improver import plugins
from improver.config import plugin_config
from improver.inflate import size_of
from improver.landing import Digest, Landing, land
from improver.model import Batch, Payload
from improver.placing import Placer, Tables
from improver.runtime import Runtime
from improver.spool import Position

log = logging.getLogger(__name__)

BATCH_BYTES = 4 << 20
INFLATED_BYTES = 16 << 20  # of one batch: a thousand times what is in the Spool, and a tenth of what it becomes
Read = list[tuple[Position, Payload]]


def run(runtime: Runtime) -> int:
    """Digest everything the Spool holds; the number of Events loaded."""
    with runtime.ingesting, ThreadPoolExecutor(1, "landing") as thread:
        landing = Landing(runtime, thread)
        for read in _portions_of(runtime):
            payloads = [payload for _, payload in read]
            if polled := _polled(payloads):
                landing.finish()  # what was seen shows only when it is written
            fresh = _unseen(runtime, payloads, polled)
            digest = digest_of(runtime, fresh)
            digest.places = {payload.id: at for at, payload in read}
            landing.add(fresh, digest, read[-1][0])
        return landing.finish()


def _portions_of(runtime: Runtime) -> Iterator[Read]:
    """What the Spool holds, until there is no more or it is time to stop."""
    at = runtime.digested()
    while not runtime.stop.is_set() and (read := runtime.spool.read(at, BATCH_BYTES)):
        yield from takewhile(lambda _: not runtime.stop.is_set(), portions(read))
        at = read[-1][0]


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

    made, failure = plugins.asked("collectors", payloads[0].collector, placed)
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
