"""Records scenarios: `python -m tests.scenarios.record NAME…` drives the real apps of each and keeps what they sent."""

import gzip
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from improver import plugins
from improver.config import settings
from improver.keys import Keys
from improver.receiving.asgi import Receive, Scope, Send, headers_of
from improver.receiving.receiver import Receiver
from improver.spool import Spool
from tests.js_clients import node_modules
from tests.scenarios import keys
from tests.scenarios.catalogue import catalogue
from tests.scenarios.recording import Recording, Sent, path_of, save
from tests.scenarios.stage import Stage

# The rest are the client's own and a browser's, which say nothing that a decoder or the receiver asks for.
KEPT = ("content-type", "x-improver-key", "authorization", "x-sentry-auth", "origin", "user-agent")
GZIP = b"\x1f\x8b"


class Recorder:
    """The real receiver, with a note taken of every request that it accepts."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.sent: list[Sent] = []
        self.take, self.round = "", 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._receiver(scope, receive, send)
            return
        body, statuses = bytearray(), []

        async def heard() -> Any:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def said(message: Any) -> None:
            statuses.append(message.get("status", 0))
            await send(message)

        await self._receiver(scope, heard, said)
        if not 200 <= statuses[0] < 300:
            print(f"  refused with {statuses[0]}: {scope['path']}", file=sys.stderr)
        elif scope["path"] != "/flags/":
            self.sent.append(self._note(scope, bytes(body)))

    def _note(self, scope: Scope, body: bytes) -> Sent:
        query = scope["query_string"].decode()
        zipped = body.startswith(GZIP)
        return Sent(
            take=self.take, round=self.round, at=time.time(), method=scope["method"],
            path=f"{scope['path']}?{query}" if query else scope["path"],
            headers=tuple((name, value) for name, value in headers_of(scope).items() if name in KEPT),
            body=gzip.decompress(body) if zipped else body, zipped=zipped,
        )  # fmt: skip


@contextmanager
def recorder(folder: Path) -> Iterator[tuple[Recorder, str]]:
    keys.write(folder / "keys.toml")
    spool = Spool(folder / "spool", settings.Spool(min_free_mb=0))
    known = {name: plugins.load("collectors", name) for name in plugins.names("collectors")}
    known = {name: plugin for name, plugin in known.items() if hasattr(plugin, "ROUTES")}
    configs: dict[str, Any] = {name: plugin.Config() for name, plugin in known.items()}
    configs["posthog"] = known["posthog"].Config(static=node_modules() / "posthog-js" / "dist")
    receiver = Receiver(
        spool=spool, keys=Keys.load(folder / "keys.toml"),
        collectors={name: (plugin, configs[name]) for name, plugin in known.items()},
        settings=settings.Ingest(), clock=lambda: datetime.now(UTC), fixes=folder / "fixes.json",
    )  # fmt: skip
    taking = Recorder(receiver)
    # A page that writes now and then must not meet a connection that is being closed.
    server = uvicorn.Server(uvicorn.Config(taking, port=0, log_config=None, timeout_keep_alive=120))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield taking, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        spool.close()


def record(name: str) -> Path:
    scenario = catalogue()[name]
    with tempfile.TemporaryDirectory(prefix="improver-scenario-") as folder, recorder(Path(folder)) as (taking, url):
        stage = Stage(url, Path(folder), scenario.part, taking)
        with stage:
            scenario.drive(stage)
            stage.flush()
    recording = Recording(sent=tuple(taking.sent), written=tuple(stage.written), maps=tuple(stage.maps))
    if not recording.sent and not recording.written:
        raise SystemExit(f"{name}: nothing was sent")
    save(recording, path_of(scenario))
    return path_of(scenario)


def main(names: list[str]) -> None:
    """Those named, or all that have no recording yet."""
    chosen = names or [name for name, scenario in catalogue().items() if not path_of(scenario).exists()]
    for name in chosen:
        begun = time.monotonic()
        path = record(name)
        print(f"{name}: {path.stat().st_size / 1024:.1f} kB in {time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
