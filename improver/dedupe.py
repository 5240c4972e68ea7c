"""Leaves out Events that a client sent again: known by the client's own ids, not by the Payloads they came in."""

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import flat, or_, where
from improver.warehouse import Writer
from improver.warehouse.events import TABLES

# How far apart two Payloads with the same Event may come in: SDKs try again for minutes.
WINDOW = timedelta(hours=1)
# The spans below a transaction have no client id, so every span goes by its place in its trace.
IDS: dict[str, tuple[str, ...]] = {
    table: ("trace_id", "span_id") if table == "spans" else ("client_id",) for table in TABLES.values()
}
EXACT = "spans"  # others may be sent again with their times adjusted to the client's clock
PULLED = "_api"  # how the Collectors end that pull what another one receives
PARTED = "\x1f"
LONG_AGO, LONG_AHEAD = datetime.min, datetime.max  # noqa: DTZ901 - the Warehouse keeps UTC without a zone


def without_duplicates(writer: Writer, tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Those that neither the Warehouse holds nor another of these Payloads brought before.

    Within one Payload nothing counts as sent again: a Collector may make several Events of one record.
    """
    return {name: _once(writer, name, table) for name, table in tables.items()}


def _once(writer: Writer, name: str, table: pa.Table) -> pa.Table:
    ids = [flat(table.column(column)) for column in IDS[name]]
    known = where(pc.invert(or_(*(pc.equal(column, "") for column in ids))))
    if not len(known):
        return table
    named = table.select(["collector", "payload_id", "received_at", "occurred_at", "target", *IDS[name]])
    if len(known) < len(named):
        named = named.take(known)
    identity = _identity(named, IDS[name])
    again = pc.or_(_brought_before(named, identity), _held(writer, name, named, identity))
    if not pc.any(again).as_py():
        return table
    out = known.filter(again)
    return table.filter(pc.invert(pc.is_in(pa.array(range(len(table)), out.type), out)))


def _identity(table: pa.Table, ids: tuple[str, ...]) -> pa.StringArray:
    """What an app sends to improver, and what is pulled from where it sends the same, is one."""
    collector = flat(table.column("collector")).dictionary_encode()
    senders = pc.replace_substring_regex(collector.dictionary, f"{PULLED}$", "").take(collector.indices)
    parts = [flat(table.column(name)) for name in ("target", *ids)]
    return pc.binary_join_element_wise(senders, *parts, PARTED)


def _brought_before(table: pa.Table, identity: pa.StringArray) -> pa.BooleanArray:
    """By another Payload than the first that brought it."""
    encoded = identity.dictionary_encode()
    if len(encoded.dictionary) == len(encoded):
        return pa.repeat(pa.scalar(False), len(encoded))
    codes = encoded.indices
    payload = flat(table.column("payload_id")).dictionary_encode().indices
    firsts = pa.table({"code": codes, "payload": payload}).group_by("code", use_threads=False)
    found = firsts.aggregate([("payload", "first")])
    order = pc.index_in(codes, flat(found.column("code")))
    return pc.not_equal(payload, flat(found.column("payload_first")).take(order))


def _held(writer: Writer, name: str, table: pa.Table, identity: pa.StringArray) -> pa.BooleanArray:
    """Which the Warehouse has, from Payloads that came in around the same time."""
    columns = ", ".join(("target", *IDS[name]))
    received = pc.min_max(table.column("received_at")).as_py()
    first, last = _when(table) if name == EXACT else (LONG_AGO, LONG_AHEAD)
    rows = writer.matching(
        table.select(["target", *IDS[name]]),
        f"select distinct collector, {columns} from (select * from {name} where received_at between $since and $until"
        # A copy whose client's clock was ahead is stored as of its coming in.
        " and (occurred_at between $first and $last or occurred_at = received_at))"
        f" semi join incoming using ({columns})",
        {"since": received["min"] - WINDOW, "until": received["max"] + WINDOW, "first": first, "last": last},
    )
    if not rows:
        return pa.repeat(pa.scalar(False), len(table))
    return pc.is_in(identity, _identity(pa.Table.from_pylist(rows), IDS[name]))


def _when(table: pa.Table) -> tuple[datetime, datetime]:
    """When it happened, as the first copy says to the microsecond: of a day full of spans few have to be looked at.

    What is as old as its Payload may have had no believable time, and then its copy says another one.
    """
    occurred = table.column("occurred_at")
    if pc.any(pc.equal(occurred, table.column("received_at"))).as_py():
        return LONG_AGO, LONG_AHEAD
    found = pc.min_max(occurred).as_py()
    return found["min"], found["max"]
