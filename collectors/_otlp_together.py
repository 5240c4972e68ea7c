"""Requests of spans decoded together: plain spans as rows, one by one only those that are more than their columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError

from improver.collectors import _otlp_columns as columnar
from improver.collectors import _otlp_span_rows as span_rows
from improver.collectors._otlp_framing import count
from improver.collectors._otlp_lookup import Lookup
from improver.collectors._otlp_signals import MAX_ITEMS, TRACES
from improver.collectors._otlp_source import Source, attributes_of
from improver.collectors._otlp_spans import MAX_CLIMB, span_events
from improver.columns.arrays import counted, spread, where
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
    careful = where(span_rows.needs_care(told))
    found = [list(events) for events in _one_by_one(told, careful.to_pylist(), payloads, requests)]
    more = spread(pa.array([len(events) - 1 for events in found], pa.int64()), careful, len(told.spans))
    more = pc.fill_null(more, 0)
    places = pc.add(counted(len(more)), pc.subtract(pc.cumulative_sum(more), more))
    ordinals = _within(places, told.spans.payload)
    for first, events in zip(ordinals.take(careful).to_pylist(), found, strict=True):
        made.events += events
        made.ordinals += range(first, first + len(events))
    plain = pc.invert(pc.is_in(counted(len(more)), careful))
    payload = pa.array(list(requests), pa.int64()).take(told.spans.payload)
    columns = pa.table({"payload": payload, "ordinal": ordinals, **span_rows.columns(told)})
    data = {name: part.filter(plain) for name, part in span_rows.data(told).items()}
    made.rows.append(Rows(kind=SpanEvent, columns=columns.filter(plain), data=data))


def _within(places: pa.Array, payload: pa.Array) -> pa.Array:
    """Places among all as places among those of the same Payload."""
    begins = pa.table({"payload": payload, "place": places}).group_by("payload", use_threads=False)
    first = begins.aggregate([("place", "min")])
    order = pc.index_in(payload, first.column("payload").combine_chunks())
    return pc.subtract(places, first.column("place_min").combine_chunks().take(order))


def _one_by_one(
    told: span_rows.Told, rows: list[int], payloads: Sequence[Payload], requests: Mapping[int, Any]
) -> Iterator[Iterator[Event]]:
    """What each of these spans makes."""
    spans, numbers, sources = told.spans, list(requests), dict[int, Source]()
    scopes = [[scope.spans for block in one.resource_spans for scope in block.scope_spans] for one in requests.values()]

    def message(row: int) -> Any:
        payload = spans.payload[row].as_py()
        return scopes[payload][spans.scope[row].as_py() - spans.first_scopes[payload]][spans.within[row].as_py()]

    for row in rows:
        scope = spans.scope[row].as_py()
        if scope not in sources:
            sources[scope] = _source(spans, row, payloads[numbers[spans.payload[row].as_py()]])
        yield span_events(message(row), sources[scope], {one.span_id: one for one in map(message, _line(told, row))})


def _line(told: span_rows.Told, row: int) -> Iterator[int]:
    """The span itself and those above it, as far as anybody climbs."""
    at: int | None = row
    for _ in range(MAX_CLIMB + 1):
        if at is None:
            return
        yield at
        at = told.above[at].as_py()


def _source(spans: columnar.Spans, row: int, payload: Payload) -> Source:
    resource = spans.resources.messages[spans.resources.numbers[row].as_py()]
    scope = spans.scopes.messages[spans.scopes.numbers[row].as_py()]
    return Source(
        payload=payload, resource=attributes_of(resource.attributes), scope=scope.name, scope_version=scope.version
    )
