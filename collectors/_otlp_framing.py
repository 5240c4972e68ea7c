"""The framing of a protobuf request: how much it holds, and which items of it can be read if not all can."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from improver.collectors._otlp_signals import MALFORMED, Signal
from improver.collectors._otlp_slim import counted
from improver.errors import ImproverError

MAX_VARINT = 10
FIXED = {1: 8, 5: 4}  # wire types of a fixed size
MAX_DEPTH = 100  # deeper than that, protobuf reads nothing
BYTES = 2
RESOURCES, INSIDE = 1, 2  # field numbers: blocks of a request; scopes in a block, and items in a scope


def count(body: bytes, limit: int) -> int:
    """How many items there are; it stops counting above the limit in a request that is damaged."""
    try:
        request = counted().FromString(body)
    except DecodeError:
        return _count_damaged(body, limit)
    return sum(len(scope.items) for block in request.blocks for scope in block.scopes)


def _count_damaged(body: bytes, limit: int) -> int:
    items = 0
    for scope in _inside(body):
        for field, *_ in _fields(body, *scope):
            items += field == INSIDE
            if items > limit:
                return items
    return items


def count_messages(body: bytes, signal: Signal, limit: int) -> int:
    """How many objects it would be once read, down to each attribute's value; it stops counting above the limit."""
    messages = 0
    entered = [(_whole_fields(body, 0, len(body)), _parts(signal.request.DESCRIPTOR))]
    while entered and messages <= limit:
        fields, parts = entered[-1]
        for field, kind, _, content, end in fields:
            if kind != BYTES or field not in parts:
                continue
            messages += 1
            inner = parts[field]
            if inner is not None and content < end and len(entered) < MAX_DEPTH:
                entered.append((_whole_fields(body, content, end), _parts(inner)))
                break
            if messages > limit:
                break
        else:
            entered.pop()
    return messages


def salvage(body: bytes, signal: Signal) -> tuple[Message, Counter[str]]:
    """The request without what cannot be read, and how many items that cost."""
    rejected: Counter[str] = Counter()
    blocks = [
        _delimited(RESOURCES, b"".join(_block(body[content:end], signal, rejected)))
        for field, _, _, content, end in _fields(body, 0, len(body))
        if field == RESOURCES
    ]
    try:
        return signal.request.FromString(b"".join(blocks)), rejected
    except DecodeError as error:
        raise _broken() from error


def _block(block: bytes, signal: Signal, rejected: Counter[str]) -> Iterator[bytes]:
    for field, _, begin, content, end in _fields(block, 0, len(block)):
        if field != INSIDE:
            yield block[begin:end]
            continue
        yield _delimited(INSIDE, b"".join(_scope(block[content:end], signal, rejected)))


def _scope(scope: bytes, signal: Signal, rejected: Counter[str]) -> Iterator[bytes]:
    for field, _, begin, content, end in _fields(scope, 0, len(scope)):
        if field == INSIDE and not _readable(scope[content:end], signal):
            rejected[MALFORMED] += 1
            continue
        yield scope[begin:end]


def _inside(body: bytes) -> Iterator[tuple[int, int]]:
    """Where the scopes of all blocks begin and end."""
    for field, _, _, block, end in _fields(body, 0, len(body)):
        if field == RESOURCES:
            yield from ((scope, after) for inner, _, _, scope, after in _fields(body, block, end) if inner == INSIDE)


@cache
def _parts(message: Descriptor) -> Mapping[int, Descriptor | None]:
    """The fields that become objects of their own, with what is inside of those that are messages."""
    return {
        field.number: field.message_type
        for field in message.fields
        if field.message_type or (field.is_repeated and field.type in (field.TYPE_STRING, field.TYPE_BYTES))
    }


def _readable(item: bytes, signal: Signal) -> bool:
    try:
        signal.item.FromString(item)
    except DecodeError:
        return False
    return True


def _whole_fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Its fields up to where it cannot be read: nothing behind that is read by anybody."""
    try:
        yield from _fields(message, at, end)
    except ImproverError:
        return


def _fields(message: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Of each field: number, wire type, and where it, its content, and what follows it begin."""
    while at < end:
        begin = at
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == BYTES:
            size, at = _varint(message, at)
        elif kind == 0:
            size = _varint(message, at)[1] - at
        elif kind in FIXED:
            size = FIXED[kind]
        else:
            raise _broken()
        if at + size > end:
            raise _broken()
        yield tag >> 3, kind, begin, at, at + size
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number, and where it ends."""
    if at < len(message) and message[at] < 0x80:
        return message[at], at + 1
    value = 0
    for shift, byte in enumerate(message[at : at + MAX_VARINT]):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, at + shift + 1
    raise _broken()


def _delimited(field: int, content: bytes) -> bytes:
    return _encoded(field << 3 | BYTES) + _encoded(len(content)) + content


def _encoded(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def _broken() -> ImproverError:
    return ImproverError(
        "the body is not an OTLP request in protobuf", hint="check the Content-Type and Content-Encoding headers"
    )
