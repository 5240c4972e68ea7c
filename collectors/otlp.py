"""Traces, logs and metrics from OpenTelemetry's SDKs, and what agents tell with them: set their OTLP endpoint here."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from improver.collectors import _otlp_columns as columns
from improver.collectors import _otlp_json_columns as json_columns
from improver.collectors import _otlp_log_rows as log_rows
from improver.collectors import _otlp_together as together
from improver.collectors import _otlp_wire as wire
from improver.collectors._otlp_example import example as example
from improver.collectors._otlp_json import record_of
from improver.collectors._otlp_logs import logs
from improver.collectors._otlp_metrics import metric_events
from improver.collectors._otlp_signals import EXPORTER, EXPORTERS, LOGS, METRICS, SIGNALS, TRACES, Signal, points
from improver.collectors._otlp_source import Source, attributes_of
from improver.collectors._otlp_spans import spans
from improver.errors import ImproverError
from improver.inflate import TooLarge, UnknownEncoding, inflate
from improver.model import Batch, Event, Payload, Reply, Request
from improver.model.configured import Configured

ROUTES = tuple(("POST", f"/v1/{name}") for name in SIGNALS)
KEYLESS = tuple(path for _, path in ROUTES)
# gRPC's methods, by the path that takes the same bytes.
RPCS = {
    "opentelemetry.proto.collector.trace.v1.TraceService/Export": "/v1/traces",
    "opentelemetry.proto.collector.logs.v1.LogsService/Export": "/v1/logs",
    "opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "/v1/metrics",
}
# One line of a file is one request as OTLP/JSON: which signal it is shows inside.
LINE_PATH = "/v1/"
BEARER = "bearer "


Way = Callable[[Sequence[Payload], Mapping[int, bytes], together.Read, together.Together], None]
_SPANS, _LOGS = partial(columns.read, TRACES), partial(columns.read, LOGS)


class Config(Configured):
    require_key: bool = False
    """Refuse what comes without a known key. Otherwise it is taken as evidence that anybody could have sent; set
    this when [ingest] listens on more than loopback."""


def key_of(request: Request) -> str:
    shown = request.headers.get("x-improver-key", "")
    authorization = request.headers.get("authorization", "")
    if shown or not authorization.lower().startswith(BEARER):
        return shown.strip()
    return authorization[len(BEARER) :].strip()


def examine(request: Request, config: Configured) -> Reply:
    """Partial success, if some items are of no use: the others are kept."""
    content_type = request.headers.get("content-type", "")
    if not wire.format_of(content_type):
        hint = f"send {wire.PROTOBUF} or {wire.JSON}"
        error = ImproverError(f"unknown Content-Type {content_type[:100]!r}", hint=hint)
        return wire.refusal(415, "unknown_content_type", error, content_type)
    encoding, signal = request.headers.get("content-encoding", ""), _signal(request.path)
    try:
        rejected = _rejected(request.body, encoding, content_type, signal)
    except TooLarge as error:
        return wire.refusal(413, "too_large", error, content_type)
    except UnknownEncoding as error:
        return wire.refusal(415, "unknown_encoding", error, content_type)
    except ImproverError as error:
        return wire.refusal(400, "malformed", error, content_type)
    return wire.reply(content_type, signal, rejected)


def decode(payloads: Iterable[Payload], config: Configured) -> Batch:
    """One by one: what `decode_together` makes of many must be the same."""
    events: list[Event] = []
    rejected: Counter[str] = Counter()
    for payload in payloads:
        request, bad, signal = _load(payload)
        rejected += bad
        events += _events(request, signal, payload, rejected)
    return Batch.of(events, rejected)


def decode_together(payloads: Sequence[Payload], config: Configured) -> Batch:
    made = together.Together()
    alike: dict[tuple[Way, together.Read], dict[int, bytes]] = {}
    for number, payload in enumerate(payloads):
        body = wire.inflated(payload)
        if way := _way(payload, body):
            alike.setdefault(way, {})[number] = body
        else:
            made.left.add(number)
    for (place, read), bodies in alike.items():
        place(payloads, bodies, read, made)
    one_by_one = decode([payloads[number] for number in sorted(made.left)], config)
    return Batch(
        events=(*made.events, *one_by_one.events),
        ordinals=(*made.ordinals, *_ordinals(one_by_one.events)),
        rejected=made.rejected + Counter(one_by_one.rejected),
        rows=tuple(made.rows),
    )


def _way(payload: Payload, body: bytes) -> tuple[Way, together.Read] | None:
    """How it is decoded with others that are like it, if it can be."""
    as_json = wire.format_of(payload.content_type) == wire.JSON
    if payload.path == "/v1/traces":
        return together.spans, json_columns.reader(body) if as_json else _SPANS
    return (log_rows.logs, _LOGS) if payload.path == "/v1/logs" and not as_json else None


def _rejected(body: bytes, encoding: str, content_type: str, signal: Signal) -> Counter[str]:
    spans_as_json = signal is TRACES and wire.format_of(content_type) == wire.JSON
    if spans_as_json and json_columns.is_sound(inflate(body, encoding, cap=wire.MAX_INFLATED)):
        return Counter()
    _, rejected = wire.load(body, encoding, content_type, signal)
    return rejected


def _ordinals(events: Iterable[Event]) -> Iterator[int]:
    counted: Counter[str] = Counter()
    for event in events:
        yield counted[event.payload_id]
        counted[event.payload_id] += 1


def _load(payload: Payload) -> tuple[Any, Counter[str], Signal]:
    signal = _signal_of_line(payload.body) if payload.path == LINE_PATH else _signal(payload.path)
    request, bad = wire.load(payload.body, payload.content_encoding, payload.content_type, signal)
    return request, bad, signal


def _events(request: Any, signal: Signal, payload: Payload, rejected: Counter[str]) -> Iterator[Event]:
    for block in getattr(request, signal.resource_field):
        scopes = list(_scopes(block, signal, payload, rejected))
        if signal is TRACES:
            yield from spans(scopes)
        elif signal is LOGS:
            yield from (event for source, records in scopes for event in logs(records, source))
        else:
            yield from _measured(scopes, rejected)


def _scopes(block: Any, signal: Signal, payload: Payload, rejected: Counter[str]) -> Iterator[tuple[Source, Any]]:
    """Each scope of a resource, with its items."""
    resource = attributes_of(block.resource.attributes)
    for found in getattr(block, signal.scope_field):
        items, name = getattr(found, signal.item_field), found.scope.name
        if signal is LOGS and name.startswith(EXPORTERS):
            rejected[EXPORTER] += len(items)
            continue
        yield Source(payload=payload, resource=resource, scope=name, scope_version=found.scope.version), items


def _measured(scopes: list[tuple[Source, Any]], rejected: Counter[str]) -> Iterator[Event]:
    for source, metrics in scopes:
        for metric, point in points(metrics):
            yield from metric_events(metric, point, source, rejected)


def _signal(path: str) -> Signal:
    return SIGNALS[path.rpartition("/")[2]]


def _signal_of_line(line: bytes) -> Signal:
    record = record_of(line)
    for name, signal in (("resourceSpans", TRACES), ("resourceLogs", LOGS), ("resourceMetrics", METRICS)):
        if name in record:
            return signal
    raise ImproverError(
        "a line that is no OTLP/JSON request", hint="one object with resourceSpans, resourceLogs or resourceMetrics"
    )
