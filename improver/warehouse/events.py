"""Events as rows of the telemetry tables."""

import json
import math
import typing
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pyarrow as pa

from improver.grouping import group
from improver.grouping.failing import tells_failure
from improver.grouping.templates import mask
from improver.model import (
    CheckInEvent,
    ErrorEvent,
    Event,
    LogEvent,
    MetricEvent,
    Payload,
    RemarkEvent,
    SessionEvent,
    SpanEvent,
    ToolCallEvent,
    UsageEvent,
)
from improver.model.ids import digest
from improver.suspicion import UNWRITABLE
from improver.warehouse import days, taking
from improver.warehouse.cursors import Writer, storable
from improver.warehouse.names import hot

TABLES: dict[type[Event], str] = {
    ErrorEvent: "errors",
    SpanEvent: "spans",
    SessionEvent: "sessions",
    LogEvent: "logs",
    UsageEvent: "usage",
    ToolCallEvent: "tool_calls",
    RemarkEvent: "remarks",
    MetricEvent: "metrics",
    CheckInEvent: "check_ins",
}
CLOCK_SKEW = timedelta(seconds=60)

_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), datetime: pa.timestamp("us")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """An Event with what only improver knows of it."""

    event: Event
    payload: Payload
    ordinal: int
    target: str


def tables(placed: Iterable[Placed]) -> dict[str, pa.Table]:
    """One Arrow table per telemetry table, with all of its columns but `seq`."""
    rows: dict[type[Event], list[dict[str, Any]]] = {}
    for one in placed:
        rows.setdefault(type(one.event), []).append(_row(one))
    return {TABLES[kind]: _arrow(kind, found) for kind, found in rows.items()}


def append(writer: Writer, found: Mapping[str, pa.Table], first: int) -> None:
    """Insert them, `seq` counting on from `first`."""
    for table, rows in found.items():
        numbers = pa.array(range(first, first + rows.num_rows), pa.int64())
        writer.append(table, rows.append_column("seq", numbers))
        first += rows.num_rows


def next_seq(writer: Writer) -> int:
    return days.next_seq(writer)


def forget(writer: Writer, payload_ids: list[str]) -> None:
    """Take back all that came of these Payloads, and that they were digested or set aside."""
    days.reopen(writer, payload_ids)
    for table in TABLES.values():
        taking.note(writer, table, hot(table), "list_contains($ids, payload_id)", {"ids": payload_ids})
    for table in (*TABLES.values(), "payloads", "quarantine"):
        writer.delete(table, payload_ids, column="payload_id")


def _arrow(kind: type[Event], rows: list[dict[str, Any]]) -> pa.Table:
    declared = typing.get_type_hints(kind)
    schema = pa.schema(
        [(name, _ARROW.get(declared.get(name, type(value)), pa.string())) for name, value in rows[0].items()]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def _row(placed: Placed) -> dict[str, Any]:
    event, payload = placed.event, placed.payload
    received = payload.received_at.replace(tzinfo=None)
    occurred = event.occurred_at.replace(tzinfo=None)
    row: dict[str, Any] = {
        "event_id": digest(payload.id, placed.ordinal),
        "payload_id": payload.id,
        "collector": payload.collector,
        "received_at": received,
        "target": placed.target,
        "trust": payload.trust.value,
    }
    for field in fields(event):
        row[field.name] = getattr(event, field.name)
    row["occurred_at"] = received if occurred > received + CLOCK_SKEW else occurred
    row["data"] = dumps(event.data)
    if isinstance(event, ErrorEvent):
        row.update(_error_columns(event))
    if isinstance(event, LogEvent):
        row.update(of_line(event.body, event.severity))
    return {name: storable(value) for name, value in row.items()}


def of_line(said: str, severity: int) -> dict[str, Any]:
    """What a line of a log is known by."""
    return {"template": mask(said), "fails": tells_failure(said, severity)}


def _error_columns(event: ErrorEvent) -> dict[str, Any]:
    grouping = group(event)
    surfaced = event.raised[-1] if event.raised else None
    return {
        "exception_type": surfaced.type if surfaced else "",
        "exception_value": surfaced.value if surfaced else "",
        "grouping_version": grouping.version,
        "key": grouping.key,
        "system_key": grouping.system_key,
        "template": grouping.template,
        "client_fingerprint": dumps(event.client_fingerprint),
        "raised": dumps(event.raised),
    }


def dumps(value: object) -> str:
    """JSON that every reader accepts: no NaN, no half of a surrogate pair."""
    try:
        return msgspec.json.encode(value).decode()
    except UNWRITABLE:
        return _dumped_with_care(value)


def _dumped_with_care(value: object) -> str:
    write = partial(json.dumps, allow_nan=False, ensure_ascii=False, default=asdict, separators=(",", ":"))
    try:
        text = write(value)
    except ValueError:
        text = write(_finite(value))
    return str(storable(text))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value
