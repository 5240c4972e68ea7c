"""The daemon's doors: sockets bound before anything else, and the receiver with its Collectors."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

from improver import plugins
from improver.config import Settings, plugin_config
from improver.errors import ImproverError
from improver.receiving import grpc_door
from improver.receiving.receiver import Receiver
from improver.runtime import Runtime


def bind(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket; a port in use is an error that says by whom."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ImproverError(
            f"cannot listen on {host}:{port}: {error.strerror}{_holder(port)}",
            hint=f"stop it, or set {setting} to another port (0 takes a free one)",
        ) from error
    listener.setblocking(False)
    return listener


def _holder(port: int) -> str:
    """The process that listens on a port, as far as /proc tells."""
    from improver.machine.sockets import listening_process

    found = listening_process(port)
    return f": {found} has it" if found else ""


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def receiving(settings: Settings) -> dict[str, ModuleType]:
    """Every Collector that is sent to, and is not switched off."""
    known = plugins.enabled("collectors", settings.collectors)
    found = {name: plugins.load("collectors", name) for name in known}
    return {name: plugin for name, plugin in found.items() if hasattr(plugin, "ROUTES")}


def receiver(runtime: Runtime) -> Receiver:
    """The ingest app."""
    settings = runtime.settings
    found = receiving(settings)
    return Receiver(
        spool=runtime.spool,
        keys=runtime.keys,
        collectors={n: (plugin, plugin_config(settings, "collectors", n, plugin)) for n, plugin in found.items()},
        settings=settings.ingest,
        clock=runtime.clock,
        fixes=runtime.data.fixes,
    )


def try_grpc(settings: Settings) -> None:
    """A port in use is an error before anything is opened: gRPC's own library does not say by whom."""
    if not grpc_door.wanted(settings.ingest):
        return
    try:
        bind(settings.ingest.host, settings.ingest.grpc_port, "ingest.grpc_port").close()
    except ImproverError as error:
        hint = "stop it, or set ingest.grpc_port to another port (0: nothing is taken over gRPC)"
        raise ImproverError(error.message, hint=hint) from error


def grpc_address(settings: Settings) -> str:
    """Host and port, or nothing where gRPC is not wanted."""
    if not grpc_door.wanted(settings.ingest):
        return ""
    host = settings.ingest.host
    return f"[{host}]:{settings.ingest.grpc_port}" if ":" in host else f"{host}:{settings.ingest.grpc_port}"


@asynccontextmanager
async def grpc(receiver: Receiver, settings: Settings) -> AsyncIterator[None]:
    """gRPC's door stands open for as long as the block runs, if it is wanted."""
    if not grpc_door.wanted(settings.ingest):
        yield
        return
    methods = {
        method: path for plugin in receiving(settings).values() for method, path in getattr(plugin, "RPCS", {}).items()
    }
    door = await grpc_door.open_door(receiver, methods, settings.ingest, settings.ingest.grpc_port)
    try:
        yield
    finally:
        await door.close()
