"""OTLP's three signals: where their items stand in a request, and what a reply counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

# Reason words, and what a sender is told of them.
MALFORMED = "malformed_item"
EXPORTER = "exporter_log"
# An exporter that cannot reach its receiver says so in a log, which it then exports.
EXPORTERS = "opentelemetry.exporter"
NOT_FINITE = "not_finite"
INVALID_ID = "invalid_id"
REASONS = {
    MALFORMED: "could not be read",
    INVALID_ID: "without a trace id of 16 bytes and a span id of 8, neither all zero (in JSON: hexadecimal)",
}


# Items in one request, and data points: SDKs send 512 at once, relays some thousands.
MAX_ITEMS = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """Items are in scopes, and those in resources: the second field of each, the requests being the outermost."""

    name: str
    request: type[Message]
    response: type[Message]
    item: type[Message]
    resource_field: str
    scope_field: str
    item_field: str
    rejected_field: str


TRACES = Signal(
    name="traces",
    request=trace_service_pb2.ExportTraceServiceRequest,
    response=trace_service_pb2.ExportTraceServiceResponse,
    item=Span,
    resource_field="resource_spans",
    scope_field="scope_spans",
    item_field="spans",
    rejected_field="rejected_spans",
)
LOGS = Signal(
    name="logs",
    request=logs_service_pb2.ExportLogsServiceRequest,
    response=logs_service_pb2.ExportLogsServiceResponse,
    item=LogRecord,
    resource_field="resource_logs",
    scope_field="scope_logs",
    item_field="log_records",
    rejected_field="rejected_log_records",
)
METRICS = Signal(
    name="metrics",
    request=metrics_service_pb2.ExportMetricsServiceRequest,
    response=metrics_service_pb2.ExportMetricsServiceResponse,
    item=Metric,
    resource_field="resource_metrics",
    scope_field="scope_metrics",
    item_field="metrics",
    rejected_field="rejected_data_points",
)
SIGNALS = {signal.name: signal for signal in (TRACES, LOGS, METRICS)}


def identified(span: Any) -> bool:
    trace, own = span.trace_id, span.span_id
    return len(trace) == 16 and len(own) == 8 and any(trace) and any(own)


def points(metrics: Any) -> Iterator[tuple[Any, Any]]:
    """Each metric with each of its data points."""
    for metric in metrics:
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points if kind else ():
            yield metric, point
