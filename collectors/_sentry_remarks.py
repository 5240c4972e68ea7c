"""What users say through Sentry's feedback forms, old and new, with the error that it is about."""

from typing import Any

from improver.collectors import _sentry_events as sentry
from improver.collectors._lenient import clamped, mapping, text
from improver.model import Batch, Payload, RemarkEvent
from improver.model.ids import digest

MAX_NAME = 1024
MALFORMED = Batch(events=(), rejected={"malformed_item": 1})


def feedback(record: dict[str, Any], payload: Payload) -> Batch:
    """An event of its own, of which one context is what was said."""
    told = mapping(mapping(record.get("contexts")).get("feedback"))
    said = text(told.get("message")).strip()
    if not said:
        return MALFORMED
    common = sentry.common(record, payload)
    event = RemarkEvent(
        **{**common, "user": common["user"] or _name(told, "contact_email", "name")},
        occurred_at=clamped(record.get("timestamp"), payload.received_at),
        said=said,
        about=text(told.get("url"), MAX_NAME) or common["route"],
        data=_about(record, told.get("associated_event_id")),
    )
    return Batch.of([event])


def user_report(record: dict[str, Any], payload: Payload) -> Batch:
    """The older form: the event's id is that of the error, and it has none itself."""
    said = text(record.get("comments")).strip()
    if not said:
        return MALFORMED
    event = RemarkEvent(
        payload_id=payload.id,
        client_id=digest(record.get("event_id"), said) if record.get("event_id") else "",
        occurred_at=payload.received_at,
        user=_name(record, "email", "name"),
        said=said,
        data=_about(record, record.get("event_id")),
    )
    return Batch.of([event])


def _about(record: dict[str, Any], event_id: object) -> dict[str, Any]:
    """Ids come with and without dashes; errors have them without."""
    associated = text(event_id, MAX_NAME).replace("-", "")
    return {**record, "associated_event_id": associated} if associated else record


def _name(told: dict[str, Any], *names: str) -> str:
    return next(filter(None, (text(told.get(name), MAX_NAME) for name in names)), "")
