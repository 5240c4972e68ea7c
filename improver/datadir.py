"""The layout of the data folder, and the lock that lets one process own it."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from improver.errors import ImproverError
from improver.machine import unix


class DataDir:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / "spool"
        self.quarantine = self.spool / "quarantine"
        self.polls = self.spool / "polls"
        self.crashes = root / "crashes"
        self.attempts = root / "attempts"
        self.specs = root / "specs"
        self.messages = root / "messages"
        self.spend = root / "spend"
        self.setups = root / "setups"
        self.sourcemaps = root / "sourcemaps"
        self.keys = root / "keys.toml"
        self.fixes = root / "fixes.json"
        self.audit = root / "audit.jsonl"
        self.pause_file = root / "PAUSED"
        self.resumed_file = root / "RESUMED"
        self.socket = root / "daemon.sock"
        self.lock_file = root / "lock"
        self.daemon_log = root / "daemon.log"

    def prepare(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.root.chmod(0o700)
            for folder in (self.spool, self.crashes, self.attempts, self.specs):
                folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise ImproverError(
                f"cannot use the data folder {self.root}: {error.strerror}",
                hint="set data_dir to a folder you may write",
            ) from error

    def paused(self) -> str:
        """Why improver is paused; empty when it is not. A file, so that it works with everything else broken."""
        try:
            return self.pause_file.read_text(errors="replace").strip() or "paused"
        except FileNotFoundError:
            return ""

    def pause(self, reason: str) -> None:
        self.pause_file.write_text(reason)

    def resume(self) -> None:
        """Also closes the breaker: failures from before now no longer count."""
        self.pause_file.unlink(missing_ok=True)
        self.resumed_file.touch()

    def resumed_at(self) -> datetime:
        try:
            return datetime.fromtimestamp(self.resumed_file.stat().st_mtime, UTC)
        except FileNotFoundError:
            return datetime.fromtimestamp(0, UTC)

    def call(self) -> socket.socket | None:
        """A connection to the daemon that owns the folder; None when no daemon does."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with unix.address(self.socket) as address:
                connection.connect(address)
        except OSError:
            connection.close()
            return None
        return connection

    def served(self) -> bool:
        connection = self.call()
        if connection:
            connection.close()
        return connection is not None

    @contextmanager
    def owned(self, patience_s: float = 0.0) -> Iterator[None]:
        """Hold the folder for this process; the kernel lets go when the process dies, however it dies.

        A command owns it for a moment, and may be waited for; a daemon owns it for good.
        """
        self.prepare()
        descriptor = os.open(self.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(descriptor, time.monotonic() + patience_s)
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int, give_up: float) -> None:
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= give_up or self.served():
                    holder = self.lock_file.read_text().strip() or "unknown"
                    raise ImproverError(
                        f"another improver (process {holder}) owns {self.root}",
                        hint="use the CLI beside the running daemon, stop that process, or set another data_dir",
                        retryable=True,
                    ) from error
            time.sleep(0.05)
