"""Payloads digested once more: out of quarantine after a fix, or from the Spool's retained segments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from improver.errors import ImproverError
from improver.model import Payload
from improver.runtime import Runtime
from improver.spool import Position
from improver.stages import ingest


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """`quarantined` counts those of the Payloads that still cannot be understood."""

    payloads: int
    events: int
    quarantined: int


def replay(runtime: Runtime, *, payloads: Sequence[str] = ()) -> Replayed:
    """Digest quarantined Payloads once more, by how their ids begin, or all: what is understood now leaves."""
    chosen = _chosen(runtime, payloads)
    events = sum(ingest.retry(runtime, _quarantined(runtime, ids)) for ids in _batches(chosen))
    return _replayed(runtime, list(chosen), events)


def replay_since(runtime: Runtime, *, hours: float) -> Replayed:
    """Digest what came in since then once more, if the Spool still has it, in place of what came of it before."""
    if not 0 < hours <= 24 * 365:
        raise ImproverError(f"{hours:g} hours is no time to go back", hint="e.g. 2, as far as spool.keep_hours reaches")
    done: list[str] = []
    events = 0
    for batch in _retained(runtime, runtime.clock() - timedelta(hours=hours)):
        events += ingest.reload(runtime, batch)
        done += [payload.id for payload in batch]
    return _replayed(runtime, done, events)


def _replayed(runtime: Runtime, ids: list[str], events: int) -> Replayed:
    if events:
        runtime.wake.set()
    telemetry = runtime.warehouse.telemetry
    left = {row["payload_id"] for row in telemetry.rows("select payload_id from quarantine")}
    return Replayed(payloads=len(ids), events=events, quarantined=len(left.intersection(ids)))


def _chosen(runtime: Runtime, begins: Sequence[str]) -> dict[str, int]:
    """Ids of the Payloads that are meant, with their sizes."""
    rows = runtime.warehouse.telemetry.rows(
        "select payload_id, bytes from quarantine order by received_at, payload_id"
    )
    held = {row["payload_id"]: int(row["bytes"]) for row in rows}
    chosen = set().union(*(_named(held, begin) for begin in begins)) if begins else set(held)
    return {payload_id: size for payload_id, size in held.items() if payload_id in chosen}


def _named(held: dict[str, int], begin: str) -> set[str]:
    found = {payload_id for payload_id in held if begin and payload_id.startswith(begin)}
    if len(found) != 1:
        problem = f"no Payload {begin!r} is in quarantine" if not found else f"{begin!r} fits more than one Payload"
        raise ImproverError(problem, hint="`improver quarantine` lists them")
    return found


def _batches(sizes: dict[str, int]) -> Iterator[list[str]]:
    """Few enough at a time that their bodies fit in memory."""
    batch: list[str] = []
    for payload_id, size in sizes.items():
        if batch and sum(sizes[one] for one in batch) + size > ingest.BATCH_BYTES:
            yield batch
            batch = []
        batch.append(payload_id)
    if batch:
        yield batch


def _quarantined(runtime: Runtime, ids: list[str]) -> list[Payload]:
    """Without those whose file somebody took away: they stay listed."""
    return [payload for payload_id in ids if (payload := runtime.quarantine.get(payload_id))]


def _retained(runtime: Runtime, since: datetime) -> Iterator[list[Payload]]:
    """What is still in the Spool although it was digested, in batches; the rest is the loader's."""
    reached, position = runtime.digested() or Position(), Position()
    while position < reached and (read := runtime.spool.read(position, ingest.BATCH_BYTES)):
        batch = [payload for after, payload in read if after <= reached and payload.received_at >= since]
        if batch:
            yield batch
        position = read[-1][0]
