"""One normalised thing that happened: what every Collector decodes to."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from improver.model.glossed import Glossed

# The statuses of spans that failed; answers that are the asker's own doing (not found, not allowed) are no failures.
FAILED_STATUSES = (
    "error", "internal_error", "unknown_error", "unknown", "unavailable", "deadline_exceeded", "aborted", "data_loss",
    "unimplemented",
)  # fmt: skip
# Those of answers that the asker asked wrongly, and those that strangers get every day.
REFUSED_STATUSES = ("invalid_argument", "failed_precondition", "already_exists", "out_of_range")
TURNED_AWAY_STATUSES = ("not_found", "permission_denied")


class EventKind(Glossed):
    ERROR = "error", "something failed, with a stack or a message"
    SPAN = "span", "one operation, with its duration and outcome"
    SESSION = "session", "somebody used a release, and it ended well or badly"
    LOG = "log", "one line of a log"
    USAGE = "usage", "something a person did in the app"
    TOOL_CALL = "tool_call", "an agent called a tool"
    REMARK = "remark", "what a person or an operator agent says about the software"
    METRIC = "metric", "one number, measured"
    CHECK_IN = "check_in", "a scheduled job said that it ran, or was missed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One stack frame, outermost first in its stack."""

    filename: str = ""
    abs_path: str = ""
    module: str = ""
    function: str = ""
    lineno: int | None = None
    colno: int | None = None
    in_app: bool | None = None
    context_line: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """One exception of a chain, the one that surfaced last in the chain.

    `synthetic` is one that was never raised: a client made it up to have somewhere to put the stack, and named it.
    `group` is one that only holds what others raised, and stands before them; `member` numbers, from 1, those of one of
    these others: its causes and itself.
    """

    type: str
    value: str
    frames: tuple[Frame, ...] = ()
    synthetic: bool = False
    group: bool = False
    member: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """`payload_id` and the order within it give the Event its id; `data` is the client's own record, whole.

    `client_id` is the client's own id of what happened: another Event of its kind with the same one was sent again.
    """

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
    """`crashed` means that the process died of it; `template` is the message before its values were put in."""

    platform: str = ""
    level: str = "error"
    message: str = ""
    template: str = ""
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


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEvent(Event):
    """`severity` is OpenTelemetry's number: 9 info, 13 warning, 17 error, 21 fatal."""

    severity: int = 9
    body: str = ""
    logger: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageEvent(Event):
    """`name` is the client's own ("$pageview", "$rageclick", "order placed"); `element` names what was acted on."""

    name: str = ""
    url: str = ""
    element: str = ""
    window: str = ""
    device: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCallEvent(Event):
    """One call of one tool by one agent; `arguments` is canonical JSON, `error` is empty when it succeeded.

    `tool` is empty where an agent called its model: that is where tokens and cost are told.
    """

    agent: str = ""
    conversation: str = ""
    call_id: str = ""
    tool: str = ""
    arguments: str = ""
    result: str = ""
    error: str = ""
    duration_ms: float = 0.0
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RemarkEvent(Event):
    """Feedback: `said` is the whole of it where it came as one text."""

    said: str = ""
    goal: str = ""
    attempted: str = ""
    blocker: str = ""
    suggestion: str = ""
    about: str = ""
    calls_wasted: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class MetricEvent(Event):
    """One data point; a histogram comes as its count, sum, minimum and maximum, each under its own `aspect`."""

    name: str = ""
    unit: str = ""
    aspect: str = "value"
    value: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckInEvent(Event):
    """`status` is ok, error, in_progress or missed."""

    monitor: str = ""
    check_in_id: str = ""
    status: str = ""
    duration_ms: float = 0.0
    schedule: str = ""
