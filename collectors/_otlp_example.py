"""What OpenTelemetry's SDKs send, one request of each signal in either format, for `improver doctor`."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from improver.collectors import _otlp_wire as wire
from improver.collectors._otlp_signals import SIGNALS
from improver.model import DOCTOR, Request

SAID = "improver doctor looks whether this arrives"


def example(key: str, id: str, now: datetime) -> Mapping[str, Request]:
    found: dict[str, Request] = {}
    for name, signal in SIGNALS.items():
        # Ids and times of their own, or one of the two would count as sent again.
        binary, _ = wire.load(_request(name, id, now), "", wire.JSON, signal)
        found[f"{name} as protobuf"] = _post(key, name, wire.PROTOBUF, binary.SerializeToString())
        later = now + timedelta(milliseconds=1)
        found[f"{name} as JSON"] = _post(key, name, wire.JSON, _request(name, id[::-1], later))
    return found


def _post(key: str, name: str, content_type: str, body: bytes) -> Request:
    headers = {"x-improver-key": key, "content-type": content_type}
    return Request(method="POST", path=f"/v1/{name}", query={}, headers=headers, body=body)


def _request(name: str, id: str, now: datetime) -> bytes:
    at = str(int(now.timestamp() * 1_000_000) * 1000)
    span = {"traceId": id, "spanId": id[:16], "name": DOCTOR, "startTimeUnixNano": at, "endTimeUnixNano": at}
    log = {"timeUnixNano": at, "traceId": id, "severityNumber": 9, "body": {"stringValue": SAID}}
    metric = {"name": DOCTOR, "gauge": {"dataPoints": [{"timeUnixNano": at, "asDouble": 1.0}]}}
    items: dict[str, dict[str, Any]] = {
        "traces": {"resourceSpans": [_block("scopeSpans", "spans", span)]},
        "logs": {"resourceLogs": [_block("scopeLogs", "logRecords", log)]},
        "metrics": {"resourceMetrics": [_block("scopeMetrics", "metrics", metric)]},
    }
    return json.dumps(items[name]).encode()


def _block(scopes: str, items: str, item: dict[str, Any]) -> dict[str, Any]:
    named = {"service.name": DOCTOR, "deployment.environment.name": DOCTOR}
    resource = {"attributes": [{"key": name, "value": {"stringValue": value}} for name, value in named.items()]}
    return {"resource": resource, scopes: [{"scope": {"name": DOCTOR}, items: [item]}]}
