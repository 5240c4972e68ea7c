"""Requests decoded together: plain spans as rows, one by one only those that are more than their columns."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError

from improver.collectors import _otlp_columns as columnar
from improver.collectors import _otlp_span_rows as span_rows
from improver.collectors._lookup import Lookup
from improver.collectors._otlp_messages import SpanMessages
from improver.collectors._otlp_spans import only_failed
from improver.columns.arrays import counted, or_, spread, where
from improver.errors import ImproverError
from improver.model import Event, Payload, Rows, SpanEvent

UNREADABLE = (pa.ArrowException, DecodeError, ImproverError, ValueError)
Read = Callable[[Sequence[bytes]], columnar.Items]


@dataclass
class Together:
    """`left` are the numbers of the Payloads that have to be decoded one by one, for whatever reason."""

    rows: list[Rows] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    rejected: Counter[str] = field(default_factory=Counter)

    def read(self, bodies: Mapping[int, bytes], read: Read) -> tuple[list[int], columnar.Items]:
        """Those that can be read, and what they hold."""
        numbers = list(bodies)
        try:
            items = read(list(bodies.values()))
        except UNREADABLE:
            numbers = [number for number in numbers if _readable(bodies[number], read)]
            items = read([bodies[number] for number in numbers])
        self.left |= bodies.keys() - set(numbers)
        return numbers, items

    def add(self, found: Sequence[Sequence[Event]], firsts: Sequence[int]) -> None:
        for first, events in zip(firsts, found, strict=True):
            self.events += events
            self.ordinals += range(first, first + len(events))


def spans(payloads: Sequence[Payload], bodies: Mapping[int, bytes], read: Read, made: Together) -> None:
    """`bodies` are the requests of some of the Payloads, by number, of a format that `read` reads."""
    numbers, found = made.read(bodies, read)
    if left := _left(found):
        kept = [number for place, number in enumerate(numbers) if place not in left]
        made.left |= set(numbers) - set(kept)
        numbers, found = kept, read([bodies[number] for number in kept])
    if len(found):
        _place(made, _told(found, payloads, numbers), payloads, numbers)


def received(payloads: Sequence[Payload], numbers: Sequence[int], items: columnar.Items) -> pa.Array:
    """When each item came in, in microseconds."""
    moments = [payloads[number].received_at.replace(tzinfo=None) for number in numbers]
    return pa.array(moments, pa.timestamp("us")).cast(pa.int64()).take(items.payload)


def ordinals(items: columnar.Items, more: Sequence[tuple[pa.Array, list[int]]]) -> pa.Array:
    """The place of each item among all Events of its Payload; `more` says which bring others, and how many."""
    length = len(items)
    extra = pa.repeat(pa.scalar(0, pa.int64()), length)
    for rows, found in more:
        extra = pc.add(extra, pc.fill_null(spread(pa.array(found, pa.int64()), rows, length), 0))
    places = pc.add(counted(length), pc.subtract(pc.cumulative_sum(extra), extra))
    return _within(places, items.payload)


def _readable(body: bytes, read: Read) -> bool:
    try:
        read([body])
    except UNREADABLE:
        return False
    return True


def _left(spans: columnar.Items) -> set[int]:
    """Requests with spans that lack an id or have another one's."""
    if not len(spans):
        return set()
    return set(spans.payload.filter(columnar.unsound(spans)).to_pylist())


def _told(spans: columnar.Items, payloads: Sequence[Payload], numbers: list[int]) -> span_rows.Told:
    return span_rows.Told(
        spans=spans,
        lookup=Lookup.of(spans.fields.field("attributes")),
        above=columnar.above(spans),
        received=received(payloads, numbers, spans),
    )


def _place(made: Together, told: span_rows.Told, payloads: Sequence[Payload], numbers: list[int]) -> None:
    messages = SpanMessages.of(told, [payloads[number] for number in numbers])
    columns = span_rows.columns(told)
    careful = _careful(told, messages)
    failed = where(pc.and_not(span_rows.recorded(told), careful))
    whole = [list(messages.events(row)) for row in where(careful).to_pylist()]
    routes = columns["route"].take(failed).to_pylist()
    errors = [list(messages.errors(row, route)) for row, route in zip(failed.to_pylist(), routes, strict=True)]
    more = [(where(careful), [len(one) - 1 for one in whole]), (failed, list(map(len, errors)))]
    places = ordinals(told.spans, more)
    made.add(whole, places.take(where(careful)).to_pylist())
    made.add(errors, pc.add(places.take(failed), 1).to_pylist())
    plain = pc.invert(careful)
    payload = pa.array(numbers, pa.int64()).take(told.spans.payload)
    rows = pa.table({"payload": payload, "ordinal": places, **columns})
    data = {name: part.filter(plain) for name, part in span_rows.data(told).items()}
    made.rows.append(Rows(kind=SpanEvent, columns=rows.filter(plain), data=data))


def _careful(told: span_rows.Told, messages: SpanMessages) -> pa.BooleanArray:
    """Which are decoded one by one: a span whose events are exceptions is a row, and only they are more than that."""
    careful = span_rows.needs_care(told)
    rows = where(pc.and_not(span_rows.recorded(told), careful))
    more = pa.array([not only_failed(messages.span(row)) for row in rows.to_pylist()], pa.bool_())
    return or_(careful, pc.fill_null(spread(more, rows, len(told.spans)), False))


def _within(places: pa.Array, payload: pa.Array) -> pa.Array:
    """Places among all as places among those of the same Payload."""
    begins = pa.table({"payload": payload, "place": places}).group_by("payload", use_threads=False)
    first = begins.aggregate([("place", "min")])
    order = pc.index_in(payload, first.column("payload").combine_chunks())
    return pc.subtract(places, first.column("place_min").combine_chunks().take(order))
