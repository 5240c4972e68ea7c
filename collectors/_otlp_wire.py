"""OTLP's bytes: requests as their messages, and the replies in the format that the request had."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status

from improver.collectors._otlp_framing import count, count_messages, salvage
from improver.collectors._otlp_json import count_items, message_of, record_of
from improver.collectors._otlp_signals import (
    INVALID_ID,
    MAX_ITEMS,
    METRICS,
    REASONS,
    TRACES,
    Signal,
    identified,
    points,
)
from improver.errors import ImproverError
from improver.inflate import TooLarge, inflate
from improver.model import Payload, Reply

MAX_INFLATED = 20 << 20
# What is in one request, with each attribute and its value: as objects, two bytes of the wire can take sixty.
MAX_MESSAGES = 1_000_000
LIGHT = 1 << 20  # a body of so many bytes is not worth counting: whatever it holds takes little room
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
# gRPC's numbers, which a refusal's body has.
INVALID_ARGUMENT = 3


def format_of(content_type: str) -> str:
    """One of the two formats, or nothing."""
    name = content_type.partition(";")[0].strip().lower()
    return name if name in (PROTOBUF, JSON) else ""


def load(body: bytes, encoding: str, content_type: str, signal: Signal) -> tuple[Any, Counter[str]]:
    """The request, and its bad items by reason word; raises when there is no making sense of it.

    Spans without ids are still in it.
    """
    inflated = inflate(body, encoding, cap=MAX_INFLATED)
    read = _from_json if format_of(content_type) == JSON else _from_protobuf
    request, rejected = read(inflated, signal)
    if signal is TRACES:
        rejected[INVALID_ID] += _unidentified(request)
    if signal is METRICS:
        _limit(_points(request))
    return request, +rejected


def inflated(payload: Payload) -> bytes:
    return inflate(payload.body, payload.content_encoding, cap=MAX_INFLATED)


def reply(content_type: str, signal: Signal, rejected: Mapping[str, int]) -> Reply:
    response = signal.response()
    if rejected:
        partial = response.partial_success
        setattr(partial, signal.rejected_field, sum(rejected.values()))
        partial.error_message = "; ".join(f"{count} {REASONS[word]}" for word, count in sorted(rejected.items()))
    if format_of(content_type) == PROTOBUF:
        return Reply(status=200, body=response.SerializeToString(), content_type=PROTOBUF)
    return Reply(status=200, body=json.dumps(json_format.MessageToDict(response)).encode())


def refusal(status: int, reason: str, error: ImproverError, content_type: str) -> Reply:
    """A google.rpc.Status: its code and its message."""
    said = f"{error.message}: {error.hint}" if error.hint else error.message
    if format_of(content_type) != PROTOBUF:
        body = json.dumps({"code": INVALID_ARGUMENT, "message": said}).encode()
        return Reply(status=status, reason=reason, body=body)
    body = Status(code=INVALID_ARGUMENT, message=said).SerializeToString()
    return Reply(status=status, reason=reason, body=body, content_type=PROTOBUF)


def _from_json(body: bytes, signal: Signal) -> tuple[Message, Counter[str]]:
    record = record_of(body)
    _limit(count_items(record, signal))
    return message_of(record, signal)


def _from_protobuf(body: bytes, signal: Signal) -> tuple[Message, Counter[str]]:
    # Before it is read: an empty item takes two bytes here, and a hundred times that as an Event.
    _limit(count(body, MAX_ITEMS))
    if len(body) > LIGHT and count_messages(body, signal, MAX_MESSAGES) > MAX_MESSAGES:
        raise TooLarge(f"more than {MAX_MESSAGES} attributes and the like in one request", hint="send less at a time")
    try:
        return signal.request.FromString(body), Counter()
    except DecodeError:
        return salvage(body, signal)


def _limit(items: int) -> None:
    if items > MAX_ITEMS:
        raise TooLarge(f"more than {MAX_ITEMS} items in one request", hint="send less at a time")


def _points(request: Any) -> int:
    scopes = (scope for block in request.resource_metrics for scope in block.scope_metrics)
    return sum(1 for scope in scopes for _ in points(scope.metrics))


def _unidentified(request: Any) -> int:
    spans = (span for block in request.resource_spans for scope in block.scope_spans for span in scope.spans)
    return sum(not identified(span) for span in spans)
