"""Sentry's records as Events: errors, messages, transactions with their spans, sessions."""

from dataclasses import replace
from typing import Any

from improver.collectors._exception_groups import of_mechanisms
from improver.collectors._lenient import clamped, count, mapping, mappings, moment, strings, text, whole
from improver.collectors._sentry_containers import INFO, SEVERITIES
from improver.model import ErrorEvent, Event, Frame, LogEvent, Payload, Raised, SessionEvent, SpanEvent
from improver.model.ids import digest

MAX_FRAMES = 250
MAX_CHAIN = 50
MAX_EXCEPTIONS = 1000  # of which the last ones surfaced
MAX_SPANS = 1000
MAX_ID = 64
MAX_NAME = 1024
SERIOUS = ("error", "fatal")
# What told the SDK of an exception that ended the process.
FATAL_MECHANISMS = (
    "excepthook", "onuncaughtexception", "uncaughtexceptionhandler", "signalhandler", "minidump", "mach", "nsexception",
    "panic",
)  # fmt: skip


def error_or_log(record: dict[str, Any], payload: Payload) -> ErrorEvent | LogEvent:
    """A message of a lower level without an exception is a line of a log."""
    values = _values(record.get("exception"), MAX_EXCEPTIONS)[-MAX_CHAIN:]
    level = text(record.get("level"), MAX_ID).lower() or "error"
    if level in SERIOUS or any(text(value.get("type")) for value in values):
        return _error(record, payload, values, level)
    return LogEvent(
        **common(record, payload),
        occurred_at=clamped(record.get("timestamp"), payload.received_at),
        span_id=_trace(record, "span_id"),
        severity=SEVERITIES.get(level, INFO),
        body=_message(record) or next((text(value.get("value")) for value in values), ""),
        logger=text(record.get("logger"), MAX_NAME),
        data=record,
    )


def _error(record: dict[str, Any], payload: Payload, values: list[dict[str, Any]], level: str) -> ErrorEvent:
    message = _message(record)
    raised = _with_thread(of_mechanisms(values, [_raised(value) for value in values]), record, message)
    mechanisms = [mapping(value.get("mechanism")) for value in values]
    handled = not any(mechanism.get("handled") is False for mechanism in mechanisms)
    told_by = {text(mechanism.get("type")).lower().rpartition(".")[2] for mechanism in mechanisms}
    return ErrorEvent(
        **common(record, payload),
        occurred_at=clamped(record.get("timestamp"), payload.received_at),
        span_id=_trace(record, "span_id"),
        platform=text(record.get("platform"), MAX_ID),
        level=level,
        message=message or (raised[-1].value if raised and not raised[-1].type else ""),
        template=_template(record),
        raised=raised,
        handled=handled,
        crashed=not handled and (level == "fatal" or not told_by.isdisjoint(FATAL_MECHANISMS)),
        client_fingerprint=_fingerprint(record),
        data=record,
    )


def transaction(record: dict[str, Any], payload: Payload) -> list[Event]:
    """The span that entered the service, and those below it."""
    shared = common(record, payload)
    root = SpanEvent(
        **shared,
        occurred_at=clamped(record.get("start_timestamp"), payload.received_at),
        span_id=_trace(record, "span_id"),
        parent_id=_trace(record, "parent_span_id"),
        name=shared["route"],
        op=_trace(record, "op"),
        status=_trace(record, "status"),
        duration_ms=_milliseconds(record),
        root=True,
        data={name: value for name, value in record.items() if name != "spans"},
    )
    return [root, *(_span(span, root, payload) for span in mappings(record.get("spans"), MAX_SPANS))]


def session(record: dict[str, Any], payload: Payload) -> list[Event]:
    """A start, an end, or both; a session that is still running has ended in no way."""
    status = text(record.get("status"), MAX_ID).lower() or "ok"
    errored = count(record.get("errors")) > 0 or status in ("errored", "unhandled", "abnormal")
    event = SessionEvent(
        payload_id=payload.id,
        occurred_at=clamped(record.get("timestamp") or record.get("started"), payload.received_at),
        client_id=_said_once(record),
        session=text(record.get("sid"), MAX_ID),
        **_attributes(record),
        started=int(record.get("init") is True),
        ended_well=int(status == "exited" and not errored),
        errored=int(errored and status not in ("ok", "crashed")),
        crashed=int(status == "crashed"),
        data=record,
    )
    return [event]


def _said_once(record: dict[str, Any]) -> str:
    """A session says several times how it goes: each of those has an id of its own."""
    sid = text(record.get("sid"), MAX_ID)
    return sid and digest(sid, *(record.get(name) for name in ("init", "seq", "timestamp", "status", "errors")))


def sessions(record: dict[str, Any], payload: Payload) -> list[Event]:
    """The client's own counts, by the minute they started in."""
    return [_counted(group, record, payload) for group in mappings(record.get("aggregates"), MAX_SPANS)]


def _counted(group: dict[str, Any], record: dict[str, Any], payload: Payload) -> SessionEvent:
    ended_well, crashed = count(group.get("exited")), count(group.get("crashed"))
    errored = sum(count(group.get(name)) for name in ("errored", "abnormal", "unhandled"))
    return SessionEvent(
        payload_id=payload.id,
        occurred_at=clamped(group.get("started"), payload.received_at),
        **{**_attributes(record), "user": text(group.get("did"), MAX_NAME)},
        started=ended_well + errored + crashed,
        ended_well=ended_well,
        errored=errored,
        crashed=crashed,
        data=group,
    )


