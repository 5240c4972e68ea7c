"""PostHog's $exception events as ErrorEvents: raw frames of its SDKs, and frames that its server resolved."""

from typing import Any

from improver.collectors._exception_groups import of_mechanisms
from improver.collectors._lenient import mapping, mappings, strings, text, whole
from improver.collectors._tracebacks import both_ends
from improver.model import ErrorEvent, Frame, Raised

MAX_CHAIN = 50
MAX_NAME = 1024
PLATFORMS = {"web:javascript": "javascript", "node:javascript": "node", "python": "python"}
LIBRARIES = {"web": "javascript", "posthog-node": "node", "posthog-python": "python"}
FATAL_MECHANISMS = ("onuncaughtexception", "excepthook")
# Where these are, the fingerprint is the server's work, not the client's wish.
SERVER_GROUPED = ("$exception_fingerprint_record", "$exception_fingerprint_version", "$exception_issue_id")


def error(common: dict[str, Any], properties: dict[str, Any]) -> ErrorEvent:
    listed = mappings(properties.get("$exception_list"), MAX_CHAIN)
    mechanisms = [mapping(one.get("mechanism")) for one in listed]
    handled = not any(mechanism.get("handled") is False for mechanism in mechanisms)
    platform = _platform(listed, properties)
    level = text(properties.get("$exception_level"), 64).lower() or "error"
    fatal = level == "fatal" or any(mechanism.get("type") in FATAL_MECHANISMS for mechanism in mechanisms)
    return ErrorEvent(
        **common,
        platform=platform,
        level=level,
        # The one that surfaced comes first, then what led to it.
        raised=_chain(listed[::-1]) or _bare(properties),
        handled=handled,
        # No uncaught error ends a browser.
        crashed=fatal and not handled and platform != "javascript",
        client_fingerprint=_fingerprint(properties),
    )


def _chain(listed: list[dict[str, Any]]) -> tuple[Raised, ...]:
    return of_mechanisms(listed, [_raised(one) for one in listed])


def _raised(record: dict[str, Any]) -> Raised:
    frames = mappings(mapping(record.get("stacktrace")).get("frames"), 10_000)
    return Raised(
        type=text(record.get("type"), MAX_NAME),
        value=text(record.get("value")),
        frames=both_ends([_frame(frame) for frame in frames]),
        synthetic=mapping(record.get("mechanism")).get("synthetic") is True,
    )


def _frame(frame: dict[str, Any]) -> Frame:
    in_app = frame.get("in_app")
    lineno = frame.get("lineno") if frame.get("lineno") is not None else frame.get("line")
    return Frame(
        filename=text(frame.get("filename") or frame.get("source"), MAX_NAME),
        abs_path=text(frame.get("abs_path"), MAX_NAME),
        module=text(frame.get("module"), MAX_NAME),
        function=_function(frame),
        lineno=whole(lineno),
        in_app=in_app if isinstance(in_app, bool) else None,
        context_line=_context_line(frame),
    )


def _function(frame: dict[str, Any]) -> str:
    named = (text(frame.get(name), MAX_NAME) for name in ("function", "resolved_name", "mangled_name"))
    return next(filter(None, named), "")


def _context_line(frame: dict[str, Any]) -> str:
    """The SDKs send the line, the server an object with the lines around it."""
    resolved = mapping(mapping(frame.get("context")).get("line")).get("line")
    return text(frame.get("context_line") or resolved, MAX_NAME)


def _bare(properties: dict[str, Any]) -> tuple[Raised, ...]:
    """What older SDKs send, and what is left of an exception whose list the server took apart."""
    kinds = (properties.get("$exception_type"), *strings(properties.get("$exception_types"), 1))
    values = (properties.get("$exception_message"), *strings(properties.get("$exception_values"), 1))
    kind, value = (next(filter(None, map(text, found)), "") for found in (kinds, values))
    return (Raised(type=kind[:MAX_NAME], value=value),) if kind or value else ()


def _platform(listed: list[dict[str, Any]], properties: dict[str, Any]) -> str:
    for one in listed:
        for frame in mappings(mapping(one.get("stacktrace")).get("frames"), 1):
            said = text(frame.get("platform") or frame.get("lang"), 64)
            if said:
                return PLATFORMS.get(said, said)
    library = text(properties.get("$lib"), 64)
    return LIBRARIES.get(library, "")


def _fingerprint(properties: dict[str, Any]) -> tuple[str, ...]:
    wished = text(properties.get("$exception_fingerprint"), MAX_NAME)
    return () if not wished or any(name in properties for name in SERVER_GROUPED) else (wished,)
