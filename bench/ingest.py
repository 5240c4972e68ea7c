"""How many Sentry events a second a real daemon acks, each durable on disk, and gets into the Warehouse."""

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from improver import read
from improver.client import Client
from improver.config import Settings, load
from improver.connect import sender_key
from improver.keys import Key
from improver.model import TrustLabel

EVENTS = 4000
SENDERS = 8
PORTS = "[ingest]\nport = 0\n[web]\nport = 0\n"
CONFIG = f'data_dir = "data"\n{PORTS}[dispatch]\nauto = false\n[targets.bench]\nrepo = "."\n'


def measure() -> Iterator[str]:
    yield f"ingest, {EVENTS:,} events over HTTP from {SENDERS} senders on this same machine, one event a request:"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        config = Path(folder) / "improver.toml"
        config.write_text(CONFIG)
        settings = load(config, {})
        key = sender_key(settings, "bench", TrustLabel.SERVER)
        with _daemon(config, settings) as origin:
            begun = time.perf_counter()
            _send_all(origin, key)
            acked = time.perf_counter() - begun
            while Client(settings).ask(read.status).collectors["sentry"].events < EVENTS:
                time.sleep(0.05)
            persisted = time.perf_counter() - begun
    yield f"  acked (fsynced in the Spool)   {EVENTS / acked:6,.0f} events/s"
    yield f"  persisted in the Warehouse     {EVENTS / persisted:6,.0f} events/s"


@contextmanager
def _daemon(config: Path, settings: Settings) -> Iterator[str]:
    command = [sys.executable, "-m", "improver", "--config", str(config), "run"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not Client(settings).daemon_answers():
            time.sleep(0.05)
        yield Client(settings).ask(read.status).daemon.ingest
    finally:
        process.terminate()
        process.wait(timeout=30)


def _send_all(origin: str, key: Key) -> None:
    senders = [threading.Thread(target=_send, args=(origin, key, EVENTS // SENDERS)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def _send(origin: str, key: Key, count: int) -> None:
    place = urlsplit(origin)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={key.value}"}
    for number in range(count):
        connection.request("POST", f"/api/{key.project}/envelope/", _envelope(number), headers)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise SystemExit(f"the daemon answered {reply.status}")
    connection.close()


def _envelope(number: int) -> bytes:
    """An error with a stack of twenty frames, of one of fifty causes."""
    frames = [
        {"filename": f"app/module{depth}.py", "function": f"step{depth}_{number % 50}", "lineno": depth, "in_app": True}
        for depth in range(20)
    ]
    event = {
        "event_id": uuid.uuid4().hex,
        "timestamp": datetime.now(UTC).isoformat(),
        "platform": "python",
        "exception": {"values": [{"type": "ValueError", "value": f"no {number}", "stacktrace": {"frames": frames}}]},
    }
    lines = ({"event_id": event["event_id"]}, {"type": "event"}, event)
    return "".join(json.dumps(line) + "\n" for line in lines).encode()
