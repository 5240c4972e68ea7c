"""Sentry's check-ins: what a scheduled job says of itself, and when it is due."""

from typing import Any

from improver.collectors._lenient import clamped, mapping, number, text
from improver.model import Batch, CheckInEvent, Payload

MAX_ID = 64
MAX_NAME = 1024
STATUSES = ("ok", "error", "in_progress")
MALFORMED = Batch(events=(), rejected={"malformed_item": 1})


def check_in(record: dict[str, Any], payload: Payload) -> Batch:
    monitor, status = text(record.get("monitor_slug"), MAX_NAME), text(record.get("status"), MAX_ID)
    if not monitor or status not in STATUSES:
        return MALFORMED
    check_in_id = text(record.get("check_in_id"), MAX_ID)
    trace = mapping(mapping(record.get("contexts")).get("trace"))
    event = CheckInEvent(
        payload_id=payload.id,
        occurred_at=clamped(record.get("timestamp"), payload.received_at),
        # It is said under the same id that a job begins and how it ends; all zeros mean the newest, whichever it is.
        client_id=f"{check_in_id}{status}" if check_in_id.strip("0-") else "",
        environment=text(record.get("environment"), MAX_NAME),
        release=text(record.get("release"), MAX_NAME),
        trace_id=text(trace.get("trace_id"), MAX_ID),
        span_id=text(trace.get("span_id"), MAX_ID),
        monitor=monitor,
        check_in_id=check_in_id,
        status=status,
        duration_ms=max(0.0, number(record.get("duration")) or 0.0) * 1000,
        schedule=_schedule(mapping(mapping(record.get("monitor_config")).get("schedule"))),
        data=record,
    )
    return Batch.of([event])


def _schedule(schedule: dict[str, Any]) -> str:
    """A crontab as it is; an interval as its number and unit."""
    value = text(schedule.get("value"), MAX_NAME)
    return f"{value} {text(schedule.get('unit'), MAX_ID)}" if schedule.get("type") == "interval" else value
