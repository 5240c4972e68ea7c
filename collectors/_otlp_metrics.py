"""OTLP's data points as Events: a number as it is, a distribution by its aspects."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, DataPointFlags

from improver.collectors._otlp_signals import NOT_FINITE
from improver.collectors._otlp_source import MAX_ELEMENTS, MAX_NAME, Attributes, Source, attributes_of
from improver.model import MetricEvent

NUMBERS = ("gauge", "sum")
BOUNDS = 200  # of a histogram
TEMPORALITIES: dict[Any, str] = {
    AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA: "delta",
    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE: "cumulative",
}


def metric_events(metric: Any, point: Any, source: Source, rejected: Counter[str]) -> Iterator[MetricEvent]:
    if point.flags & DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK:
        return
    kind = metric.WhichOneof("data")
    attributes = attributes_of(point.attributes)
    data = _data(metric, point, kind, attributes, source)
    for aspect, value in _values(kind, point):
        if not math.isfinite(value):
            rejected[NOT_FINITE] += 1
            continue
        yield MetricEvent(
            **source.common(attributes),
            **_exemplar(point),
            client_id=source.identity(point.time_unix_nano, metric.name, aspect, attributes),
            occurred_at=source.moment(point.time_unix_nano, point.start_time_unix_nano),
            name=metric.name[:MAX_NAME],
            unit=metric.unit[:MAX_NAME],
            aspect=aspect,
            value=value,
            data=data,
        )


def _values(kind: str, point: Any) -> Iterator[tuple[str, float]]:
    if kind in NUMBERS:
        if value := point.WhichOneof("value"):
            yield "value", float(getattr(point, value))
        return
    yield "count", float(point.count)
    if kind == "summary":
        yield "sum", point.sum
        yield from ((f"p{one.quantile * 100:g}", one.value) for one in point.quantile_values[:MAX_ELEMENTS])
        return
    # A histogram need not know these.
    yield from ((aspect, getattr(point, aspect)) for aspect in ("sum", "min", "max") if point.HasField(aspect))


def _data(metric: Any, point: Any, kind: str, attributes: Attributes, source: Source) -> dict[str, Any]:
    told = getattr(metric, kind)
    return source.data(
        attributes,
        kind=kind,
        temporality=TEMPORALITIES.get(getattr(told, "aggregation_temporality", None), ""),
        monotonic=getattr(told, "is_monotonic", False),
        since=str(source.moment(point.start_time_unix_nano)) if point.start_time_unix_nano else "",
        bounds=list(point.explicit_bounds[:BOUNDS]) if kind == "histogram" else [],
        buckets=list(point.bucket_counts[: BOUNDS + 1]) if kind == "histogram" else [],
    )


def _exemplar(point: Any) -> dict[str, str]:
    """The trace of its newest example."""
    found = next((one for one in reversed(getattr(point, "exemplars", [])) if len(one.trace_id) == 16), None)
    if found is None:
        return {}
    return {"trace_id": found.trace_id.hex(), "span_id": found.span_id.hex() if len(found.span_id) == 8 else ""}
