"""Many requests of one signal as Arrow columns: every item of every resource and scope in one flat array."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain
from typing import Any

import ptars
import pyarrow as pa
import pyarrow.compute as pc
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from improver.collectors import _otlp_slim as slim
from improver.collectors._otlp_framing import count
from improver.collectors._otlp_signals import MAX_ITEMS, Signal
from improver.columns.arrays import flat, or_, spread, where, words

TRACE_ID, SPAN_ID = 16, 8


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What many spans have in common, each once: `numbers` says which is whose."""

    numbers: pa.Array
    messages: list[Any]


@dataclass(frozen=True, kw_only=True)
class Requested:
    """The items of requests by row: those of each scope, and which row is its first."""

    scopes: list[Any]
    firsts: list[int]

    @classmethod
    def of(cls, requests: Sequence[Any], signal: Signal) -> "Requested":
        blocks = chain.from_iterable(getattr(one, signal.resource_field) for one in requests)
        scopes = chain.from_iterable(getattr(block, signal.scope_field) for block in blocks)
        items = [getattr(scope, signal.item_field) for scope in scopes]
        return cls(scopes=items, firsts=[0, *accumulate(map(len, items))])

    def __call__(self, row: int) -> Any:
        number = bisect_right(self.firsts, row) - 1
        return self.scopes[number][row - self.firsts[number]]


@dataclass(frozen=True, kw_only=True)
class Items:
    """`payload`, `block` and `scope` are numbers: of the request, of the resource's block and of the scope in all of
    them. `message` has the whole message of the item in a row."""

    fields: pa.StructArray
    payload: pa.Array
    block: pa.Array
    scope: pa.Array
    resources: Shared
    scopes: Shared
    message: Callable[[int], Any]

    def __len__(self) -> int:
        return len(self.fields)


def read(signal: Signal, bodies: Sequence[bytes]) -> Items:
    """Raises what ptars or protobuf raise when one of them is malformed, or a ValueError when it has too many items."""
    # ptars is more lenient than protobuf, and what cannot be read is not to be guessed.
    requests = [_request(body, signal) for body in bodies]
    batch = _handler(signal.name.capitalize()).list_to_record_batch(list(bodies))
    return of_blocks(flat(batch.column(signal.resource_field)), signal, Requested.of(requests, signal))


def of_blocks(blocks: pa.ListArray, signal: Signal, message: Callable[[int], Any]) -> Items:
    """`blocks` has a list of resources, with their scopes and those with their items, for each request."""
    scopes = blocks.flatten().field(signal.scope_field)
    items = scopes.flatten().field(signal.item_field)
    scope = pc.list_parent_indices(items)
    block = pc.list_parent_indices(scopes).take(scope)
    return Items(
        fields=items.flatten(),
        payload=pc.list_parent_indices(blocks).take(block),
        block=block,
        scope=scope,
        resources=_shared(blocks.flatten().field("resource"), block, Resource.FromString),
        scopes=_shared(scopes.flatten().field("scope"), scope, InstrumentationScope.FromString),
        message=message,
    )


def unsound(spans: Items) -> pa.BooleanArray:
    """Spans without an id, or whose id another one in the same block has."""
    trace, span = (spans.fields.field(name) for name in ("trace_id", "span_id"))
    bare = or_(
        pc.not_equal(pc.binary_length(trace), TRACE_ID),
        pc.not_equal(pc.binary_length(span), SPAN_ID),
        pc.equal(trace, bytes(TRACE_ID)),
        pc.equal(span, bytes(SPAN_ID)),
    )
    named = _placed(spans, span.dictionary_encode().indices)
    if pc.count_distinct(named).as_py() == len(spans):
        return bare
    counts = pc.value_counts(named)
    twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    return or_(bare, pc.is_in(named, twice))


def above(spans: Items) -> pa.Array:
    """Which span each names as its parent, if that is in the same block; all ids are sound."""
    ids, parents = words(spans.fields.field("span_id")), spans.fields.field("parent_span_id")
    known = ids.dictionary_encode()
    below = where(pc.equal(pc.binary_length(parents), SPAN_ID))
    codes = pc.index_in(words(parents.take(below)), known.dictionary)
    named = spread(codes, below, len(spans))
    return pc.index_in(_placed(spans, named), _placed(spans, known.indices), skip_nulls=True)


def _request(body: bytes, signal: Signal) -> Any:
    if count(body, MAX_ITEMS) > MAX_ITEMS:
        raise ValueError("too many items")
    return signal.request.FromString(body)


def _placed(spans: Items, codes: pa.Array) -> pa.Array:
    return pc.add(pc.multiply(spans.block.cast(pa.int64()), len(spans)), codes.cast(pa.int64()))


def _shared(values: pa.Array, numbers: pa.Array, parse: Callable[[bytes], Any]) -> Shared:
    encoded = pc.fill_null(values, b"").dictionary_encode()
    messages = [parse(one) for one in encoded.dictionary.to_pylist()]
    return Shared(numbers=encoded.indices.take(numbers), messages=messages)


@cache
def _handler(name: str) -> Any:
    file = slim.file()
    return ptars.HandlerPool([file]).get_for_message(file.message_types_by_name[name])
