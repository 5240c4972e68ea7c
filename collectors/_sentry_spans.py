"""Sentry's spans as its newer SDKs send them: in containers of their own, with attributes, as they end."""

from typing import Any

from improver.collectors._lenient import clamped, mapping, mappings, moment, text
from improver.model import Event, Payload, SpanEvent

MAX_SPANS = 1000
MAX_ID = 64
MAX_NAME = 1024


def spans(record: dict[str, Any], payload: Payload) -> list[Event]:
    return [_span(span, payload) for span in mappings(record.get("items"), MAX_SPANS)]


def _span(span: dict[str, Any], payload: Payload) -> SpanEvent:
    attributes = mapping(span.get("attributes"))

    def attribute(name: str, limit: int = MAX_NAME) -> str:
        return text(mapping(attributes.get(name)).get("value"), limit)

    start, end = moment(span.get("start_timestamp")), moment(span.get("end_timestamp"))
    return SpanEvent(
        payload_id=payload.id,
        occurred_at=clamped(span.get("start_timestamp"), payload.received_at),
        service=attribute("service") or attribute("service.name"),
        environment=attribute("sentry.environment"),
        release=attribute("sentry.release"),
        user=attribute("user.id") or attribute("user.name") or attribute("user.email"),
        trace_id=text(span.get("trace_id"), MAX_ID),
        span_id=text(span.get("span_id"), MAX_ID),
        parent_id=text(span.get("parent_span_id"), MAX_ID),
        route=attribute("sentry.segment.name"),
        name=text(span.get("name"), MAX_NAME),
        op=attribute("sentry.op", MAX_ID),
        status=text(span.get("status"), MAX_ID),
        duration_ms=max(0.0, (end - start).total_seconds() * 1000) if start and end else 0.0,
        root=span.get("is_segment") is True,
        data=span,
    )
