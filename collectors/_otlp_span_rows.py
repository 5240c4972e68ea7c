"""Spans as rows: what _otlp_spans says of one span, said of all at once."""

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from improver.collectors import _otlp_spans as one_by_one
from improver.collectors._lookup import Lookup
from improver.collectors._otlp_columns import Items
from improver.collectors._otlp_source import MAX_NAME
from improver.collectors._otlp_source_rows import ASIDE, common, moments, shared
from improver.columns.arrays import constant, first_of, hexed, joined, or_, some, texts

# Spans with one of these may be a call of a tool or of a model, which makes more than one Event.
TOLD_OF_CALLS = ("gen_ai.operation.name", "mcp.method.name", "gen_ai.system", "gen_ai.provider.name")


@dataclass(frozen=True, kw_only=True)
class Told:
    """The columns of some spans, and what they are made of."""

    spans: Items
    lookup: Lookup
    above: pa.Array
    received: pa.Array  # per span, in microseconds

    @cached_property
    def entry(self) -> pa.Array:
        return _entry(self)


def needs_care(told: Told) -> pa.BooleanArray:
    """Spans that are more than their columns say: with links, calls or nested attributes, or below such."""
    fields = told.spans.fields
    strange = or_(
        pc.greater(pc.binary_length(fields.field("name")), MAX_NAME),
        told.lookup.beyond_columns((*TOLD_OF_CALLS, *ASIDE)),
    )
    return or_(
        strange,
        pc.fill_null(strange.take(told.entry), False),
        pc.greater(pc.list_value_length(fields.field("links")), 0),
        pc.greater(pc.binary_length(_status_message(told)), MAX_NAME),
    )


def recorded(told: Told) -> pa.BooleanArray:
    """Spans with events: as long as those are exceptions, the span itself is still what its columns say."""
    return pc.greater(pc.list_value_length(told.spans.fields.field("events")), 0)


def columns(told: Told) -> dict[str, pa.Array]:
    fields, length = told.spans.fields, len(told.spans)
    begun, ended = fields.field("start_time_unix_nano"), fields.field("end_time_unix_nano")
    return {
        "occurred_at": moments(begun, ended, told.received),
        "client_id": constant("", length),
        **common(told.spans, told.lookup),
        "trace_id": hexed(fields.field("trace_id")),
        "span_id": hexed(fields.field("span_id")),
        "route": _routes(told),
        "name": fields.field("name"),
        "op": _ops(told),
        "parent_id": hexed(fields.field("parent_span_id")),
        "duration_ms": _durations(begun, ended),
        "status": _statuses(told),
        "root": pc.fill_null(pc.equal(told.entry, _rows(length)), False),
    }


def data(told: Told) -> dict[str, pa.Array]:
    """The parts of the client's own record: pairs, shared JSON, and texts."""
    return {
        "attributes": told.lookup.pairs,
        **shared(told.spans),
        "kind": _kinds(told),
        "status_message": _status_message(told),
    }


def _entry(told: Told) -> pa.Array:
    """The row of the span that entered the service above each one, or its own; null where it is in another request."""
    fields = told.spans.fields
    remote = pc.bit_wise_and(pc.fill_null(fields.field("flags"), 0), one_by_one.REMOTE_PARENT)
    stops = or_(_without_parent(told), _among(told, one_by_one.ENTERING), pc.equal(remote, one_by_one.REMOTE_PARENT))
    own = _rows(len(told.spans))
    found, climbing = pc.if_else(stops, own, None), pc.if_else(stops, None, own)
    for _ in range(one_by_one.MAX_CLIMB - 1):
        climbing = told.above.cast(pa.int64()).take(climbing)
        if climbing.null_count == len(climbing):
            break
        there = stops.take(climbing)
        found = pc.coalesce(found, pc.if_else(there, climbing, None))
        climbing = pc.if_else(there, None, climbing)
    return found


def _routes(told: Told) -> pa.StringArray:
    lookup, length, none = told.lookup, len(told.spans), constant("", len(told.spans))
    service, method = (lookup.first((name,)) for name in ("rpc.service", "rpc.method"))
    both = pc.and_(pc.not_equal(service, ""), pc.not_equal(method, ""))
    called = joined(service, pc.if_else(both, "/", ""), method)
    said = [lookup.first(one_by_one.ROUTES), called, lookup.first(one_by_one.DESTINATIONS)]
    entering = or_(_without_parent(told), _among(told, one_by_one.ENTERING))
    named = pc.if_else(entering, told.spans.fields.field("name"), none)
    leaving = pc.and_(_among(told, one_by_one.LEAVING), pc.invert(_without_parent(told)))
    own = pc.if_else(leaving, none, first_of([*said, named], length))
    return own.take(pc.coalesce(told.entry, _rows(length)))


def _ops(told: Told) -> pa.StringArray:
    ops = kinds = _kinds(told)
    below = joined(pc.if_else(pc.equal(kinds, ""), "", "."), kinds)
    for names, op in reversed(one_by_one.OPS):
        has = told.lookup.has(names)
        if some(has):
            ops = pc.if_else(has, op if op == "db" else joined(op, below), ops)
    return ops


def _statuses(told: Told) -> pa.StringArray:
    status = told.spans.fields.field("status")
    code = pc.if_else(status.is_valid(), status.field("code"), 0)
    answered = told.lookup.first(one_by_one.HTTP_STATUS)
    failed = or_(pc.equal(code, Status.STATUS_CODE_ERROR), pc.starts_with(answered, "5"))
    known = pc.index_in(answered, texts(list(one_by_one.REFUSALS)))
    refused = pc.fill_null(texts(list(one_by_one.REFUSALS.values())).take(known), "")
    return pc.if_else(failed, "error", pc.if_else(pc.equal(code, Status.STATUS_CODE_OK), "ok", refused))


def _status_message(told: Told) -> pa.StringArray:
    status = told.spans.fields.field("status")
    return pc.if_else(status.is_valid(), status.field("message"), "")


def _kinds(told: Told) -> pa.StringArray:
    kinds: dict[int, str] = {int(number): name for number, name in one_by_one.KINDS.items()}
    names = texts([kinds.get(number, "") for number in range(len(Span.SpanKind.items()))])
    kind = told.spans.fields.field("kind")
    known = pc.and_(pc.greater_equal(kind, 0), pc.less(kind, len(names)))
    return names.take(pc.if_else(known, kind, 0))


def _durations(begun: pa.Array, ended: pa.Array) -> pa.DoubleArray:
    took = pc.subtract(pc.max_element_wise(ended, begun), begun)
    return pc.divide(took.cast(pa.float64(), safe=False), 1e6)


def _without_parent(told: Told) -> pa.BooleanArray:
    return pc.equal(pc.binary_length(told.spans.fields.field("parent_span_id")), 0)


def _among(told: Told, kinds: tuple[int, ...]) -> pa.BooleanArray:
    return pc.is_in(told.spans.fields.field("kind"), pa.array(kinds, pa.int32()))


def _rows(length: int) -> pa.Int64Array:
    return pa.array(range(length), pa.int64())
