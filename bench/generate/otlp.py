"""Traces as OpenTelemetry's exporters send them: 512 spans a request, about 500 bytes a span."""

import base64
import json
import re
import struct
from collections.abc import Mapping
from random import Random
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bench.generate.request import Made, Sender
from bench.generate.variety import AGENTS, ROUTES, SERVICES, STACKS, USERS, failure, route, skewed

SPANS = 512
TEMPLATES = 64
SPANS_A_TRACE = 8
FAILED = 0.02
SPAN_KINDS = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3}
# Where a template is filled in: a trace's id, a span's, when it began and ended, and a number in a path.
SLOTS = re.compile(rb"trace-id(.{8})|span(.{4})|beg!(.{4})|end!(.{4})|######", re.DOTALL)


class Template:
    """A serialised request, cut where each sending differs, so that sending costs little beside receiving.

    What is filled in lies in one buffer: begin and end of each span, the traces' ids, the spans' ids, digits.
    """

    def __init__(self, random: Random, items: int) -> None:
        self._items = items
        self._durations = [int(random.expovariate(1 / 4e7)) + 20_000 for _ in range(items)]
        self._begins = [random.randrange(10**9) for _ in range(items)]
        self._traces = 16 * items
        self._spans = self._traces + 16 * -(-items // SPANS_A_TRACE)
        self._digits = self._spans + 8 * items
        self._slots: list[slice] = []
        self._parts: list[bytes] = []
        at, body = 0, _request(random, items).SerializeToString()
        for found in SLOTS.finditer(body):
            self._slots.append(self._slot(found))
            self._parts += [body[at : found.start()], b""]
            at = found.end()
        self._parts.append(body[at:])

    def filled(self, random: Random, now_ns: int) -> Made:
        latest = now_ns - 2 * 10**9
        times = [t for b, d in zip(self._begins, self._durations, strict=True) for t in (latest + b, latest + b + d)]
        digits = b"%0*d" % (6 * self._items, random.getrandbits(19 * self._items))
        noise = random.randbytes(self._digits - self._traces)
        values = struct.pack(f"<{len(times)}Q", *times) + noise + digits
        parts = self._parts.copy()
        parts[1::2] = [values[slot] for slot in self._slots]
        return Made(body=b"".join(parts), ids=tuple(self._id(values, number) for number in range(self._items)))

    def _slot(self, found: re.Match[bytes]) -> slice:
        number = int.from_bytes(found[found.lastindex], "big") if found.lastindex else len(self._slots) % self._items
        begin = {
            1: self._traces + 16 * number,
            2: self._spans + 8 * number,
            3: 16 * number,
            4: 16 * number + 8,
            None: self._digits + 6 * number,
        }[found.lastindex]
        return slice(begin, begin + len(found[0]))

    def _id(self, values: bytes, number: int) -> str:
        trace, span = self._traces + 16 * (number // SPANS_A_TRACE), self._spans + 8 * number
        return (values[trace : trace + 16] + values[span : span + 8]).hex()


class Spans:
    """OTLP over HTTP, as protobuf."""

    path = "/v1/traces"

    def __init__(self, sender: Sender, seed: int, items: int = SPANS, templates: int = TEMPLATES) -> None:
        self.items = items
        self.headers: Mapping[str, str] = {
            "Content-Type": "application/x-protobuf",
            "Authorization": f"Bearer {sender.key}",
        }
        self._random = Random(seed)
        # What is sent is the same for the same seed; templates too, so that a long run is as varied as it can be.
        self._templates = [Template(Random(1000 * seed + number), items) for number in range(templates)]

    def make(self, now_ns: int) -> Made:
        return self._random.choice(self._templates).filled(self._random, now_ns)


class JsonSpans(Spans):
    """The same requests as OTLP/JSON."""

    def __init__(self, sender: Sender, seed: int, items: int = SPANS, templates: int = 8) -> None:
        super().__init__(sender, seed, items, templates)
        self.headers = {**self.headers, "Content-Type": "application/json"}

    def make(self, now_ns: int) -> Made:
        made = super().make(now_ns)
        record = MessageToDict(ExportTraceServiceRequest.FromString(made.body))
        for block in record["resourceSpans"]:
            for scope in block["scopeSpans"]:
                scope["spans"] = [_as_json(span) for span in scope["spans"]]
        return Made(body=json.dumps(record, separators=(",", ":")).encode(), ids=made.ids)


def _as_json(span: dict[str, Any]) -> dict[str, Any]:
    """OTLP/JSON has hexadecimal ids and numbers for enums, unlike protobuf's own JSON."""
    for name in ("traceId", "spanId", "parentSpanId"):
        if name in span:
            span[name] = base64.b64decode(span[name]).hex()
    span["kind"] = SPAN_KINDS[span["kind"]]
    if "status" in span:
        span["status"]["code"] = 2
    return span


def _request(random: Random, items: int) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    block = request.resource_spans.add()
    _set(block.resource, _resource(random))
    scope = block.scope_spans.add()
    scope.scope.name, scope.scope.version = "opentelemetry.instrumentation.asgi", "0.66b2"
    for number in range(items):
        _fill(scope.spans.add(), random, number)
    return request


def _resource(random: Random) -> dict[str, object]:
    service, host = random.choice(SERVICES), random.randrange(8)
    return {
        "service.name": service,
        "service.version": f"1.{random.randrange(6)}.0",
        "service.instance.id": f"{service}-{host}",
        "deployment.environment.name": "production",
        "host.name": f"ip-10-0-{host}-17",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.45.2",
        "process.pid": 4000 + host,
    }


def _fill(span: Span, random: Random, number: int) -> None:
    trace, place = divmod(number, SPANS_A_TRACE)
    span.trace_id = b"trace-id" + trace.to_bytes(8, "big")
    span.span_id = b"span" + number.to_bytes(4, "big")
    span.start_time_unix_nano, span.end_time_unix_nano = (
        int.from_bytes(word + number.to_bytes(4, "big"), "little") for word in (b"beg!", b"end!")
    )
    if place:
        span.parent_span_id = b"span" + (number - place).to_bytes(4, "big")
        _fill_inner(span, random, place)
    else:
        _fill_root(span, random)
    if random.random() < FAILED:
        _fail(span, random)


def _fill_root(span: Span, random: Random) -> None:
    method, path = route(skewed(random, ROUTES))
    user = random.randrange(USERS)
    span.name, span.kind = f"{method} {path}", Span.SPAN_KIND_SERVER
    _set(span, {
        "http.request.method": method,
        "http.route": path,
        "url.path": path.replace("{id}", "######"),
        "url.scheme": "https",
        "http.response.status_code": random.choice((200, 200, 200, 200, 201, 204, 302, 404)),
        "server.address": "shop.example.com",
        "server.port": 443,
        "client.address": f"10.1.{user % 250}.{user // 250}",
        "user_agent.original": random.choice(AGENTS),
        "user.id": f"u{user}",
        "session.id": f"s-{user}-{random.randrange(4)}",
        "network.protocol.version": "1.1",
    })  # fmt: skip


def _fill_inner(span: Span, random: Random, place: int) -> None:
    if place % 2:
        table = f"shop_{random.randrange(40)}"
        span.name, span.kind = f"SELECT {table}", Span.SPAN_KIND_CLIENT
        _set(span, {
            "db.system.name": "postgresql",
            "db.namespace": "shop",
            "db.operation.name": "SELECT",
            "db.collection.name": table,
            "db.query.text": f"SELECT id, name, price, updated_at FROM {table} WHERE id = $1 AND tenant = $2 LIMIT 21",
            "server.address": f"db-{random.randrange(3)}.internal",
            "server.port": 5432,
            "db.response.returned_rows": random.randrange(50),
            "network.peer.address": f"10.2.0.{random.randrange(40)}",
            "db.query.duration_ms": round(random.random() * 100, 3),
            "thread.id": random.randrange(64),
        })  # fmt: skip
    else:
        function = f"shop.pricing.step_{random.randrange(60)}"
        span.name, span.kind = function, Span.SPAN_KIND_INTERNAL
        _set(span, {
            "code.function.name": function,
            "code.file.path": f"/srv/shop/pricing/{place}.py",
            "code.line.number": random.randrange(500),
            "thread.name": f"worker-{random.randrange(8)}",
            "tenant": f"t{random.randrange(40)}",
            "cache.hit": random.random() < 0.5,
            "cart.total": round(random.random() * 900, 2),
            "cart.id": "cart-######",
            "order.id": "order-######",
            "deployment.cell": f"cell-{random.randrange(12)}",
            "feature.checkout": random.choice(("control", "test")),
            "user.id": f"u{random.randrange(USERS)}",
        })  # fmt: skip


def _fail(span: Span, random: Random) -> None:
    cause = failure(skewed(random, STACKS))
    event = span.events.add(name="exception", time_unix_nano=span.end_time_unix_nano)
    _set(event, {
        "exception.type": cause.type,
        "exception.message": f"{cause.said} ######",
        "exception.stacktrace": cause.traceback(),
    })  # fmt: skip
    span.status.code, span.status.message = Status.STATUS_CODE_ERROR, cause.said


def _set(record: Any, attributes: dict[str, object]) -> None:
    for key, value in attributes.items():
        attribute = record.attributes.add(key=key)
        kind = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value"}[type(value)]
        setattr(attribute.value, kind, value)