def _attributes(record: dict[str, Any]) -> dict[str, Any]:
    attributes = mapping(record.get("attrs"))
    return {
        "release": text(attributes.get("release"), MAX_NAME),
        "environment": text(attributes.get("environment"), MAX_NAME),
        "user": text(record.get("did"), MAX_NAME),
    }


def _span(span: dict[str, Any], root: SpanEvent, payload: Payload) -> SpanEvent:
    return replace(
        root,
        occurred_at=clamped(span.get("start_timestamp"), payload.received_at),
        client_id="",
        span_id=text(span.get("span_id"), MAX_ID),
        parent_id=text(span.get("parent_span_id"), MAX_ID),
        name=text(span.get("description"), MAX_NAME),
        op=text(span.get("op"), MAX_ID),
        status=text(span.get("status") or mapping(span.get("tags")).get("status"), MAX_ID),
        duration_ms=_milliseconds(span),
        root=False,
        data=span,
    )


def common(record: dict[str, Any], payload: Payload) -> dict[str, Any]:
    tags = _tags(record.get("tags"))
    return {
        "payload_id": payload.id,
        "client_id": text(record.get("event_id"), MAX_ID),
        "service": tags.get("service") or tags.get("service.name") or "",
        "environment": text(record.get("environment"), MAX_NAME),
        "release": text(record.get("release"), MAX_NAME),
        "user": _user(mapping(record.get("user"))),
        "trace_id": _trace(record, "trace_id"),
        "route": text(record.get("transaction"), MAX_NAME),
    }


def _user(user: dict[str, Any]) -> str:
    named = (text(user.get(name), MAX_NAME) for name in ("id", "username", "email", "ip_address"))
    # "{{auto}}" asks the server to fill in the peer's address: that is nobody's name.
    return next((name for name in named if name and name != "{{auto}}"), "")


def _tags(tags: object) -> dict[str, str]:
    """Tags come as an object, or as a list of pairs."""
    if isinstance(tags, dict):
        return {str(name): text(value, MAX_NAME) for name, value in tags.items()}
    pairs = tags if isinstance(tags, list) else []
    return {str(pair[0]): text(pair[1], MAX_NAME) for pair in pairs if isinstance(pair, list) and len(pair) == 2}


def _trace(record: dict[str, Any], name: str) -> str:
    return text(mapping(mapping(record.get("contexts")).get("trace")).get(name), MAX_ID)


def _milliseconds(record: dict[str, Any]) -> float:
    start, end = moment(record.get("start_timestamp")), moment(record.get("timestamp"))
    return max(0.0, (end - start).total_seconds() * 1000) if start and end else 0.0


def _message(record: dict[str, Any]) -> str:
    for said in (record.get("logentry"), record.get("message")):
        found = text(said) or text(mapping(said).get("formatted")) or text(mapping(said).get("message"))
        if found:
            return found
    return ""


def _template(record: dict[str, Any]) -> str:
    """What was said before its values were put in: only clients that send the values too tell it."""
    entry = mapping(record.get("logentry"))
    return text(entry.get("message")) if entry.get("params") or entry.get("formatted") else ""


def _fingerprint(record: dict[str, Any]) -> tuple[str, ...]:
    parts = tuple(strings(record.get("fingerprint"), MAX_CHAIN))
    return () if parts == ("{{ default }}",) else parts


def _raised(value: dict[str, Any]) -> Raised:
    return Raised(
        type=text(value.get("type"), MAX_NAME),
        value=text(value.get("value")),
        frames=_frames(value.get("stacktrace")),
        synthetic=mapping(value.get("mechanism")).get("synthetic") is True,
    )


def _with_thread(raised: tuple[Raised, ...], record: dict[str, Any], message: str) -> tuple[Raised, ...]:
    """Where no exception has a stack, that of the thread that crashed, or of the one thread there is."""
    if any(one.frames for one in raised):
        return raised
    threads = _values(record.get("threads"), MAX_CHAIN)
    told = [thread for name in ("crashed", "current") for thread in threads if thread.get(name) is True]
    stacks = [thread.get("stacktrace") for thread in told or threads[:1]] + [record.get("stacktrace")]
    frames = next(filter(None, map(_frames, stacks)), ())
    if not frames:
        return raised
    last = raised[-1] if raised else Raised(type="", value=message)
    return (*raised[:-1], replace(last, frames=frames))


def _values(interface: object, limit: int) -> list[dict[str, Any]]:
    """Sentry's lists come bare, under "values", or as the one object itself."""
    listed = interface.get("values", [interface]) if isinstance(interface, dict) else interface
    return mappings(listed, limit)


def _frames(stacktrace: object) -> tuple[Frame, ...]:
    """Too deep a recursion loses its middle: both ends say more."""
    frames = mappings(mapping(stacktrace).get("frames"), 10_000)
    if len(frames) > MAX_FRAMES:
        frames = frames[: MAX_FRAMES // 2] + frames[-MAX_FRAMES // 2 :]
    return tuple(_frame(frame) for frame in frames)


def _frame(frame: dict[str, Any]) -> Frame:
    in_app = frame.get("in_app")
    filename, abs_path = (text(frame.get(name), MAX_NAME) for name in ("filename", "abs_path"))
    return Frame(
        filename=filename,
        # Of compiled code without symbols only the library is known.
        abs_path=abs_path or ("" if filename else text(frame.get("package"), MAX_NAME)),
        module=text(frame.get("module"), MAX_NAME),
        function=text(frame.get("function"), MAX_NAME),
        lineno=whole(frame.get("lineno")),
        colno=whole(frame.get("colno")),
        in_app=in_app if isinstance(in_app, bool) else None,
        context_line=text(frame.get("context_line"), MAX_NAME),
    )
