"""OTLP over gRPC, on a port of its own: each call becomes the HTTP request that it could have been."""

import importlib
import importlib.util
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status

from improver.config.settings import Ingest
from improver.errors import ImproverError
from improver.receiving import asgi

MIB = 1 << 20
GRACE_S = 5.0
CONCURRENT = 32
PROTOBUF = "application/x-protobuf"
# gRPC's own, which say nothing of the message inside.
TRANSPORT_HEADERS = ("content-type", "content-encoding", "te")
# What a status of HTTP is called in gRPC. Exporters send again what is UNAVAILABLE, and drop what is not.
CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    408: "UNAVAILABLE",
    413: "RESOURCE_EXHAUSTED",
    415: "INVALID_ARGUMENT",
    429: "UNAVAILABLE",
    503: "UNAVAILABLE",
}

App = Callable[[asgi.Scope, asgi.Receive, asgi.Send], Awaitable[None]]


class GrpcDoor:
    def __init__(self, server: Any, port: int) -> None:
        self._server = server
        self.port = port

    async def close(self) -> None:
        """What is under way is answered first."""
        await self._server.stop(GRACE_S)


def wanted(settings: Ingest) -> bool:
    """Whether the extra is installed, and no setting says otherwise."""
    return settings.grpc_port > 0 and importlib.util.find_spec("grpc") is not None


async def open_door(app: App, methods: Mapping[str, str], settings: Ingest, port: int) -> GrpcDoor:
    """Serve `methods` ("SERVICE/METHOD" → the path that takes the same bytes) until the door is closed."""
    grpc = importlib.import_module("grpc")
    # Python's own asyncio server: a call waits for the disk, and must not hold a thread meanwhile.
    aio = importlib.import_module("grpc.aio")
    server = aio.server(
        options=(("grpc.max_receive_message_length", settings.max_body_mb * MIB), ("grpc.so_reuseport", 0)),
        maximum_concurrent_rpcs=CONCURRENT,
    )
    server.add_generic_rpc_handlers(tuple(_handlers(grpc, app, methods)))
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        bound = server.add_insecure_port(f"{host}:{port}")
    except RuntimeError as error:
        raise ImproverError(
            f"cannot listen on {host}:{port} for gRPC: {error}", hint="set ingest.grpc_port to another port, or to 0"
        ) from error
    await server.start()
    return GrpcDoor(server, bound)


def call(address: str, method: str, message: bytes, metadata: Mapping[str, str], seconds: float) -> None:
    """Send one message as an exporter would; raises what the other side says against it."""
    grpc = importlib.import_module("grpc")
    with grpc.insecure_channel(address, options=(("grpc.enable_http_proxy", 0),)) as channel:
        try:
            channel.unary_unary(f"/{method}")(message, timeout=seconds, metadata=tuple(metadata.items()))
        except grpc.RpcError as error:
            said = f"{error.code().name}: {error.details()}"
            raise ImproverError(f"{address} did not take it: {said}", hint="see the daemon's log") from error


def _handlers(grpc: Any, app: App, methods: Mapping[str, str]) -> Iterable[Any]:
    for name, path in methods.items():
        service, _, method = name.partition("/")
        # Without serializers a message is its bytes.
        handler = grpc.unary_unary_rpc_method_handler(_answering(grpc, app, path))
        yield grpc.method_handlers_generic_handler(service, {method: handler})


def _answering(grpc: Any, app: App, path: str) -> Callable[[bytes, Any], Awaitable[bytes]]:
    async def answer(message: bytes, context: Any) -> bytes:
        status, body = await _ask(app, path, message, context.invocation_metadata())
        if status != 200:
            await context.abort(getattr(grpc.StatusCode, CODES.get(status, "INTERNAL")), _said(body))
        return body

    return answer


async def _ask(app: App, path: str, message: bytes, metadata: Iterable[tuple[str, str | bytes]]) -> tuple[int, bytes]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": message, "more_body": False}

    async def send(part: MutableMapping[str, Any]) -> None:
        sent.append(part)

    told = [(name, value) for name, value in metadata if name not in TRANSPORT_HEADERS and isinstance(value, str)]
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in told]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [*headers, (b"content-type", PROTOBUF.encode())],
    }
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(part["body"] for part in sent[1:])


def _said(body: bytes) -> str:
    """What a refusal says: as the Collector writes it for protobuf, or as the receiver does for everybody."""
    try:
        return str(json.loads(body)["detail"])
    except (ValueError, KeyError, TypeError):
        return _message(body)


def _message(body: bytes) -> str:
    try:
        return str(Status.FromString(body).message)
    except DecodeError:
        return "refused"
