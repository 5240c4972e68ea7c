"""Many requests of spans as OTLP/JSON, as the very columns that protobuf's come in."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from improver.collectors import _otlp_columns as columnar
from improver.collectors._lenient import bounded
from improver.collectors._otlp_json import parse
from improver.collectors._otlp_signals import MAX_ITEMS, TRACES
from improver.columns.arrays import flat, or_, some, unhexed, where
from improver.errors import ImproverError

UNREADABLE = (pa.ArrowException, ImproverError, ValueError)
WORTH_IT = 8192  # bytes; what is smaller is read faster item by item
# An object takes a column's place in all that it could have said, so there may not be many with nothing in them.
MAX_OBJECTS, FEW, LEAST = 400_000, 64, 12
BODY = "body"
# The specification has whole numbers as text; many SDKs write them as numbers.
WHOLE_AS_TEXT = re.compile(rb'"intValue"\s*:\s*"')
DIGITS, SIGNED = r"^[0-9]{1,20}$", r"^-?[0-9]{1,19}$"
KINDS = {
    "string_value": "stringValue", "bool_value": "boolValue", "int_value": "intValue", "double_value": "doubleValue",
    "array_value": "arrayValue", "kvlist_value": "kvlistValue", "bytes_value": "bytesValue",
}  # fmt: skip
RARE = ("arrayValue", "kvlistValue", "bytesValue")


@dataclass(frozen=True, kw_only=True)
class Messages:
    """The message of the span in each row, as decoding one by one makes it of the same JSON."""

    spans: pa.StructArray
    known: dict[int, Any] = field(default_factory=dict)

    def __call__(self, row: int) -> Any:
        if row not in self.known:
            self.known[row] = _message(self.spans[row].as_py(), Span)
        return self.known[row]


def reader(body: bytes) -> Callable[[Sequence[bytes]], columnar.Items]:
    """What reads it, together with others that write whole numbers as it does."""
    return _with_texts if WHOLE_AS_TEXT.search(body) else _with_numbers


def _with_texts(bodies: Sequence[bytes]) -> columnar.Items:
    return _read(bodies, pa.string())


def _with_numbers(bodies: Sequence[bytes]) -> columnar.Items:
    return _read(bodies, pa.int64())


def _read(bodies: Sequence[bytes], whole: pa.DataType) -> columnar.Items:
    """Raises what Arrow raises, a TooLarge or a ValueError when one of them says anything that is not read here."""
    blocks = _requests(bodies, _schema(whole))
    changed = _listed(blocks, _block)
    spans = blocks.values.field("scopeSpans").values.field("spans").values
    messages = Messages(spans=spans)
    for row in where(_more_than_columns(spans)).to_pylist():
        messages(row)
    found = columnar.of_blocks(changed, TRACES, messages)
    if len(found) > MAX_ITEMS and pc.max(pc.value_counts(found.payload).field("counts")).as_py() > MAX_ITEMS:
        raise ValueError("too many items")
    return found


def is_sound(body: bytes) -> bool:
    """Whether all of it can be read, and nothing has to be left out; if not, it has to be looked at more closely."""
    if len(body) < WORTH_IT:
        return False
    try:
        return not some(columnar.unsound(reader(body)([body])))
    except UNREADABLE:
        return False


def _requests(bodies: Sequence[bytes], schema: pa.Schema) -> pa.ListArray:
    """One list of blocks per body: what stands around each keeps them apart, whatever they say."""
    if not bodies:
        return pa.array([], schema.field(BODY).type).field("resourceSpans")
    for body in bodies:
        _examine(body)
    whole = b"\n".join(b'{"%s":%s}' % (BODY.encode(), body) for body in bodies)
    table = arrow_json.read_json(
        pa.BufferReader(whole),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(whole) + 1),
        parse_options=_options(schema),
    )
    requests = flat(table.column(BODY))
    if len(requests) != len(bodies) or requests.null_count:
        raise ValueError("a body is to be one object")
    return requests.field("resourceSpans")


def _examine(body: bytes) -> None:
    if b"\0" in bounded(body):
        raise ValueError("a null byte, which ends the JSON that Arrow reads")
    if body.count(b"{") > min(MAX_OBJECTS, FEW + len(body) // LEAST):
        raise ValueError("objects with next to nothing in them")
    body.decode()


def _options(schema: pa.Schema) -> arrow_json.ParseOptions:
    return arrow_json.ParseOptions(
        explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="error"
    )


def _block(blocks: pa.StructArray) -> pa.StructArray:
    scopes = _listed(blocks.field("scopeSpans"), _scope)
    return _struct(resource=_shared(blocks.field("resource"), Resource), scope_spans=scopes)


def _scope(scopes: pa.StructArray) -> pa.StructArray:
    scope = _shared(scopes.field("scope"), InstrumentationScope)
    return _struct(scope=scope, spans=_listed(scopes.field("spans"), _span))


def _span(spans: pa.StructArray) -> pa.StructArray:
    status = spans.field("status")
    return _struct(
        trace_id=_id(spans.field("traceId")),
        span_id=_id(spans.field("spanId")),
        parent_span_id=_id(spans.field("parentSpanId")),
        name=pc.fill_null(spans.field("name"), ""),
        kind=pc.fill_null(spans.field("kind"), 0),
        start_time_unix_nano=_number(spans.field("startTimeUnixNano"), DIGITS, pa.uint64()),
        end_time_unix_nano=_number(spans.field("endTimeUnixNano"), DIGITS, pa.uint64()),
        attributes=_listed(spans.field("attributes"), _attribute),
        events=_listed(spans.field("events")),
        links=_listed(spans.field("links")),
        status=_struct(
            message=pc.fill_null(status.field("message"), ""), code=pc.fill_null(status.field("code"), 0)
        ),
        flags=pc.fill_null(spans.field("flags"), 0),
    )


def _attribute(attributes: pa.StructArray) -> pa.StructArray:
    value = attributes.field("value")
    said = {name: value.field(kind) for name, kind in KINDS.items()}
    counts = [one.is_valid().cast(pa.int8()) for one in said.values()]
    if some(pc.greater(reduce(pc.add, counts), 1)):
        raise ValueError("an attribute of several values")
    real = said["double_value"]
    if some(or_(pc.invert(pc.is_finite(real)), pc.equal(real.cast(pa.string()), "-0"))):
        raise ValueError("a number that Python reads otherwise")
    said["int_value"] = _number(said["int_value"], SIGNED, pa.int64(), absent=None)
    return _struct(key=pc.fill_null(attributes.field("key"), ""), value=_struct(**said))


def _more_than_columns(spans: pa.StructArray) -> pa.BooleanArray:
    """What their messages have to be made for at once, because the columns do not tell whether that can be done."""
    attributes = spans.field("attributes")
    value = attributes.values.field("value")
    rows = pc.list_parent_indices(attributes).filter(or_(*(value.field(kind).is_valid() for kind in RARE)))
    lengths = [pc.fill_null(pc.list_value_length(spans.field(name)), 0) for name in ("events", "links")]
    listed = [pc.greater(length, 0) for length in lengths]
    return or_(pc.is_in(pa.array(range(len(spans)), rows.type), rows), *listed)


def _listed(lists: pa.ListArray, change: Callable[[pa.StructArray], pa.Array] = lambda values: values) -> pa.ListArray:
    """A list that is not there is as good as empty; something in it that is not there is malformed."""
    if lists.values.null_count:
        raise ValueError("null in a list")
    return pa.ListArray.from_arrays(lists.offsets, change(lists.values))


def _struct(**fields: pa.Array) -> pa.StructArray:
    return pa.StructArray.from_arrays(list(fields.values()), names=list(fields))


def _number(said: pa.Array, pattern: str, kind: pa.DataType, absent: int | None = 0) -> pa.Array:
    if pa.types.is_string(said.type):
        if some(pc.invert(pc.match_substring_regex(said, pattern))):
            raise ValueError("a number that Python reads otherwise")
        said = said.cast(kind)
    return said if absent is None else pc.fill_null(said, absent)


def _id(digits: pa.StringArray) -> pa.BinaryArray:
    return unhexed(pc.fill_null(digits, ""))


def _shared(values: pa.StructArray, kind: Callable[[], Any]) -> pa.BinaryArray:
    """Few of them are different, and those come again and again."""
    return pa.array([_serialised(json.dumps(one), kind) for one in values.to_pylist()], pa.binary())


@lru_cache(1024)
def _serialised(said: str, kind: Callable[[], Any]) -> bytes:
    return bytes(_message(json.loads(said), kind).SerializeToString())


def _message(said: Any, kind: Callable[[], Any]) -> Any:
    message = kind()
    if not parse(_told(said or {}), message, Counter()):
        raise ValueError("an item that is malformed")
    return message


def _told(said: Any) -> Any:
    """Without what is not there, for which Arrow has None."""
    if isinstance(said, dict):
        return {name: _told(inner) for name, inner in said.items() if inner is not None}
    return [_told(inner) for inner in said] if isinstance(said, list) else said


@cache
def _schema(whole: pa.DataType) -> pa.Schema:
    """All that the specification has, but for values nested twice; everything else is left to the other way."""
    text, count = pa.string(), pa.uint32()
    scalar = {
        "stringValue": text, "boolValue": pa.bool_(), "intValue": whole, "doubleValue": pa.float64(),
        "bytesValue": text,
    }  # fmt: skip
    inner = _type(**scalar)
    value = _type(
        **scalar,
        arrayValue=_type(values=pa.list_(inner)),
        kvlistValue=_type(values=pa.list_(_type(key=text, value=inner))),
    )
    described = {"attributes": pa.list_(_type(key=text, value=value)), "droppedAttributesCount": count}
    event = _type(timeUnixNano=text, name=text, **described)
    link = _type(traceId=text, spanId=text, traceState=text, flags=count, **described)
    span = _type(
        traceId=text, spanId=text, parentSpanId=text, traceState=text, flags=count, name=text, kind=pa.int32(),
        startTimeUnixNano=text, endTimeUnixNano=text, events=pa.list_(event), droppedEventsCount=count,
        links=pa.list_(link), droppedLinksCount=count, status=_type(message=text, code=pa.int32()), **described,
    )  # fmt: skip
    scope = _type(scope=_type(name=text, version=text, **described), spans=pa.list_(span), schemaUrl=text)
    block = _type(resource=_type(**described), scopeSpans=pa.list_(scope), schemaUrl=text)
    return pa.schema({BODY: _type(resourceSpans=pa.list_(block))})


def _type(**fields: pa.DataType) -> pa.StructType:
    return pa.struct(fields)
