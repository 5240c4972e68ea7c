"""Leaves out Events that a client sent again: known by the client's own ids, not by the Payloads they came in."""

from collections.abc import Sequence
from datetime import timedelta

import pyarrow as pa

from improver.model import Event, SpanEvent
from improver.warehouse import Writer
from improver.warehouse.events import TABLES, Placed, clean

# How far apart two Payloads with the same Event may come in: SDKs try again for minutes.
WINDOW = timedelta(hours=1)
# The spans below a transaction have no client id, so every span goes by its place in its trace.
IDS: dict[type[Event], tuple[str, ...]] = {
    kind: ("trace_id", "span_id") if kind is SpanEvent else ("client_id",) for kind in TABLES
}
EARLIER = "an earlier batch"
PULLED = "_api"  # how the Collectors end that pull what another one receives

Identity = tuple[str, ...]


def without_duplicates(writer: Writer, placed: Sequence[Placed]) -> list[Placed]:
    """Those that neither the Warehouse holds nor another of these Payloads brought before.

    Within one Payload nothing counts as sent again: a Collector may make several Events of one record.
    """
    brought_by: dict[Identity, str] = {}
    for kind in {type(one.event) for one in placed}:
        brought_by |= dict.fromkeys(_held(writer, kind, [one for one in placed if type(one.event) is kind]), EARLIER)
    return [
        one
        for one in placed
        if not (identity := _identity(one)) or brought_by.setdefault(identity, one.payload.id) == one.payload.id
    ]


def _identity(placed: Placed) -> Identity:
    """Empty for what has no id of its client's."""
    kind = type(placed.event)
    ids = [clean(getattr(placed.event, name)) for name in IDS[kind]]
    return (TABLES[kind], _sender(placed.payload.collector), placed.target, *ids) if all(ids) else ()


def _sender(collector: str) -> str:
    """What an app sends to improver, and what is pulled from where it sends the same, is one."""
    return collector.removesuffix(PULLED)


def _held(writer: Writer, kind: type[Event], placed: Sequence[Placed]) -> list[Identity]:
    """Which of their identities the Warehouse has, from Payloads that came in around the same time."""
    identities = {identity for one in placed if (identity := _identity(one))}
    if not identities:
        return []
    table, names = TABLES[kind], ("target", *IDS[kind])
    received = [one.payload.received_at.replace(tzinfo=None) for one in placed]
    incoming = pa.table(dict(zip(names, zip(*(identity[2:] for identity in identities), strict=True), strict=True)))
    columns = ", ".join(names)
    rows = writer.matching(
        incoming,
        f"select distinct collector, {columns} from (select * from {table} where received_at between $since and $until)"
        f" semi join incoming using ({columns})",
        {"since": min(received) - WINDOW, "until": max(received) + WINDOW},
    )
    return [(table, _sender(row["collector"]), *(row[name] for name in names)) for row in rows]
