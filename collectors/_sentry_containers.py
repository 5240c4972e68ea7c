"""Sentry's spans, logs and metrics as its newer SDKs send them: many in one item, each with attributes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from improver.collectors._lenient import clamped, mapping, moment, number, text, whole
from improver.model import (
    REFUSED_STATUSES,
    TURNED_AWAY_STATUSES,
    Batch,
    Event,
    LogEvent,
    MetricEvent,
    Payload,
    SpanEvent,
)
from improver.model.ids import digest

MAX_RECORDS = 10_000
MAX_ID = 64
MAX_NAME = 1024
# OpenTelemetry's numbers for Sentry's words.
SEVERITIES = {
    "trace": 1, "debug": 5, "log": 9, "sample": 9, "info": 9, "warn": 13, "warning": 13, "error": 17, "fatal": 21,
}  # fmt: skip
INFO = 9
NO_FAILURES = (*REFUSED_STATUSES, *TURNED_AWAY_STATUSES, "unauthenticated", "resource_exhausted", "cancelled")
# What segments of these operations are called where nobody names routes.
NAMELESS = {
    "http.server": ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    "pageload": ("Pageload",),
    "navigation": ("Navigation",),
}

Read = Callable[[dict[str, Any], Payload], Event | None]


def spans(record: dict[str, Any], payload: Payload) -> Batch:
    """Those of one segment have its route."""
    batch = _each(_span, record, payload)
    routes = {event.span_id: event.route for event in batch.events if event.data.get("is_segment") is True}
    events = [replace(event, route=routes.get(_segment(event.data), event.route)) for event in batch.events]
    return replace(batch, events=tuple(events))


def logs(record: dict[str, Any], payload: Payload) -> Batch:
    return _each(_log, record, payload)


def metrics(record: dict[str, Any], payload: Payload) -> Batch:
    return _each(_metric, record, payload)


def _each(read: Read, record: dict[str, Any], payload: Payload) -> Batch:
    """One that is malformed costs no other."""
    listed = record.get("items")
    sent = listed if isinstance(listed, list) else [None]
    made = [read(one, payload) if isinstance(one, dict) else None for one in sent[:MAX_RECORDS]]
    events = [event for event in made if event]
    rejected = {"malformed_item": len(made) - len(events), "too_many_items": len(sent) - len(made)}
    return Batch.of(events, {reason: items for reason, items in rejected.items() if items})


def _span(span: dict[str, Any], payload: Payload) -> SpanEvent:
    start, end = moment(span.get("start_timestamp")), moment(span.get("end_timestamp"))
    return SpanEvent(
        **{**_common(span, payload), "data": {**span, "attributes": _plain(span)}},
        occurred_at=clamped(span.get("start_timestamp"), payload.received_at),
        span_id=text(span.get("span_id"), MAX_ID),
        parent_id=text(span.get("parent_span_id"), MAX_ID),
        name=text(span.get("name"), MAX_NAME),
        op=_attribute(span, "sentry.op")[:MAX_ID],
        status=_status(span),
        duration_ms=max(0.0, (end - start).total_seconds() * 1000) if start and end else 0.0,
        root=span.get("is_segment") is True,
    )


def _status(span: dict[str, Any]) -> str:
    """These have only "ok" and "error"; what an answer that is none of the server's failures says is beside it."""
    told = text(span.get("status"), MAX_ID)
    said = _attribute(span, "sentry.status.message")[:MAX_ID]
    return said if told == "error" and said in NO_FAILURES else told


def _log(log: dict[str, Any], payload: Payload) -> LogEvent | None:
    """The body as it was written: its parameters stand in its attributes."""
    if not isinstance(log.get("body"), str):
        return None
    return LogEvent(
        **_common(log, payload),
        occurred_at=clamped(log.get("timestamp"), payload.received_at),
        span_id=_span_id(log),
        severity=_severity(log),
        body=text(log.get("body")),
        logger=_attribute(log, "logger.name"),
    )


def _metric(metric: dict[str, Any], payload: Payload) -> MetricEvent | None:
    name, value = text(metric.get("name"), MAX_NAME), number(metric.get("value"))
    if not name or value is None:
        return None
    return MetricEvent(
        **_common(metric, payload),
        occurred_at=clamped(metric.get("timestamp"), payload.received_at),
        span_id=_span_id(metric),
        name=name,
        unit=text(metric.get("unit"), MAX_ID),
        value=value,
    )


def _severity(log: dict[str, Any]) -> int:
    """The number, which not all SDKs send beside the word."""
    told = whole(log.get("severity_number")) or whole(_attribute(log, "sentry.severity_number"))
    if told and 1 <= told <= 24:
        return told
    return SEVERITIES.get(text(log.get("level"), MAX_ID).lower(), INFO)


def _span_id(record: dict[str, Any]) -> str:
    return text(record.get("span_id"), MAX_ID) or _attribute(record, "sentry.trace.parent_span_id")[:MAX_ID]


def _common(record: dict[str, Any], payload: Payload) -> dict[str, Any]:
    return {
        "payload_id": payload.id,
        "client_id": _whole(record),
        "service": _attribute(record, "service", "service.name"),
        "environment": _attribute(record, "sentry.environment"),
        "release": _attribute(record, "sentry.release"),
        "user": _attribute(record, "user.id", "user.name", "user.email"),
        "trace_id": text(record.get("trace_id"), MAX_ID),
        "route": _route(record),
        "data": record,
    }


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Its attributes without their types, as OpenTelemetry's spans have them: Detectors read both alike."""
    return {name: mapping(typed).get("value") for name, typed in mapping(record.get("attributes")).items()}


def _whole(record: dict[str, Any]) -> str:
    """Logs and metrics have no id: one that says the same of the same moment was sent again."""
    return digest(json.dumps(record)) if record.get("timestamp") else ""


def _route(record: dict[str, Any]) -> str:
    """Without named routes, these SDKs leave the path out of a segment's name, but tell it in errors: so it is here."""
    segment, op = _attribute(record, "sentry.segment.name"), _attribute(record, "sentry.op")
    path = _attribute(record, "url.path")
    if not path or segment not in NAMELESS.get(op, ()):
        return segment
    return f"{segment} {path}"[:MAX_NAME] if op == "http.server" else path


def _segment(data: dict[str, Any]) -> str:
    return text(mapping(data.get("attributes")).get("sentry.segment.id"), MAX_ID)


def _attribute(record: dict[str, Any], *names: str) -> str:
    """The first of these attributes that there is."""
    attributes = mapping(record.get("attributes"))
    found = (text(mapping(attributes.get(name)).get("value"), MAX_NAME) for name in names)
    return next(filter(None, found), "")
