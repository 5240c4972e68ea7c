"""The doors of a Runtime, open to real clients: the receiver on HTTP and gRPC, in one loop as in the daemon."""

import asyncio
import importlib.util
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from improver import listeners, plugins
from improver.receiving import grpc_door
from improver.runtime import Runtime


@dataclass(frozen=True)
class Doors:
    runtime: Runtime
    http: int
    grpc: int
    key: str

    def rows(self, sql):
        return self.runtime.warehouse.telemetry.rows(sql)


@contextmanager
def serving(runtime):
    """The ports of HTTP and of gRPC: the latter is None where its extra is not installed."""
    receiver = listeners.receiver(runtime)
    server = uvicorn.Server(uvicorn.Config(receiver, port=0, log_config=None, lifespan="off"))
    ports, ready = {}, threading.Event()

    async def serve():
        door = None
        if importlib.util.find_spec("grpc"):
            rpcs = plugins.load("collectors", "otlp").RPCS
            door = await grpc_door.open_door(receiver, rpcs, runtime.settings.ingest, 0)
        ports["grpc"] = door.port if door else None
        ready.set()
        await server.serve()
        if door:
            await door.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        ready.wait(10)
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1], ports["grpc"]
    finally:
        server.should_exit = True
        thread.join()
