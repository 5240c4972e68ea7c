"""Events as Sentry's API tells them, turned back into what the SDK had sent."""

from typing import Any

from improver.collectors._lenient import mapping, mappings, text

MAX_ENTRIES = 100
MAX_VALUES = 50
MAX_FRAMES = 10_000
MAX_TAGS = 200
FRAME_FIELDS = {
    "filename": "filename", "absPath": "abs_path", "module": "module", "function": "function", "lineNo": "lineno",
    "colNo": "colno", "inApp": "in_app", "vars": "vars", "package": "package",
}  # fmt: skip
# Interfaces that go by another name in the API; the others keep theirs.
ENTRIES = {"message": "logentry", "debugmeta": "debug_meta"}


def as_sent(event: dict[str, Any]) -> dict[str, Any]:
    tags = {text(tag.get("key")): tag.get("value") for tag in mappings(event.get("tags"), MAX_TAGS)}
    release = event.get("release")
    return {
        **_entries(event),
        "event_id": event.get("eventID"),
        "timestamp": event.get("dateCreated"),
        "platform": event.get("platform"),
        "level": tags.get("level"),
        "environment": tags.get("environment"),
        "release": mapping(release).get("version") or tags.get("release"),
        "transaction": tags.get("transaction") or event.get("culprit"),
        "server_name": tags.get("server_name"),
        "dist": event.get("dist"),
        "message": event.get("message"),
        "user": event.get("user"),
        "contexts": event.get("contexts"),
        "sdk": event.get("sdk"),
        "extra": event.get("context"),
        "modules": event.get("packages"),
        "tags": tags,
    }


def _entries(event: dict[str, Any]) -> dict[str, Any]:
    """The interfaces of an event, which the API lists with their types."""
    found: dict[str, Any] = {}
    for entry in mappings(event.get("entries"), MAX_ENTRIES):
        kind = text(entry.get("type"))
        data = mapping(entry.get("data"))
        found[ENTRIES.get(kind, kind)] = _with_stacks(data) if kind in ("exception", "threads") else data
    if "stacktrace" in found:
        found["stacktrace"] = _stack(found["stacktrace"])
    return found


def _with_stacks(interface: dict[str, Any]) -> dict[str, Any]:
    values = mappings(interface.get("values"), MAX_VALUES)
    return {"values": [{**value, "stacktrace": _stack(value.get("stacktrace"))} for value in values]}


def _stack(stack: object) -> dict[str, Any] | None:
    frames = mappings(mapping(stack).get("frames"), MAX_FRAMES)
    return {"frames": [_frame(frame) for frame in frames]} if frames else None


def _frame(frame: dict[str, Any]) -> dict[str, Any]:
    sent = {ours: frame[theirs] for theirs, ours in FRAME_FIELDS.items() if frame.get(theirs) is not None}
    return {**sent, **_context(frame.get("context"), frame.get("lineNo"))}


def _context(context: object, number: object) -> dict[str, Any]:
    """Lines with their numbers, of which one is the frame's own."""
    pairs = context if isinstance(context, list) else []
    lines = [(pair[0], text(pair[1])) for pair in pairs if isinstance(pair, list) and len(pair) == 2]
    at = next((place for place, (line, _) in enumerate(lines) if line == number), None)
    if at is None:
        return {}
    return {
        "pre_context": [line for _, line in lines[:at]],
        "context_line": lines[at][1],
        "post_context": [line for _, line in lines[at + 1 :]],
    }
