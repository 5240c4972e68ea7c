"""PostHog's records as Events: usage, exceptions, tool calls of agents; sent here and pulled alike."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from improver.collectors._lenient import SKEW, mapping, moment, text, whole
from improver.collectors._posthog_agents import tool_calls
from improver.collectors._posthog_body import MAX_EVENT, Body, is_too_large
from improver.collectors._posthog_elements import element_name
from improver.collectors._posthog_errors import error
from improver.model import Event, Payload, UsageEvent

MAX_ID = 200
MAX_NAME = 1024
MAX_URL = 4096
# A client whose clock is further off than this is not corrected: it sends what it kept for days.
MAX_OFFSET = timedelta(days=2)
PERSON = ("$set", "$set_once")
RECORDINGS = ("$snapshot", "$performance_event")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """What a record's own words do not say: `sent_at` is the client's time when it sent it, if it told."""

    payload: Payload
    sent_at: datetime | None = None


def events(record: object, sending: Sending) -> list[Event] | str:
    """The Events of one record, or the reason word why there are none."""
    if not isinstance(record, dict):
        return "malformed_event"
    name = name_of(record)
    if not name:
        return "malformed_event"
    if name in RECORDINGS:
        return "unsupported_recording"
    properties = mapping(record.get("properties"))
    common = _common(record, properties, sending)
    if name == "$exception":
        return [error(common, properties)]
    return [*tool_calls(name, common, properties)] or [_usage(name, record, common, properties)]


def events_in(record: object, sending: Sending, body: Body) -> list[Event] | str:
    try:
        return "too_large_event" if body.size > MAX_EVENT and is_too_large(record) else events(record, sending)
    except RecursionError:
        return "too_deep_event"


def name_of(record: dict[str, Any]) -> str:
    """What only says something of a person, as /engage/ does, has no name of its own."""
    said = text(record.get("event"), MAX_NAME).strip()
    return said or next((name for name in PERSON if isinstance(record.get(name), dict)), "")


def _usage(name: str, record: dict[str, Any], common: dict[str, Any], properties: dict[str, Any]) -> UsageEvent:
    return UsageEvent(
        **common,
        name=name,
        url=text(properties.get("$current_url") or properties.get("$screen_name"), MAX_URL),
        element=element_name(properties, chain_of(record, properties)),
        window=text(properties.get("$window_id") or record.get("window_id"), MAX_ID),
        device=text(properties.get("$device_type"), MAX_ID),
    )


def _common(record: dict[str, Any], properties: dict[str, Any], sending: Sending) -> dict[str, Any]:
    def said(*names: str) -> str:
        return next(filter(None, (text(properties.get(name), MAX_NAME) for name in names)), "")

    return {
        "payload_id": sending.payload.id,
        "occurred_at": occurred_at(record, properties, sending),
        "client_id": text(record.get("uuid"), MAX_ID) or said("$insert_id"),
        "service": said("service.name", "service", "$app_name"),
        "environment": said("environment", "$environment"),
        "release": said("$release_id", "release", "$app_version"),
        "user": text(record.get("distinct_id") or record.get("$distinct_id"), MAX_NAME) or said("distinct_id"),
        "session": said("$session_id") or text(record.get("session_id"), MAX_ID),
        "trace_id": said("$ai_trace_id", "$trace_id"),
        "span_id": said("$ai_span_id", "$span_id"),
        "route": said("$pathname"),
        "data": record,
    }


def chain_of(record: dict[str, Any], properties: dict[str, Any]) -> object:
    return properties.get("$elements_chain") or record.get("elements_chain")


def occurred_at(record: dict[str, Any], properties: dict[str, Any], sending: Sending) -> datetime:
    """As told, or so long before it arrived as the client says it was before sending, if its clock is off."""
    received = sending.payload.received_at
    ago = whole(record.get("offset"))
    if ago is not None:
        return received - timedelta(milliseconds=max(0, ago))
    told = moment(record.get("timestamp")) or moment(properties.get("$time"))
    if told and not _keeps_its_time(record, properties):
        told = _corrected(told, off(sending))
    return told if told and told <= received + SKEW else received


def off(sending: Sending) -> timedelta:
    """How far the client's clock is behind, as far as that is believed."""
    found = sending.payload.received_at - sending.sent_at if sending.sent_at else timedelta()
    return found if abs(found) <= MAX_OFFSET else timedelta()


def _corrected(told: datetime, off: timedelta) -> datetime:
    try:
        return told + off
    except OverflowError:
        return told


def _keeps_its_time(record: dict[str, Any], properties: dict[str, Any]) -> bool:
    return True in (properties.get("$ignore_sent_at"), mapping(record.get("options")).get("disable_skew_correction"))
