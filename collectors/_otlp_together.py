"""Requests of spans decoded together: plain spans as rows, one by one only those that are more than their columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError

from improver.collectors import _otlp_columns as columnar
from improver.collectors import _otlp_span_rows as span_rows
from improver.collectors._lookup import Lookup
from improver.collectors._otlp_framing import count
from improver.collectors._otlp_messages import Messages
from improver.collectors._otlp_signals import MAX_ITEMS, TRACES
from improver.collectors._otlp_spans import only_failed
from improver.columns.arrays import counted, or_, spread, where
from improver.errors import ImproverError
from improver.model import Event, Payload, Rows, SpanEvent

UNREADABLE = (pa.ArrowException, DecodeError, ValueError)


@dataclass
class Together:
    """`left` are the numbers of the Payloads that have to be decoded one by one, for whatever reason."""

    rows: list[Rows] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)


def decode(payloads: Sequence[Payload], bodies: Mapping[int, bytes]) -> Together:
    """`bodies` are the protobuf requests of some of the Payloads, by number."""
    made = Together()
    # ptars is more lenient than protobuf, and what cannot be read is not to be guessed.
    requests = {number: request for number, body in bodies.items() if (request := _request(body)) is not None}
    try:
        spans = columnar.read([bodies[number] for number in requests])
    except UNREADABLE:
        requests = {number: request for number, request in requests.items() if _readable(bodies[number])}
        spans = columnar.read([bodies[number] for number in requests])
    if left := _left(spans):
        requests = {n: request for place, (n, request) in enumerate(requests.items()) if place not in left}
        spans = columnar.read([bodies[number] for number in requests])
    made.left |= bodies.keys() - requests.keys()
    if len(spans):
        _place(made, _told(spans, payloads, list(requests)), payloads, requests)
    return made


def _request(body: bytes) -> Any:
    try:
        return TRACES.request.FromString(body) if count(body, MAX_ITEMS) <= MAX_ITEMS else None
    except (DecodeError, ImproverError):
        return None


def _readable(body: bytes) -> bool:
    try:
        columnar.read([body])
    except UNREADABLE:
        return False
    return True


def _left(spans: columnar.Spans) -> set[int]:
    """Requests with spans that lack an id or have another one's."""
    if not len(spans):
        return set()
    return set(spans.payload.filter(columnar.unsound(spans)).to_pylist())


def _told(spans: columnar.Spans, payloads: Sequence[Payload], numbers: list[int]) -> span_rows.Told:
    received = [payloads[number].received_at.replace(tzinfo=None) for number in numbers]
    return span_rows.Told(
        spans=spans,
        lookup=Lookup.of(spans.fields.field("attributes")),
        above=columnar.above(spans),
        received=pa.array(received, pa.timestamp("us")).cast(pa.int64()).take(spans.payload),
    )


def _place(made: Together, told: span_rows.Told, payloads: Sequence[Payload], requests: Mapping[int, Any]) -> None:
    messages = Messages.of(told, [payloads[number] for number in requests], list(requests.values()))
    columns = span_rows.columns(told)
    careful = _careful(told, messages)
    failed = where(pc.and_not(span_rows.recorded(told), careful))
    whole = [list(messages.events(row)) for row in where(careful).to_pylist()]
    routes = columns["route"].take(failed).to_pylist()
    errors = [list(messages.errors(row, route)) for row, route in zip(failed.to_pylist(), routes, strict=True)]
    ordinals = _ordinals(told, [(where(careful), [len(one) - 1 for one in whole]), (failed, list(map(len, errors)))])
    _add(made, whole, ordinals.take(where(careful)).to_pylist())
    _add(made, errors, pc.add(ordinals.take(failed), 1).to_pylist())
    plain = pc.invert(careful)
    payload = pa.array(list(requests), pa.int64()).take(told.spans.payload)
    rows = pa.table({"payload": payload, "ordinal": ordinals, **columns})
    data = {name: part.filter(plain) for name, part in span_rows.data(told).items()}
    made.rows.append(Rows(kind=SpanEvent, columns=rows.filter(plain), data=data))


def _careful(told: span_rows.Told, messages: Messages) -> pa.BooleanArray:
    """Which are decoded one by one: a span whose events are exceptions is a row, and only they are more than that."""
    careful = span_rows.needs_care(told)
    rows = where(pc.and_not(span_rows.recorded(told), careful))
    more = pa.array([not only_failed(messages.span(row)) for row in rows.to_pylist()], pa.bool_())
    return or_(careful, pc.fill_null(spread(more, rows, len(told.spans)), False))


def _add(made: Together, found: Sequence[Sequence[Event]], firsts: Sequence[int]) -> None:
    for first, events in zip(firsts, found, strict=True):
        made.events += events
        made.ordinals += range(first, first + len(events))


def _ordinals(told: span_rows.Told, more: Sequence[tuple[pa.Array, list[int]]]) -> pa.Array:
    """The place of each span among all Events of its Payload; `more` says which bring others, and how many."""
    length = len(told.spans)
    counts = [pc.fill_null(spread(pa.array(found, pa.int64()), rows, length), 0) for rows, found in more]
    extra = pc.add(*counts)
    places = pc.add(counted(length), pc.subtract(pc.cumulative_sum(extra), extra))
    return _within(places, told.spans.payload)


def _within(places: pa.Array, payload: pa.Array) -> pa.Array:
    """Places among all as places among those of the same Payload."""
    begins = pa.table({"payload": payload, "place": places}).group_by("payload", use_threads=False)
    first = begins.aggregate([("place", "min")])
    order = pc.index_in(payload, first.column("payload").combine_chunks())
    return pc.subtract(places, first.column("place_min").combine_chunks().take(order))
