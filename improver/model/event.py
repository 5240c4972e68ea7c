"""One normalised thing that happened: what every Collector decodes to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from improver.model.glossed import Glossed


class EventKind(Glossed):
    ERROR = "error", "something failed, with a stack or a message"
    SPAN = "span", "one operation, with its duration and outcome"
    SESSION = "session", "somebody used a release, and it ended well or badly"


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One stack frame, outermost first in its stack."""

    filename: str = ""
    abs_path: str = ""
    module: str = ""
    function: str = ""
    lineno: int | None = None
    in_app: bool | None = None
    context_line: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """One exception of a chain, the one that surfaced last in the chain."""

    type: str
    value: str
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """`payload_id` and the order within it give the Event its id; `data` is the client's own record, whole."""

    payload_id: str
    occurred_at: datetime
    client_id: str = ""
    service: str = ""
    environment: str = ""
    release: str = ""
    user: str = ""
    session: str = ""
    trace_id: str = ""
    span_id: str = ""
    route: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorEvent(Event):
    """`crashed` means that the process died of it."""

    platform: str = ""
    level: str = "error"
    message: str = ""
    raised: tuple[Raised, ...] = ()
    handled: bool = True
    crashed: bool = False
    client_fingerprint: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanEvent(Event):
    """`root` marks the span that entered the service: those are the exposure of a route."""

    name: str = ""
    op: str = ""
    parent_id: str = ""
    duration_ms: float = 0.0
    status: str = ""
    root: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionEvent(Event):
    """One session, or a client's own count of many."""

    started: int = 0
    ended_well: int = 0
    errored: int = 0
    crashed: int = 0
