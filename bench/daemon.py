"""The daemon under measurement: a process of its own, asked through its socket like any command asks it."""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from improver import read
from improver.answers.status import Status
from improver.client import Client
from improver.config import Settings, load
from improver.connect import sender_key
from improver.errors import ImproverError
from improver.keys import Key
from improver.model import TrustLabel

CONFIG = """\
data_dir = "data"
[ingest]
port = 0
grpc_port = 0
quota_per_minute = 100_000_000
[web]
port = 0
[dispatch]
auto = false
[targets.shop]
repo = "."
"""
POLL_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Persisted:
    """How many Payloads could be queried at a moment of the clock that all processes share."""

    at: float
    payloads: int


class Daemon:
    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.key: Key = sender_key(settings, "shop", TrustLabel.SERVER)
        self._process: subprocess.Popen[bytes] | None = None
        self.origin = ""

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def launch(self) -> None:
        command = [sys.executable, "-m", "improver", "--config", str(self.folder / "improver.toml"), "run"]
        with (self.folder / "daemon.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def start(self) -> float:
        """The seconds until it answers."""
        begun = time.perf_counter()
        self.launch()
        self.wait_until_up()
        return time.perf_counter() - begun

    def wait_until_up(self) -> None:
        while not Client(self.settings).daemon_answers():
            if self._process is None or self._process.poll() is not None:
                raise ImproverError("the daemon ended", hint=self.log()[-2000:])
            time.sleep(0.02)
        self.origin = self.status().daemon.ingest

    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Whatever state it is in."""
        if self._process and self._process.poll() is None:
            self.kill()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()

    def status(self) -> Status:
        return Client(self.settings).ask(read.status)

    def persisted(self) -> Persisted:
        status = self.status()
        return Persisted(at=time.monotonic(), payloads=sum(one.payloads for one in status.collectors.values()))

    def wait_for(self, payloads: int, seconds: float = 600.0) -> Persisted:
        """Until so many Payloads can be queried."""
        give_up = time.monotonic() + seconds
        while (now := self.persisted()).payloads < payloads:
            if time.monotonic() > give_up:
                raise SystemExit(f"only {now.payloads:,} of {payloads:,} Payloads were loaded in {seconds:.0f} s")
            time.sleep(POLL_S)
        return now

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@contextmanager
def running() -> Iterator[Daemon]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        config = Path(folder) / "improver.toml"
        config.write_text(CONFIG)
        daemon = Daemon(Path(folder), load(config, {}))
        try:
            daemon.start()
            yield daemon
        finally:
            daemon.stop()


class Watcher:
    """Looks at a daemon many times a second: what it has loaded, its memory, and its checkpoints."""

    def __init__(self, daemon: Daemon, every_s: float = POLL_S) -> None:
        self._daemon = daemon
        self._every_s = every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.persisted: list[Persisted] = []
        self.rss_mb: list[float] = []
        self.checkpoints = 0

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        log, size = self._daemon.settings.data_dir / "telemetry.duckdb.wal", 0
        while not self._done.wait(self._every_s):
            try:
                self.persisted.append(self._daemon.persisted())
            except ImproverError:
                continue  # it was too busy for a moment
            self.rss_mb.append(self._daemon.rss_mb())
            before, size = size, log.stat().st_size if log.exists() else 0
            self.checkpoints += size < before
