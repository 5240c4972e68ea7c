"""A peer that runs: where it listens, what it is sent, and how one sees what it has stored."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_S = 180.0
STOP_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """`stored` counts what it has persisted; `requests` are as many as it takes some ten seconds for."""

    name: str
    url: str
    format: str
    requests: int
    stored: Callable[[], int]
    key: str = "none"
    project: int = 1
    headers: Mapping[str, str] = field(default_factory=dict)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def process(command: Sequence[str | Path], folder: Path, **more: str) -> Iterator[None]:
    """Ends with everything that it started."""
    with (folder / "log").open("ab") as log:
        running = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **more},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        _end(running)


def _end(running: subprocess.Popen[bytes]) -> None:
    os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def wait_until_up(url: str, folder: Path) -> None:
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"{url} does not answer: {(folder / 'log').read_text()[-2000:]}")


def count(database: Path, sql: str) -> int:
    """Of a SQLite file that somebody else is writing; 0 while its table is not there yet."""
    for _ in range(50):
        try:
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
                return int(connection.execute(sql).fetchone()[0] or 0)
        except sqlite3.OperationalError:
            time.sleep(0.2)
    return 0
