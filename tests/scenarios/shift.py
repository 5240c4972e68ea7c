"""Moves what was recorded to another time and gives copies ids and a visitor of their own; nothing else changes."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.scenarios.keys import KEYS

DAY = 86400.0
OTLP = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
}
# As ISO has it, with the slashes of nginx's errors, and as an access log has it.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d"
)
_SHAPES = {"-": "%Y-%m-%d{}%H:%M:%S", "/": "%Y/%m/%d %H:%M:%S", "": "%d/%b/%Y:%H:%M:%S"}
_VISITOR = re.compile(r"visitor-\d+")
_UUID = re.compile(r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])")
# An id of a tool call begins with a word of its own.
_HEX = re.compile(r"(?:(?<=toolu_)|(?<![\w-]))(?:[0-9a-f]{32}|[0-9a-f]{16})(?![\w])")
_UNITS = (1, 10**3, 10**6, 10**9)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """`by` seconds; `copy` names the copy, and is empty for what is played as it was recorded."""

    by: float
    around: float  # when it was recorded: only times near then are moved
    copy: str = ""
    visitor: str = ""

    def text(self, text: str) -> str:
        text = _MOMENT.sub(self._moment, text)
        if not self.copy:
            return text
        text = _HEX.sub(self._id, _UUID.sub(self._id, text))
        return _VISITOR.sub(self.visitor, text) if self.visitor else text

    def value(self, value: Any) -> Any:
        """Everything in a JSON value."""
        if isinstance(value, str):
            return self._digits(value)
        if isinstance(value, dict):
            return {key: self.value(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        return value

    def json(self, body: bytes) -> bytes:
        return json.dumps(self.value(json.loads(body))).encode()

    def nanoseconds(self, at: int) -> int:
        return at + round(self.by * 1e9) if at else 0

    def id(self, value: bytes) -> bytes:
        return bytes.fromhex(self._renewed(value.hex())) if self.copy else value

    def _digits(self, text: str) -> str:
        """OTLP's JSON writes its nanoseconds as text."""
        if len(text) == 19 and text.isdecimal():
            return str(self._number(int(text)))
        return self.text(text)

    def _number(self, value: float) -> float:
        for unit in _UNITS:
            if abs(value / unit - self.around) < DAY:
                return value + (round(self.by * unit) if isinstance(value, int) else self.by * unit)
        return value

    def _moment(self, found: re.Match[str]) -> str:
        said = found[0]
        mark = said[4] if said[:4].isdecimal() else ""
        shape = _SHAPES[mark].format(said[10])
        # Most are ISO, which is read ten times as quickly this way.
        at = datetime.fromisoformat(said) if mark == "-" else datetime.strptime(said, shape)
        at = at.replace(tzinfo=UTC)
        if abs(at.timestamp() - self.around) > DAY:
            return said
        return (at + timedelta(seconds=round(self.by))).strftime(shape)

    def _id(self, found: re.Match[str]) -> str:
        return found[0] if found[0] in KEYS else self._renewed(found[0])

    def _renewed(self, value: str) -> str:
        """Of the same shape."""
        fresh = iter(hashlib.sha256(f"{self.copy} {value}".encode()).hexdigest())
        return "".join("-" if letter == "-" else next(fresh) for letter in value)


def shifted(body: bytes, path: str, content_type: str, shift: Shift) -> bytes:
    """The body of one request, in whichever of our formats it is."""
    bare = path.partition("?")[0]
    if bare in OTLP and "json" not in content_type:
        return _protobuf(body, OTLP[bare], shift)
    if bare.endswith("/envelope/"):
        return _envelope(body, shift)
    if body.startswith(b"data="):
        inner = base64.b64decode(unquote_plus(body[5:].decode()))
        return b"data=" + quote_plus(base64.b64encode(shift.json(inner)).decode()).encode()
    return shift.json(body)


def _envelope(body: bytes, shift: Shift) -> bytes:
    """A line of JSON; then for each item a line of JSON, and as many bytes as that says, or a line."""
    head, _, rest = body.partition(b"\n")
    out = [shift.json(head)]
    while rest.strip():
        line, _, rest = rest.partition(b"\n")
        header = json.loads(line)
        size = header.get("length", (rest + b"\n").index(b"\n"))
        item, rest = rest[:size], rest[size:].removeprefix(b"\n")
        moved = shift.json(item) if item.startswith((b"{", b"[")) else item
        out += [json.dumps({**header, "length": len(moved)}).encode(), moved]
    return b"\n".join(out) + b"\n"


def _protobuf(body: bytes, message: Callable[[], Any], shift: Shift) -> bytes:
    request = message()
    request.ParseFromString(body)
    _walk(request, shift)
    return request.SerializeToString()


def _walk(message: Any, shift: Shift) -> None:
    for field, value in message.ListFields():
        repeated = not isinstance(value, str | bytes | int | float) and not hasattr(value, "ListFields")
        if field.message_type is not None:
            for inner in value if repeated else (value,):
                _walk(inner, shift)
        elif field.name.endswith("_unix_nano"):
            setattr(message, field.name, shift.nanoseconds(value))
        elif field.name in ("trace_id", "span_id", "parent_span_id"):
            setattr(message, field.name, shift.id(value))
        elif field.name == "string_value":
            message.string_value = shift.text(value)
