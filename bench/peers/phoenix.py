"""Arize Phoenix with SQLite: OTLP spans."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers.install import environment
from bench.peers.peer import Peer, count, free_port, process, wait_until_up

VERSION = "20.26.1"


@contextmanager
def running(folder: Path) -> Iterator[Peer]:
    venv, port = environment(f"arize-phoenix=={VERSION}"), free_port()
    _keep_on_loopback(venv)
    settings = {
        "PHOENIX_HOST": "127.0.0.1",
        "PHOENIX_PORT": str(port),
        "PHOENIX_GRPC_PORT": str(free_port()),
        "PHOENIX_WORKING_DIR": str(folder),
        "PHOENIX_TELEMETRY_ENABLED": "false",
        "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
        "PHOENIX_DISABLE_AGENT_ASSISTANT": "true",
        "PHOENIX_AGENTS_DISABLE_WEB_ACCESS": "true",
    }
    with process([venv / "bin/phoenix", "serve"], folder, **settings):
        wait_until_up(f"http://127.0.0.1:{port}/healthz", folder)
        yield Peer(
            name=f"Phoenix {VERSION}",
            url=f"http://127.0.0.1:{port}",
            format="otlp",
            requests=8,
            stored=lambda: count(folder / "phoenix.db", "select count(*) from spans"),
        )


def _keep_on_loopback(venv: Path) -> None:
    """Its gRPC server takes every address, whatever PHOENIX_HOST says."""
    for file in venv.glob("lib/python3*/site-packages/phoenix/server/grpc_server.py"):
        file.write_text(file.read_text().replace("[::]:", "127.0.0.1:"))
