"""The only way out of a box: a reverse proxy to one model API, which adds the real key outside the box."""

import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from improver.machine import unix
from improver.model import Isolation
from improver.sandbox.bridge import PORT
from improver.sandbox.decision import Decision, Upstream
from improver.sandbox.manifest import Manifest
from improver.sandbox.meter import Meter

LOOPBACK = "127.0.0.1"
LEAVING_S = 5.0
MOST_REFUSALS = 1_000  # that are logged: an Agent must not fill the disk


class ModelProxy:
    """Once entered it listens, and refuses everything until `lead_to`; each decision is a line of `model.jsonl`."""

    def __init__(self, folder: Path, isolation: Isolation, *, meter: Meter, clock: Callable[[], datetime]) -> None:
        self.key = f"made-up-{secrets.token_urlsafe(24)}"  # what the Agent is given instead of the real one
        self.socket = folder / "model.sock" if isolation is Isolation.BUBBLEWRAP else None
        self.port = 0
        self.requests = 0
        self.refusals = 0
        self._log = folder / "model.jsonl"
        self._manifest = Manifest(folder)
        self._meter = meter
        self._clock = clock

    @property
    def base_url(self) -> str:
        """Where the Agent finds its model: the bridge in its box, or this proxy itself."""
        return f"http://{LOOPBACK}:{self.port or PORT}"

    def __enter__(self) -> "ModelProxy":
        # Here, because its HTTP libraries would slow down every command that never runs an Agent.
        from improver.sandbox.forwarding import Forwarding

        listener = _unix(self.socket) if self.socket else socket.create_server((LOOPBACK, 0))
        self.port = 0 if self.socket else listener.getsockname()[1]
        self._forwarding = Forwarding(self.key, self._decided, self._sending, self._meter)
        serve = self._forwarding.serve
        self._thread = threading.Thread(target=serve, args=(listener,), name="model-proxy", daemon=True)
        self._thread.start()
        return self

    def lead_to(
        self,
        origin: str,
        headers: Mapping[str, str],
        paths: tuple[str, ...],
        requests: int,
        renewed: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        """Name the one model API, the headers to add, the paths that may be asked for, and how often in all.

        `renewed` reads the headers anew: asked once, when the API refuses these.
        """
        self._forwarding.upstream = Upstream.checked(origin, headers, paths, requests, renewed)

    def __exit__(self, *_: object) -> None:
        self._forwarding.stop()
        self._thread.join(LEAVING_S)
        if self.socket:
            self.socket.unlink(missing_ok=True)

    def _sending(self, method: str, path: str, body: bytes) -> None:
        self._manifest.note(self._clock(), method, path, body)

    def _decided(self, decision: Decision) -> None:
        self.requests += 1
        self.refusals += 0 if decision.allowed else 1
        if not decision.allowed and self.refusals > MOST_REFUSALS:
            return
        line = {"at": self._clock().isoformat(), **decision.record()}
        with self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")


def _unix(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    os.fchmod(listener.fileno(), 0o600)  # before it has a name: there is no moment when others could connect
    with unix.address(path) as address:
        listener.bind(address)
    listener.listen()
    return listener
