"""OTLP/JSON as the messages that protobuf would have brought."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from improver.collectors._lenient import bounded, mapping
from improver.collectors._otlp_signals import MALFORMED, Signal
from improver.errors import ImproverError

MAX_DEPTH = 64
# Hexadecimal in OTLP/JSON, which protobuf's own reader of JSON takes for base64 without a word.
IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")


def record_of(body: bytes) -> dict[str, Any]:
    try:
        record = json.loads(bounded(body))
    except (ValueError, RecursionError) as error:
        hint = "send OTLP/JSON, or protobuf as application/x-protobuf"
        raise ImproverError("the body is not JSON", hint=hint) from error
    if not isinstance(record, dict):
        raise ImproverError("the body is JSON, but not an object", hint="see the OTLP specification, JSON encoding")
    return record


def count_items(record: dict[str, Any], signal: Signal) -> int:
    blocks = _list(record, signal.resource_field)
    scopes = [scope for block in blocks for scope in _list(mapping(block), signal.scope_field)]
    return sum(len(_list(mapping(scope), signal.item_field)) for scope in scopes)


def message_of(record: dict[str, Any], signal: Signal) -> tuple[Message, Counter[str]]:
    """The request without what cannot be read, and how many items that cost, by reason word."""
    request, rejected = signal.request(), Counter[str]()
    for block in _listed(record, signal.resource_field, rejected):
        resource = getattr(request, signal.resource_field).add()
        parse({"resource": mapping(block.get("resource"))}, resource, rejected)
        for scope_block in _listed(block, signal.scope_field, rejected):
            scope = getattr(resource, signal.scope_field).add()
            parse({"scope": mapping(scope_block.get("scope"))}, scope, rejected)
            for item in _listed(scope_block, signal.item_field, rejected):
                items = getattr(scope, signal.item_field)
                if not parse(item, items.add(), rejected):
                    del items[-1]
    return request, rejected


def _listed(block: dict[str, Any], field: str, rejected: Counter[str]) -> Iterator[dict[str, Any]]:
    for item in _list(block, field):
        if isinstance(item, dict):
            yield item
        else:
            rejected[MALFORMED] += 1


def _list(block: dict[str, Any], field: str) -> list[Any]:
    """The specification's names are camelCase; protobuf's own are taken too."""
    first, *others = field.split("_")
    found = block.get("".join([first, *map(str.capitalize, others)]), block.get(field))
    return found if isinstance(found, list) else []


def parse(item: dict[str, Any], message: Message, rejected: Counter[str]) -> bool:
    try:
        json_format.ParseDict(_readable(item), message, ignore_unknown_fields=True)
    except (json_format.ParseError, ValueError, TypeError, OverflowError):
        message.Clear()
        rejected[MALFORMED] += 1
        return False
    return True


def _readable(value: Any, key: str = "", depth: int = 0) -> Any:
    """With ids as protobuf's reader expects them, and text that it takes; changed in place, since it may be large."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for name in [name for name in value if not name.isascii()]:
            value[_text(name)] = value.pop(name)
        for name, inner in value.items():
            value[name] = _readable(inner, name, depth + 1)
        return value
    if isinstance(value, list):
        for at, inner in enumerate(value):
            value[at] = _readable(inner, "", depth + 1)
        return value
    if not isinstance(value, str):
        return value
    return _base64(value) if key in IDS else _text(value)


def _base64(digits: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(digits)).decode()
    except (ValueError, binascii.Error) as error:
        raise ValueError("an id that is not hexadecimal") from error


def _text(text: str) -> str:
    """Without lone surrogates."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
