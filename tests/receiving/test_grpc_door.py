"""OTLP over gRPC, asked by a real gRPC client: the same bytes, keys and limits as over HTTP."""

import asyncio
import base64
import json
import threading
from contextlib import contextmanager

import pytest
import uvloop
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from improver.config import settings
from improver.model import ErrorEvent, LogEvent, MetricEvent, SpanEvent, ToolCallEvent, TrustLabel
from improver.receiving import grpc_door
from improver.receiving.receiver import Limits
from tests.ingest import CAPTURES, Ingest

grpc = pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
RECORDED = sorted(CAPTURES.glob("otel-grpc/*.json"))
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@contextmanager
def open_to(ingest, **changed):
    """The port of a door that leads to this receiver, in a loop of the daemon's kind."""
    ready, closing, ports = threading.Event(), asyncio.Event(), []

    async def stand_open():
        chosen = settings.Ingest(**changed)
        door = await grpc_door.open_door(ingest.receiver, ingest.collector.RPCS, chosen, 0)
        ports.append((door.port, asyncio.get_running_loop()))
        ready.set()
        await closing.wait()
        await door.close()

    thread = threading.Thread(target=lambda: asyncio.Runner(loop_factory=uvloop.new_event_loop).run(stand_open()))
    thread.start()
    assert ready.wait(10)
    port, loop = ports[0]
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join()


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path, "otlp")
    yield ingest
    ingest.spool.close()


def call(port, body, method=EXPORT, metadata=(), compression=None):
    with grpc.insecure_channel(f"127.0.0.1:{port}", compression=compression) as channel:
        return channel.unary_unary(method)(body, metadata=metadata, timeout=20)


def refused(port, body, **more):
    with pytest.raises(grpc.RpcError) as caught:
        call(port, body, **more)
    return caught.value.code(), caught.value.details()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_recorded_call_is_accepted_and_decodes(ingest, path):
    recorded = json.loads(path.read_text())
    body = base64.b64decode(recorded["body_b64"])
    metadata = [(name, said) for name, said in recorded["metadata"] if name != "user-agent"]
    with open_to(ingest) as port:
        assert call(port, body, recorded["method"], metadata) == b""
    (payload,) = ingest.spooled()
    assert (payload.body, payload.content_type, payload.trust) == (body, "application/x-protobuf", TrustLabel.PUBLIC)
    kinds = {type(event) for event in ingest.decoded().events}
    assert (
        kinds
        == {
            "/v1/traces": {SpanEvent, ToolCallEvent, ErrorEvent},
            "/v1/logs": {LogEvent, ErrorEvent},
            "/v1/metrics": {MetricEvent},
        }[payload.path]
    )


def test_a_recorded_trace_has_its_ids(ingest):
    recorded = json.loads(RECORDED[0].read_text())
    with open_to(ingest) as port:
        call(port, base64.b64decode(recorded["body_b64"]))
    inner, _, root, error = ingest.decoded().events
    assert {event.trace_id for event in (inner, root, error)} == {"bb74244991ea55d08692f5deb9871ae7"}
    assert (inner.span_id, inner.parent_id, root.span_id) == (
        "3907c4e382c86e1a",
        "38f4ae8a47ebb4dd",
        "38f4ae8a47ebb4dd",
    )
    assert (root.service, root.release, root.environment, root.route) == ("shop", "1.2.3", "dev", "/pay")


def test_a_key_in_the_metadata_earns_trust(ingest):
    with open_to(ingest) as port:
        for name, said in (("x-improver-key", ingest.key.value), ("authorization", f"Bearer {ingest.key.value}")):
            call(port, b"", metadata=((name, said), ("some-bin", b"\xff")), compression=grpc.Compression.Gzip)
    assert [(p.key_id, p.trust) for p in ingest.spooled()] == [(ingest.key.id, TrustLabel.SERVER)] * 2


def test_bad_spans_are_counted_in_the_reply(ingest):
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add(name="without ids")
    with open_to(ingest) as port:
        response = ExportTraceServiceResponse.FromString(call(port, request.SerializeToString()))
    assert response.partial_success.rejected_spans == 1
    assert "16 bytes" in response.partial_success.error_message


def test_garbage_is_an_invalid_argument_and_says_why(ingest):
    with open_to(ingest) as port:
        code, said = refused(port, b"garbage")
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert said.startswith("the body is not an OTLP request in protobuf")
    assert ingest.receiver.counters()["otlp"]["rejected"] == {"malformed": 1}


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_message_that_is_too_large_is_refused_packed_or_not(ingest, compression):
    with open_to(ingest, max_body_mb=1) as port:
        code, _ = refused(port, bytes(30 << 20), compression=compression)
    assert (code, ingest.spooled()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, [])


def test_a_method_that_there_is_not_is_unimplemented(ingest):
    with open_to(ingest) as port:
        code, _ = refused(port, b"", method="/opentelemetry.proto.collector.trace.v1.TraceService/Import")
    assert code is grpc.StatusCode.UNIMPLEMENTED


def test_a_missing_key_is_said_as_grpc_says_it(tmp_path):
    from improver import plugins

    otlp = plugins.load("collectors", "otlp")
    ingest = Ingest(tmp_path, "otlp", config=otlp.Config(require_key=True))
    with open_to(ingest) as port:
        assert refused(port, b"")[0] is grpc.StatusCode.UNAUTHENTICATED
        assert refused(port, b"", metadata=(("x-improver-key", "wrong"),))[0] is grpc.StatusCode.PERMISSION_DENIED
    ingest.spool.close()


@pytest.mark.parametrize(
    "changed", [{"spool": settings.Spool(min_free_mb=1 << 40)}, {"limits": Limits(in_flight=0)}], ids=["full", "busy"]
)
def test_without_room_the_answer_is_one_after_which_exporters_try_again(tmp_path, changed):
    ingest = Ingest(tmp_path, "otlp", **changed)
    with open_to(ingest) as port:
        code, said = refused(port, b"")
    assert (code, said) == (grpc.StatusCode.UNAVAILABLE, "too much at once: send it again later")
    ingest.spool.close()


def test_it_is_wanted_where_the_extra_is_and_no_setting_says_otherwise():
    assert grpc_door.wanted(settings.Ingest())
    assert not grpc_door.wanted(settings.Ingest(grpc_port=0))
