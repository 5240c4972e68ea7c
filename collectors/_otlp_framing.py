"""The framing of a protobuf request: how many items it holds, and which of them can be read if not all can."""

from collections import Counter
from collections.abc import Iterator

from google.protobuf.message import DecodeError, Message

from improver.collectors._otlp_signals import MALFORMED, Signal
from improver.collectors._otlp_slim import counted
from improver.errors import ImproverError

MAX_VARINT = 10
FIXED = {1: 8, 5: 4}  # wire types of a fixed size
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
        for field, _, _ in _fields(scope):
            items += field == INSIDE
            if items > limit:
                return items
    return items


def salvage(body: bytes, signal: Signal) -> tuple[Message, Counter[str]]:
    """The request without what cannot be read, and how many items that cost."""
    rejected: Counter[str] = Counter()
    blocks = [
        _delimited(RESOURCES, b"".join(_block(raw, signal, rejected)))
        for field, _, raw in _fields(body)
        if field == RESOURCES
    ]
    try:
        return signal.request.FromString(b"".join(blocks)), rejected
    except DecodeError as error:
        raise _broken() from error


def _block(block: bytes, signal: Signal, rejected: Counter[str]) -> Iterator[bytes]:
    for field, whole, scope in _fields(block):
        if field != INSIDE:
            yield whole
            continue
        yield _delimited(INSIDE, b"".join(_scope(scope, signal, rejected)))


def _scope(scope: bytes, signal: Signal, rejected: Counter[str]) -> Iterator[bytes]:
    for field, whole, item in _fields(scope):
        if field == INSIDE and not _readable(item, signal):
            rejected[MALFORMED] += 1
            continue
        yield whole


def _inside(body: bytes) -> Iterator[bytes]:
    """The scopes of all blocks."""
    for field, _, block in _fields(body):
        if field == RESOURCES:
            yield from (scope for inner, _, scope in _fields(block) if inner == INSIDE)


def _readable(item: bytes, signal: Signal) -> bool:
    try:
        signal.item.FromString(item)
    except DecodeError:
        return False
    return True


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, whole encoding and content of each field."""
    at = 0
    while at < len(message):
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
        if at + size > len(message):
            raise _broken()
        yield tag >> 3, message[begin : at + size], message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number, and where it ends."""
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
