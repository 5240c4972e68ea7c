"""Mutation of protobuf: fields doubled, renumbered, retyped and nested, lengths that lie, numbers at their limits."""

import random
from dataclasses import dataclass

from bench.fuzz import odd

MAX_DEPTH = 10
VARINTS = (0, 1, 127, 128, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, (1 << 70) - 1)
BYTES = 2
WRITTEN = -1  # a kind of ours: fields that are written out already


@dataclass(slots=True)
class Field:
    """`content` is a number, bytes, or the fields of a message; `lie` is added to the length that is told."""

    number: int
    kind: int
    content: "int | bytes | list[Field]"
    lie: int = 0


def parsed(body: bytes, depth: int = 0) -> list[Field]:
    """Raises ValueError for what is no message."""
    fields: list[Field] = []
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        kind, content = tag & 7, b""
        if kind == 0:
            number, at = _varint(body, at)
            fields.append(Field(tag >> 3, kind, number))
            continue
        size = {1: 8, 5: 4}.get(kind, -1)
        if kind == BYTES:
            size, at = _varint(body, at)
        if size < 0 or at + size > len(body) or not tag >> 3:
            raise ValueError("no message")
        content = body[at : at + size]
        at += size
        fields.append(Field(tag >> 3, kind, _message(content, depth) if kind == BYTES else content))
    return fields


def written(fields: list[Field]) -> bytes:
    parts = []
    for field in fields:
        content = written(field.content) if isinstance(field.content, list) else field.content
        if field.kind != WRITTEN:
            parts.append(_encoded(field.number << 3 | field.kind))
        if isinstance(content, int):
            parts.append(_encoded(content))
        else:
            length = _encoded(max(0, len(content) + field.lie)) if field.kind == BYTES else b""
            parts += [length, content]
    return b"".join(parts)


def mutate(fields: list[Field], rng: random.Random, other: list[Field]) -> None:
    """One change somewhere in the message; `other` is one to take parts from."""
    holders = _holders(fields)
    holder = rng.choice(holders)
    if not holder:
        holder += rng.choice(_holders(other))
        return
    at = rng.randrange(len(holder))
    rng.choice((_removed, _repeated, _renumbered, _retyped, _lying, _nested, _taken, _altered, _altered, _altered))(
        holder, at, rng, other
    )


def _removed(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    del holder[at]


def _repeated(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    """Rarely so often that only a limit helps."""
    whole = written([holder[at]])
    times, room = rng.choice(((1, 1 << 16), (2, 1 << 16), (120, 1 << 16), (1100, 1 << 18), (60_000, 1 << 18)))
    if rng.random() < 0.01:
        times, room = 10_000_000, 20 << 20
    holder.insert(at, Field(0, WRITTEN, whole * min(times, room // (len(whole) + 1))))


def _renumbered(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    one = holder[at]
    holder[at] = Field(rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 1 << 28)), one.kind, one.content)


def _retyped(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    number = holder[at].number
    holder[at] = rng.choice(
        (Field(number, 0, 1), Field(number, 1, b"\xff" * 8), Field(number, 5, b"\x7f" * 4), Field(number, 3, b""),
         Field(number, BYTES, b""), Field(number, 7, b""))
    )  # fmt: skip


def _lying(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    one = holder[at]
    holder[at] = Field(one.number, one.kind, one.content, rng.choice((-1, 1, 100, 1 << 31, 1 << 62)))


def _nested(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    """As values of values, which is how deep an attribute can go."""
    one, body = holder[at], b""
    for _ in range(rng.choice((3, 30, 99, 101, 400))):
        inner = _encoded(1 << 3 | BYTES) + _encoded(len(body)) + body
        body = _encoded(rng.choice((5, 6)) << 3 | BYTES) + _encoded(len(inner)) + inner
    holder[at] = Field(one.number, BYTES, body)


def _taken(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    donors = rng.choice(_holders(other))
    if donors:
        one = rng.choice(donors)
        holder[at] = Field(holder[at].number, one.kind, _copied(one))


def _altered(holder: list[Field], at: int, rng: random.Random, other: list[Field]) -> None:
    one = holder[at]
    if isinstance(one.content, int):
        holder[at] = Field(one.number, one.kind, rng.choice(VARINTS))
    elif one.kind == BYTES:
        holder[at] = Field(one.number, one.kind, rng.choice((odd.text(rng).encode(), rng.choice(odd.BYTES), b"")))
    else:
        holder[at] = Field(one.number, one.kind, rng.randbytes(len(_copied(one))))


def _copied(one: Field) -> bytes:
    if isinstance(one.content, list):
        return written(one.content)
    return one.content if isinstance(one.content, bytes) else b""


def _holders(fields: list[Field]) -> list[list[Field]]:
    found: list[list[Field]] = []
    waiting = [fields]
    while waiting and len(found) < 2000:
        one = waiting.pop()
        found.append(one)
        waiting += [field.content for field in one[:200] if isinstance(field.content, list)]
    return found


def _message(content: bytes, depth: int) -> bytes | list[Field]:
    if not content or depth >= MAX_DEPTH:
        return content
    try:
        return parsed(content, depth + 1)
    except ValueError:
        return content


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(10):
        if at >= len(body):
            raise ValueError("no message")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, at
    raise ValueError("no message")


def _encoded(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])
