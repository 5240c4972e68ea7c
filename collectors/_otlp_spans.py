"""OTLP's spans as Events: the spans, the exceptions that they recorded, and the tool calls that some of them are."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from improver.collectors._lenient import text
from improver.collectors._otlp_signals import identified
from improver.collectors._otlp_source import MAX_NAME, Attributes, Source, attributes_of, first
from improver.collectors._otlp_tools import tool_call
from improver.collectors._stacks import chain_of
from improver.model import ErrorEvent, Event, SpanEvent

MAX_RECORDED = 100
MAX_LINKS = 100
MAX_CLIMB = 64
MAX_TEXT = 64 * 1024
ENTERING = (Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER)
LEAVING = (Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_PRODUCER)
REMOTE_PARENT = 0x300  # flags: it is known whether the parent is remote, and it is
ROUTES = ("http.route", "url.template", "graphql.operation.name", "faas.name", "messaging.destination.template")
DESTINATIONS = ("messaging.destination.name", "messaging.destination")
HTTP_STATUS = ("http.response.status_code", "http.status_code")
# What servers refuse, in the words that Sentry's SDKs have for it.
REFUSALS = {str(code): "invalid_argument" for code in range(400, 500)} | {
    "401": "unauthenticated", "403": "permission_denied", "404": "not_found", "408": "cancelled",
    "409": "already_exists", "410": "not_found", "413": "failed_precondition", "429": "resource_exhausted",
    "499": "cancelled",
}  # fmt: skip
# An attribute that only such spans have, and what their operation is called.
OPS = (
    (("db.system.name", "db.system"), "db"),
    (("mcp.method.name",), "mcp"),
    (("gen_ai.operation.name", "gen_ai.system", "gen_ai.provider.name"), "gen_ai"),
    (("messaging.system",), "queue"),
    (("rpc.system.name", "rpc.system"), "rpc"),
    (("http.request.method", "http.method"), "http"),
)
KINDS = {
    Span.SPAN_KIND_SERVER: "server",
    Span.SPAN_KIND_CLIENT: "client",
    Span.SPAN_KIND_PRODUCER: "publish",
    Span.SPAN_KIND_CONSUMER: "process",
}


def spans(scopes: list[tuple[Source, Any]]) -> Iterator[Event]:
    """All Events of one resource: its scopes, each with its spans."""
    placed = [(source, span) for source, found in scopes for span in found if identified(span)]
    by_id = {span.span_id: span for _, span in placed}
    for source, span in placed:
        yield from span_events(span, source, by_id)


def span_events(span: Any, source: Source, by_id: Mapping[bytes, Any]) -> Iterator[Event]:
    """The Events of one span; `by_id` are at least those above it, and itself."""
    attributes = attributes_of(span.attributes)
    event = _span(span, attributes, source, by_id)
    yield event
    # A call that an agent's framework has told of already is not one more because of the protocol below it.
    told_above = span.parent_span_id in by_id and _is_tool(by_id[span.parent_span_id])
    if not (told_above and "mcp.method.name" in attributes) and (call := tool_call(event, attributes, source)):
        yield call
    yield from errors(span, event.route, attributes, source)


def errors(span: Any, route: str, attributes: Attributes, source: Source) -> Iterator[ErrorEvent]:
    """The exceptions that a span recorded; `attributes` are its own."""
    recorded = [happened for happened in span.events[:MAX_RECORDED] if _is_exception(happened)]
    for number, happened in enumerate(recorded):
        yield replace(
            exception(attributes_of(happened.attributes), attributes, source),
            occurred_at=source.moment(happened.time_unix_nano),
            client_id=f"{span.trace_id.hex()}{span.span_id.hex()}{number}",
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            route=route,
        )


def only_failed(span: Any) -> bool:
    """Whether all that it recorded are exceptions."""
    return all(_is_exception(happened) for happened in span.events[:MAX_RECORDED])


def _span(span: Any, attributes: Attributes, source: Source, by_id: Mapping[bytes, Any]) -> SpanEvent:
    entry = _entry(span, by_id)
    own = _route(span, attributes)
    return SpanEvent(
        **source.common(attributes),
        occurred_at=source.moment(span.start_time_unix_nano, span.end_time_unix_nano),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        route=own if entry is None or entry is span else _route(entry, attributes_of(entry.attributes)),
        name=span.name[:MAX_NAME],
        op=_op(span, attributes),
        status=_status(span, attributes),
        duration_ms=max(0, span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
        root=entry is span,
        data=_data(span, attributes, source),
    )


def _data(span: Any, attributes: Attributes, source: Source) -> dict[str, Any]:
    others = [happened for happened in span.events[:MAX_RECORDED] if not _is_exception(happened)]
    return source.data(
        attributes,
        kind=KINDS.get(span.kind, ""),
        status_message=span.status.message[:MAX_NAME],
        events=[{"name": one.name, "attributes": attributes_of(one.attributes)} for one in others],
        links=[{"trace_id": one.trace_id.hex(), "span_id": one.span_id.hex()} for one in span.links[:MAX_LINKS]],
    )


def exception(attributes: Attributes, around: Attributes, source: Source) -> ErrorEvent:
    """An ErrorEvent of `exception.*` attributes; `around` are those of what it happened in."""
    stack = text(attributes.get("exception.stacktrace"), MAX_TEXT)
    said = text(attributes.get("exception.message"), MAX_TEXT)
    return ErrorEvent(
        **source.common({**around, **attributes}),
        occurred_at=source.payload.received_at,
        platform=source.platform(),
        raised=chain_of(stack, kind=first(attributes, ("exception.type",)), said=said),
        handled=str(attributes.get("exception.escaped")).lower() != "true",
        data=source.data(attributes, around=dict(around)),
    )


def _is_exception(happened: Any) -> bool:
    return happened.name == "exception" or any(pair.key == "exception.type" for pair in happened.attributes[:MAX_LINKS])


def _is_tool(span: Any) -> bool:
    return attributes_of(span.attributes).get("gen_ai.operation.name") == "execute_tool"


def _entry(span: Any, by_id: Mapping[bytes, Any]) -> Any:
    """The span that entered the service above this one, or this one itself; None where it is in another request."""
    for _ in range(MAX_CLIMB):
        if not span.parent_span_id or span.kind in ENTERING or span.flags & REMOTE_PARENT == REMOTE_PARENT:
            return span
        above = by_id.get(span.parent_span_id)
        if above is None:
            return None
        span = above
    return None


def _route(span: Any, attributes: Attributes) -> str:
    """What the service was entered by; on a span that leaves it, the other service's routes are meant."""
    if span.kind in LEAVING and span.parent_span_id:
        return ""
    method = "/".join(filter(None, (first(attributes, ("rpc.service",)), first(attributes, ("rpc.method",)))))
    told = first(attributes, ROUTES) or method or first(attributes, DESTINATIONS)
    entering = not span.parent_span_id or span.kind in ENTERING
    return told or (span.name[:MAX_NAME] if entering else "")


def _op(span: Any, attributes: Attributes) -> str:
    kind = KINDS.get(span.kind, "")
    for names, op in OPS:
        if any(name in attributes for name in names):
            below = first(attributes, ("gen_ai.operation.name", "mcp.method.name"), 64) or kind
            return ".".join(filter(None, (op, "" if op == "db" else below)))
    return kind


def _status(span: Any, attributes: Attributes) -> str:
    answered = first(attributes, HTTP_STATUS)
    if span.status.code == Status.STATUS_CODE_ERROR or answered.startswith("5"):
        return "error"
    return "ok" if span.status.code == Status.STATUS_CODE_OK else REFUSALS.get(answered, "")
