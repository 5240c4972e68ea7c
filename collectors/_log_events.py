"""Records of logs as Events: an error where something was raised, else a log line."""

import re
from datetime import datetime
from typing import Any

from improver.collectors import _log_fields as fields
from improver.collectors._lenient import text
from improver.collectors._log_lines import CI, MAX_NAME
from improver.collectors._log_records import Record
from improver.collectors._log_stacks import Failure, failure_in, frame_of, platform_of
from improver.collectors._log_times import time_of
from improver.model import ErrorEvent, Event, Frame, LogEvent, Raised

INFO, ERROR, FATAL = 9, 17, 21
MAX_TEXT = 64 * 1024

# What compilers and test runners print of a failure: FILE:LINE[:COLUMN]: …, FILE(LINE,COLUMN): …
_PLACE = re.compile(r"([\w./\\@-]{1,500}\.\w{1,10})(?::|\(|#L)(\d{1,9})(?:[:,]\d{1,9})?\)?:? ?(.*)", re.DOTALL)
_FAILED = re.compile(r"(?:FAILED|ERROR) (\S{1,500}\.py)(?:::(\S{1,500}))?(?: - (.*))?", re.DOTALL)
# That a step ended so is no failure beside the one it ended in.
_ENDED = re.compile(r"(?:Process completed|The process '.{1,1000}' failed) with exit code \d{1,5}\b")
_TYPED = re.compile(r"([A-Za-z_][\w.]{0,200}): (.*)", re.DOTALL)


def event_of(record: Record, origin: dict[str, str], payload_id: str, received_at: datetime) -> Event:
    """`origin` is what the config says of the file: it wins over what a line says of itself."""
    line = record.lines[0]
    if line.fields:
        return _structured(line.fields, line.service, origin, payload_id, received_at)
    common: dict[str, Any] = {
        "payload_id": payload_id,
        "occurred_at": time_of(line.time, received_at),
        "service": origin.get("service") or line.service,
        "environment": origin.get("environment", ""),
        "data": {"file": origin["file"]} if "file" in origin else {},
    }
    said = record.text[:4 * MAX_TEXT]
    severity = line.severity or INFO
    failure = failure_in(said) or (_of_ci(said, severity) if line.service == CI else None)
    if failure and failure.chain:
        return _error(common, failure, severity, line.headed)
    return LogEvent(**common, severity=severity, body=said[:MAX_TEXT], logger=line.logger[:MAX_NAME])


def _error(common: dict[str, Any], failure: Failure, severity: int, headed: bool) -> ErrorEvent:
    return ErrorEvent(
        **common,
        platform=platform_of(failure.chain),
        level="fatal" if severity >= FATAL or failure.crashed else "error",
        message=failure.above[:MAX_TEXT],
        raised=failure.chain,
        # A stack that no logger wrote is what a runtime prints of what nobody caught.
        handled=headed and not failure.crashed,
        crashed=failure.crashed,
    )


def _structured(
    record: dict[str, Any], service: str, origin: dict[str, str], payload_id: str, received_at: datetime
) -> Event:
    severity = fields.level_of(record)
    said = fields.first(record, fields.MESSAGE, MAX_TEXT)
    common: dict[str, Any] = {
        "payload_id": payload_id,
        "occurred_at": time_of(fields.moment_of(record), received_at),
        "service": origin.get("service") or service or fields.first(record, fields.SERVICE),
        "environment": origin.get("environment") or fields.first(record, fields.ENVIRONMENT),
        "release": fields.first(record, fields.RELEASE),
        "user": fields.first(record, fields.USER),
        "trace_id": fields.first(record, fields.TRACE, 64),
        "span_id": fields.first(record, fields.SPAN, 64),
        "route": fields.first(record, fields.ROUTE),
        "data": record,
    }
    inner = failure_in(said) if "\n" in said else None
    raised = fields.raised_in(record) or (inner.chain if inner else ())
    if raised:
        failure = Failure(chain=raised, above=inner.above if inner else said)
        return _error(common, failure, severity or ERROR, True)
    body = f"{said}, error: {wrong}".removeprefix(", ") if (wrong := fields.wrong_in(record)) not in said else said
    return LogEvent(**common, severity=severity or INFO, body=body, logger=fields.first(record, fields.LOGGER))


def _of_ci(said: str, severity: int) -> Failure | None:
    """What a build marks as an error is one, also without a stack."""
    if found := _FAILED.fullmatch(said):
        typed = _TYPED.fullmatch(found[3] or "")
        frame = frame_of(found[1], found[2] or "", None)
        kind, value = (typed[1], typed[2]) if typed else ("failure", found[3] or "")
        return Failure(chain=(Raised(type=kind, value=value, frames=(frame,)),))
    if severity < ERROR:
        return None
    if _ENDED.match(said):
        return None
    place = _PLACE.fullmatch(said)
    frames: tuple[Frame, ...] = (frame_of(place[1], "", int(place[2])),) if place else ()
    return Failure(chain=(Raised(type="error", value=text(place[3] if place else said), frames=frames),))
