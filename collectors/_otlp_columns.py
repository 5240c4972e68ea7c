"""Many requests of spans as Arrow columns: every span of every resource and scope in one flat array."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import ptars
import pyarrow as pa
import pyarrow.compute as pc
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from improver.collectors import _otlp_slim as slim
from improver.columns.arrays import counted, flat, or_, spread, where, words

TRACE_ID, SPAN_ID = 16, 8


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What many spans have in common, each once: `numbers` says which is whose."""

    numbers: pa.Array
    messages: list[Any]


@dataclass(frozen=True, kw_only=True)
class Spans:
    """`payload`, `block` and `scope` are numbers: of the request, of the resource's block and of the scope in all of
    them; `within` is a span's place in its scope. `first_scopes` are the numbers of the requests' first scopes."""

    fields: pa.StructArray
    payload: pa.Array
    block: pa.Array
    scope: pa.Array
    within: pa.Array
    first_scopes: list[int]
    resources: Shared
    scopes: Shared

    def __len__(self) -> int:
        return len(self.fields)


def read(bodies: Sequence[bytes]) -> Spans:
    """Raises what ptars or protobuf raise when one of them is malformed."""
    requests = _handler().list_to_record_batch(list(bodies))
    blocks = flat(requests.column("resource_spans"))
    scopes = blocks.flatten().field("scope_spans")
    spans = scopes.flatten().field("spans")
    scope = pc.list_parent_indices(spans)
    block = pc.list_parent_indices(scopes).take(scope)
    begins = spans.offsets.take(scope)
    first_scopes = [scopes.offsets[first].as_py() for first in blocks.offsets.to_pylist()]
    return Spans(
        fields=spans.flatten(),
        payload=pc.list_parent_indices(blocks).take(block),
        block=block,
        scope=scope,
        within=pc.subtract(counted(len(scope)), pc.subtract(begins, spans.offsets[0]) if len(scope) else begins),
        first_scopes=first_scopes,
        resources=_shared(blocks.flatten().field("resource"), block, Resource.FromString),
        scopes=_shared(scopes.flatten().field("scope"), scope, InstrumentationScope.FromString),
    )


def unsound(spans: Spans) -> pa.BooleanArray:
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


def above(spans: Spans) -> pa.Array:
    """Which span each names as its parent, if that is in the same block; all ids are sound."""
    ids, parents = words(spans.fields.field("span_id")), spans.fields.field("parent_span_id")
    known = ids.dictionary_encode()
    below = where(pc.equal(pc.binary_length(parents), SPAN_ID))
    codes = pc.index_in(words(parents.take(below)), known.dictionary)
    named = spread(codes, below, len(spans))
    return pc.index_in(_placed(spans, named), _placed(spans, known.indices), skip_nulls=True)


def _placed(spans: Spans, codes: pa.Array) -> pa.Array:
    return pc.add(pc.multiply(spans.block.cast(pa.int64()), len(spans)), codes.cast(pa.int64()))


def _shared(values: pa.Array, numbers: pa.Array, parse: Callable[[bytes], Any]) -> Shared:
    encoded = pc.fill_null(values, b"").dictionary_encode()
    messages = [parse(one) for one in encoded.dictionary.to_pylist()]
    return Shared(numbers=encoded.indices.take(numbers), messages=messages)


@cache
def _handler() -> Any:
    file = slim.file()
    return ptars.HandlerPool([file]).get_for_message(file.message_types_by_name["Traces"])
