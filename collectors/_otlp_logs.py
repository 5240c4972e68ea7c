"""OTLP's log records as Events: the line, the exception that came with it, and what an agent tells by events."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from improver.collectors._lenient import MAX_TEXT, text, written
from improver.collectors._otlp_source import MAX_NAME, Attributes, Source, attributes_of, first, plain
from improver.collectors._otlp_spans import exception
from improver.collectors._otlp_tools import CLAUDE, claude_event
from improver.model import Event, LogEvent

SEVERITIES = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21, "critical": 21}
# From this number on, the level is called so.
LEVELS = ((21, "fatal"), (17, "error"), (13, "warning"), (9, "info"), (0, "debug"))
EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")
UNKNOWN_SEVERITY, MAX_SEVERITY = 9, 24


def logs(records: Any, source: Source) -> Iterator[Event]:
    for record in records:
        yield from _events(record, source)


def _events(record: Any, source: Source) -> Iterator[Event]:
    attributes = attributes_of(record.attributes)
    body = plain(record.body)
    line = _line(record, attributes, body, source)
    yield line
    if any(name in attributes for name in EXCEPTION):
        yield replace(
            exception(attributes, {}, source),
            level=next(level for number, level in LEVELS if line.severity >= number),
            message=line.body,
            client_id=line.client_id,
            **_place(record, source),
        )
    name = record.event_name or first(attributes, ("event.name",)) or text(body, MAX_NAME)
    place = {"client_id": line.client_id, **_place(record, source)}
    if _is_claude(name, body, source) and (call := claude_event(name, attributes, source, place)):
        yield call


def _line(record: Any, attributes: Attributes, body: object, source: Source) -> LogEvent:
    return LogEvent(
        **source.common(attributes),
        client_id=_identity(record, source),
        **_place(record, source),
        severity=_severity(record),
        body=written(body, MAX_TEXT) or record.event_name[:MAX_NAME],
        logger=source.scope[:MAX_NAME],
        data=source.data(attributes, event=record.event_name, body=body if isinstance(body, dict | list) else None),
    )


def _identity(record: Any, source: Source) -> str:
    """A record that says the same of the same nanosecond was sent again."""
    moment: int = record.time_unix_nano or record.observed_time_unix_nano
    return source.identity(moment, serialised(record))


def serialised(record: Any) -> str:
    return str(record.SerializeToString(deterministic=True).hex())


def _place(record: Any, source: Source) -> dict[str, Any]:
    """When and in which trace; ids of a wrong length are as good as none."""
    return {
        "occurred_at": source.moment(record.time_unix_nano, record.observed_time_unix_nano),
        "trace_id": record.trace_id.hex() if len(record.trace_id) == 16 else "",
        "span_id": record.span_id.hex() if len(record.span_id) == 8 else "",
    }


def _severity(record: Any) -> int:
    return record.severity_number if 0 < record.severity_number <= MAX_SEVERITY else severity_of(record.severity_text)


def severity_of(text: str) -> int:
    """For a record that has no number."""
    told = text[:MAX_NAME].strip().lower()
    return next((number for word, number in SEVERITIES.items() if told.startswith(word)), UNKNOWN_SEVERITY)


def _is_claude(name: str, body: object, source: Source) -> bool:
    """Its events have the prefix in their name, or only in the body, beside the service that it is."""
    told = (name, body if isinstance(body, str) else "", f"{first(source.resource, ('service.name',))}.")
    return any(one.replace("-", "_").startswith(CLAUDE) for one in told)
