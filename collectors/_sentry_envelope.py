"""Sentry's envelopes on the wire: a header line, then items, each a header line and a payload."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from improver.errors import ImproverError
from improver.inflate import TooLarge, inflate, reader
from improver.model import Payload

MIB = 1 << 20
MAX_EVENT = MIB
MAX_CONTAINER = 12 * MIB
MAX_INFLATED = 100 * MIB
MAX_ITEMS = 100
MAX_HEADER = 8 * 1024
CHUNK = 64 * 1024
# Many records in one item.
CONTAINERS = ("span", "log", "trace_metric")
PARSED = (
    "event", "transaction", "session", "sessions", "check_in", "feedback", "user_report", "client_report", *CONTAINERS,
)  # fmt: skip
# Read at once; what is attached is never read.
DOCUMENTS = ("event", "transaction")
BINARY = "application/octet-stream"
HINT = "see https://develop.sentry.dev/sdk/data-model/envelopes/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One item of an envelope: its header, and its payload as bytes or as the JSON that it is."""

    kind: str
    content: bytes | dict[str, Any]
    header: dict[str, Any] = field(default_factory=dict)


def check_envelope(body: bytes, encoding: str) -> dict[str, Any]:
    """Its header; raises unless it can be taken apart. Its payloads are passed over, in constant memory."""
    lines = reader(body, encoding, cap=MAX_INFLATED)
    header = header_of(lines.readline(MAX_HEADER + 1))
    _check_items(lines)
    return header


def _check_items(lines: io.BufferedReader) -> None:
    for number in range(MAX_ITEMS + 1):
        line = lines.readline(MAX_HEADER + 1).strip()
        if not line:
            return _nothing_left(lines)
        if number == MAX_ITEMS:
            raise ImproverError(f"the envelope has more than {MAX_ITEMS} items", hint="send several envelopes")
        header = header_of(line)
        limit = _limit(header.get("type"))
        if _pass_over(lines, length_of(header)) > limit:
            raise TooLarge(f"item {number + 1} of the envelope is larger than {limit} bytes", hint="send less with it")


def check_event(body: bytes, encoding: str) -> dict[str, Any]:
    """The header that such a body does not have; raises unless it is an event."""
    event_of(body, encoding)
    return {}


def header_of(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_HEADER:
        raise ImproverError(f"a header line of the envelope is longer than {MAX_HEADER} bytes", hint=HINT)
    try:
        header = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ImproverError("a header line of the envelope is not JSON", hint=HINT) from error
    if not isinstance(header, dict):
        raise ImproverError("a header line of the envelope is not a JSON object", hint=HINT)
    return header


def length_of(header: dict[str, Any]) -> int | None:
    """How long an item's payload is; None means: up to the end of its line."""
    length = header.get("length")
    if length is None:
        return None
    if not isinstance(length, int) or isinstance(length, bool) or not 0 <= length <= MAX_INFLATED:
        raise ImproverError("the length of an item is not a number of bytes", hint=HINT)
    return length


def first_header(body: bytes, encoding: str) -> dict[str, Any]:
    """The envelope's own header; empty when it cannot be read."""
    try:
        return header_of(reader(body, encoding, cap=MAX_INFLATED).readline(MAX_HEADER + 1))
    except ImproverError:
        return {}


def items(payload: Payload) -> Iterator[Item | None]:
    """Each item; None for one that is malformed, which costs no other."""
    stream = io.BytesIO(inflate(payload.body, payload.content_encoding, cap=MAX_INFLATED))
    header_of(stream.readline().strip())
    for _ in range(MAX_ITEMS):
        line = stream.readline().strip()
        if not line:
            return
        try:
            header = header_of(line)
            content = _content(stream, length_of(header))
        except ImproverError:
            # Where the next item begins is anybody's guess.
            yield None
            return
        yield _item(header, content)


def _content(stream: io.BytesIO, length: int | None) -> bytes:
    if length is None:
        return stream.readline().rstrip(b"\n")
    content = stream.read(length)
    stream.readline()
    return content


def _item(header: dict[str, Any], content: bytes) -> Item | None:
    kind = str(header.get("type"))
    if kind not in DOCUMENTS:
        return Item(kind=kind, content=content, header={"content_type": BINARY, **header})
    try:
        return Item(kind=kind, content=document(content), header=header)
    except (ValueError, RecursionError):
        return None


def document(content: bytes) -> Any:
    """As Python's own parser reads it, which takes what is not quite JSON, but is slower."""
    try:
        return msgspec.json.decode(content)
    except (ValueError, RecursionError):
        return json.loads(content.decode("utf-8", "replace"))


def event_of(body: bytes, encoding: str) -> dict[str, Any]:
    """A body that is one event, without an envelope."""
    try:
        event = json.loads(inflate(body, encoding, cap=MAX_EVENT))
    except (ValueError, RecursionError) as error:
        raise ImproverError("the body is not a JSON event", hint="send one event as JSON") from error
    if not isinstance(event, dict):
        raise ImproverError("the body is JSON, but not an event", hint="send one event as a JSON object")
    return event


def _limit(kind: object) -> int:
    if kind in CONTAINERS:
        return MAX_CONTAINER
    return MAX_EVENT if kind in PARSED else MAX_INFLATED


def _pass_over(lines: io.BufferedReader, length: int | None) -> int:
    """Skip one payload and the line break after it; its size."""
    if length is None:
        return _pass_over_line(lines)
    left = length
    while left:
        chunk = lines.read(min(left, CHUNK))
        if not chunk:
            raise ImproverError("the envelope ends before an item does", hint=HINT)
        left -= len(chunk)
    if lines.read(1) not in (b"\n", b""):
        raise ImproverError("an item is longer than its length says", hint=HINT)
    return length


def _pass_over_line(lines: io.BufferedReader) -> int:
    size = 0
    while chunk := lines.readline(CHUNK):
        size += len(chunk)
        if chunk.endswith(b"\n"):
            break
    return size


def _nothing_left(lines: io.BufferedReader) -> None:
    while chunk := lines.read(CHUNK):
        if chunk.strip():
            raise ImproverError("the envelope goes on after an empty line", hint=HINT)
