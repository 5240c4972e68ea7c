"""What Sentry's SDKs say that they threw away, and files that they attach: neither is kept, both are told."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from improver.collectors._lenient import count, mappings, text
from improver.collectors._sentry_envelope import Item
from improver.model import Batch, ErrorEvent, Event, LogEvent, Payload, RemarkEvent

MAX_REPORTS = 1000
MAX_NAME = 1024
# Those that the SDKs know; what somebody else invents is one reason.
REASONS = (
    "backpressure", "before_send", "buffer_overflow", "cache_overflow", "callback", "event_processor", "ignored",
    "insufficient_data", "internal_sdk_error", "invalid", "network_error", "no_parent_span", "queue_overflow",
    "ratelimit_backoff", "sample_rate", "send_error", "too_big",
)  # fmt: skip
BEARERS = (ErrorEvent, RemarkEvent, LogEvent)


def client_report(record: dict[str, Any], payload: Payload) -> Batch:
    dropped: Counter[str] = Counter()
    for one in mappings(record.get("discarded_events"), MAX_REPORTS):
        reason = text(one.get("reason"), MAX_NAME)
        dropped[f"client_dropped_{reason if reason in REASONS else 'other'}"] += count(one.get("quantity"))
    return Batch(events=(), rejected=+dropped)


def with_attachments(events: Sequence[Event], attached: Sequence[Item]) -> Batch:
    """An envelope's attachments belong to its event; without one they belong to nothing here."""
    bearer = next((place for place, event in enumerate(events) if isinstance(event, BEARERS)), None)
    if not attached:
        return Batch(events=tuple(events))
    if bearer is None:
        return Batch(events=tuple(events), rejected={"attachment_without_event": len(attached)})
    listed = [_reference(item) for item in attached]
    bearing = replace(events[bearer], data={**events[bearer].data, "attachments": listed})
    return Batch(events=(*events[:bearer], bearing, *events[bearer + 1 :]))


def _reference(item: Item) -> dict[str, object]:
    content = item.content if isinstance(item.content, bytes) else b""
    return {
        "name": text(item.header.get("filename"), MAX_NAME),
        "size": len(content),
        "content_type": text(item.header.get("content_type"), MAX_NAME),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
