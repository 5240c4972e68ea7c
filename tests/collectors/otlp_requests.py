"""OTLP requests for tests, as the JSON that a client could have sent."""

import json

from improver import plugins
from improver.model import Batch, Payload
from tests.ingest import NOW

otlp = plugins.load("collectors", "otlp")
TRACE = "0af7651916cd43dd8448eb211c80319c"
SECOND = 1_000_000_000
STARTED = int(NOW.timestamp()) * SECOND - 10 * SECOND


def value(plain):
    if isinstance(plain, bool):
        return {"boolValue": plain}
    if isinstance(plain, int):
        return {"intValue": str(plain)}
    if isinstance(plain, float):
        return {"doubleValue": plain}
    if isinstance(plain, list):
        return {"arrayValue": {"values": [value(one) for one in plain]}}
    if isinstance(plain, dict):
        return {"kvlistValue": {"values": pairs(plain)}}
    return {"stringValue": plain}


def pairs(plain):
    return [{"key": key, "value": value(one)} for key, one in plain.items()]


def span(number=1, *, parent=None, name="work", kind=1, attributes=None, **more):
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        **({"parentSpanId": f"{parent:016x}"} if parent else {}),
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(STARTED),
        "endTimeUnixNano": str(STARTED + 1_500_000),
        "attributes": pairs(attributes or {}),
        **more,
    }


def record(body="said", **more):
    attributes = pairs(more.pop("attributes", {}))
    return {"timeUnixNano": str(STARTED), "body": value(body), "attributes": attributes, **more}


def traces(*spans, resource=None, scope="shop"):
    block = {"scope": {"name": scope}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": pairs(resource or {})}, "scopeSpans": [block]}]}


def logs(*records, resource=None, scope="shop"):
    block = {"scope": {"name": scope}, "logRecords": list(records)}
    return {"resourceLogs": [{"resource": {"attributes": pairs(resource or {})}, "scopeLogs": [block]}]}


def metrics(*found):
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": list(found)}]}]}


def decoded(*requests, config=None) -> Batch:
    """Each request as one line of a file."""
    payloads = [
        Payload(
            id=str(number), collector="otlp", path=otlp.LINE_PATH, received_at=NOW,
            content_type="application/json", body=json.dumps(request).encode(),
        )
        for number, request in enumerate(requests)
    ]  # fmt: skip
    return otlp.decode(payloads, config or otlp.Config())


def of(kind, *requests):
    return [event for event in decoded(*requests).events if type(event) is kind]
