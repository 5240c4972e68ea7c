"""What a structured log line says, as structlog, pino, zap, bunyan, logrus, winston and ECS name it."""

from collections.abc import Iterator
from typing import Any

from improver.collectors._lenient import mapping, mappings, text, whole
from improver.collectors._log_headers import severity_of_priority
from improver.collectors._log_lines import MAX_NAME, nested
from improver.collectors._log_shapes import severity_of
from improver.collectors._log_stacks import chain_in, frame_of
from improver.collectors._tracebacks import both_ends, short
from improver.model import Frame, Raised

MESSAGE = ("msg", "message", "event", "@message", "@m", "@mt", "short_message", "body", "text", "log")
LEVEL = ("level", "severity", "levelname", "lvl", "log.level", "@level", "@l", "loglevel", "severity_text", "s")
TIME = (
    "time", "timestamp", "ts", "@timestamp", "@t", "datetime", "asctime", "date", "eventTime",
    "t.$date", "t", "instant.epochSecond",
)  # fmt: skip
LOGGER = ("logger", "logger_name", "loggerName", "log.logger", "name", "module", "component", "SourceContext")
SERVICE = ("service.name", "service", "serviceName", "service_name", "app", "application", "dd.service")
ENVIRONMENT = ("environment", "env", "service.environment", "deployment.environment", "dd.env")
RELEASE = ("release", "service.version", "app_version", "dd.version")
USER = ("user.id", "user_id", "userId", "user")
TRACE = ("trace_id", "traceId", "trace.id", "traceID", "otelTraceID", "dd.trace_id")
SPAN = ("span_id", "spanId", "span.id", "spanID", "otelSpanID", "dd.span_id")
ROUTE = ("route", "http.route")

_STACKS = (
    "error.stack_trace", "exc_info", "exc_text", "traceback", "stack_trace", "stacktrace", "errorVerbose", "stack",
    "exception", "error.stack", "exception.stacktrace", "@x",
)  # fmt: skip
_KINDS = ("error.type", "error.kind", "exception.type", "exc_type", "error_type", "exception_class")
_SAID = ("error.message", "exception.message", "error", "err", "exc_value")
WRONG = (
    "error", "err", "exception", "error.message", "error_message", "errorMessage", "errmsg", "attr.error",
    "attr.message",
)  # fmt: skip
NOTHING = frozenset(("", "0", "-", "none", "null", "nil", "false", "no", "ok", "success", "n/a", "undefined", "[]"))
_RECORDS = ("err", "error", "exception", "exc", "exc_info", "thrown")
MAX_CHAIN = 50


def first(record: dict[str, Any], names: tuple[str, ...], limit: int = MAX_NAME) -> str:
    return next(filter(None, (text(nested(record, name), limit) for name in names)), "")


def moment_of(record: dict[str, Any]) -> object:
    return next((found for name in TIME if (found := nested(record, name)) not in (None, "")), None)


def level_of(record: dict[str, Any]) -> int | None:
    if "short_message" in record:
        return severity_of_priority(record.get("level"))
    found = (severity_of(nested(record, name)) for name in LEVEL)
    return next((severity for severity in found if severity is not None), None)


def raised_in(record: dict[str, Any]) -> tuple[Raised, ...]:
    """The exceptions that a line tells of; empty where it only says that something is wrong."""
    for found in (_listed(record.get("exception")), *(_of_record(one) for one in _records(record)), _of_text(record)):
        if found:
            return found
    return ()


def wrong_in(record: dict[str, Any]) -> str:
    """What a line says is wrong in a field of its own, of whatever level it is."""
    said = (nested(record, name) for name in WRONG)
    found = next((one for one in said if isinstance(one, str) and one.strip().casefold() not in NOTHING), "")
    return text(found or first(mapping(record.get("error")), ("message", "msg", "reason")), 64 * 1024).strip()


def _records(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # Monolog keeps what was given with a message apart.
    within = (record, mapping(record.get("context")))
    yield from (found for one in within for name in _RECORDS if (found := mapping(one.get(name))))


def _of_record(error: dict[str, Any]) -> tuple[Raised, ...]:
    """pino, bunyan and winston: type, message and stack."""
    kind = first(error, ("type", "class", "kind", "name", "localizedMessage"))
    said = first(error, ("message", "msg", "value"), 64 * 1024)
    stacks = (error.get(name) for name in ("stack", "stacktrace", "stack_trace", "backtrace", "extendedStackTrace"))
    stack = next(filter(None, (_printed(one) for one in stacks)), "")
    if not stack and (places := _places(error)):
        return (Raised(type=short(kind.replace("\\", ".")), value=said, frames=places),)
    return chain_in(stack, kind=kind, said=said)


def _places(error: dict[str, Any]) -> tuple[Frame, ...]:
    """Monolog's: FILE:LINE of where it was raised, and of each call that led there."""
    trace = error.get("trace")
    told = (error.get("file"), *trace[:1000]) if isinstance(trace, list) else ()
    split = (text(one, MAX_NAME).rpartition(":") for one in told if isinstance(one, str))
    frames = [frame_of(file, "", whole(line)) for file, _, line in split if file]
    return both_ends(frames[::-1])


def _of_text(record: dict[str, Any]) -> tuple[Raised, ...]:
    stack = next(filter(None, (_printed(nested(record, name)) for name in _STACKS)), "")
    kind, said = first(record, _KINDS), first(record, _SAID, 64 * 1024)
    # Only what has a type or frames was raised; "exception": "no such user" was not.
    chain = chain_in(stack, kind=kind, said=said)
    return chain if kind or any(raised.frames for raised in chain) else ()


def _printed(stack: object) -> str:
    if isinstance(stack, list):
        return "\n".join(text(line) for line in stack[:2000] if isinstance(line, str))
    return text(stack, 256 * 1024) if isinstance(stack, str) else ""


def _listed(exceptions: object) -> tuple[Raised, ...]:
    """structlog's dicts: what surfaced comes first, then its causes."""
    found = [one for one in mappings(exceptions, MAX_CHAIN) if text(one.get("exc_type"))]
    return tuple(
        Raised(
            type=short(text(one.get("exc_type"), MAX_NAME)),
            value=text(one.get("exc_value")),
            frames=both_ends([
                frame_of(text(f.get("filename"), MAX_NAME), text(f.get("name"), MAX_NAME), whole(f.get("lineno")))
                for f in mappings(one.get("frames"), 10_000)
            ]),
        )
        for one in reversed(found)
    )  # fmt: skip
