"""Runs the real wrapper as a process of its own, around small real apps in a real checkout."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Checkout

WRAPPER = """
import json, sys
from pathlib import Path
from improver.config import Settings, Target
from improver.config.settings import Ingest
from improver.errors import ImproverError
from improver.watch import WatchOptions, watch

asked = json.loads(sys.argv[1])
targets = {"shop": Target(repo=Path(asked.pop("repo")))}
settings = Settings(data_dir=Path(asked.pop("data")), ingest=Ingest(port=asked.pop("port", 45318)), targets=targets)
try:
    sys.exit(watch(WatchOptions(**{**asked, "argv": tuple(asked["argv"])}), settings))
except ImproverError as error:
    sys.exit(f"{error.message} / {error.hint}")
"""
# Nothing is slower than it must be, and a test that hangs is ended.
QUICK = {"first_backoff": 0.05, "longest_backoff": 0.1, "health_seconds": 0.3, "drain_seconds": 5}
PATIENCE_S = 20
FOREIGN = ("SENTRY_", "IMPROVER_", "OTEL_", "POSTHOG_")


@dataclass
class Watched:
    process: "subprocess.Popen[bytes]"
    folder: Path
    waited: bytes = b""

    @property
    def said(self) -> str:
        return (self.folder / "stderr").read_text(errors="replace")

    @property
    def stdout(self) -> str:
        return (self.folder / "stdout").read_text()

    def wait(self) -> int:
        return self.process.wait(PATIENCE_S)

    def until(self, seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < deadline, self.said
            assert self.process.poll() is None or seen(), self.said
            time.sleep(0.02)

    def until_said(self, words: str) -> None:
        self.until(lambda: words in self.said)

    def records(self, kind: str = "") -> list[dict[str, Any]]:
        found = [json.loads(path.read_text()) for path in sorted((self.folder / "data/crashes").glob("*.json"))]
        return [record for record in found if kind in ("", record["kind"])]

    def phases(self) -> list[tuple[str, str]]:
        return [(record["phase"], record["release"]) for record in self.records("run")]


@dataclass
class Wrapper:
    checkout: Checkout
    folder: Path
    started: list[Watched] = field(default_factory=list)

    def start(self, *argv: str, env: dict[str, str] | None = None, stdin: bytes = b"", **options: object) -> Watched:
        asked = {**QUICK, "argv": argv, "repo": str(self.checkout.path), "data": str(self.folder / "data"), **options}
        base = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        (self.folder / "stdin").write_bytes(stdin)
        with (
            (self.folder / "stdin").open("rb") as given,
            (self.folder / "stdout").open("wb") as out,
            (self.folder / "stderr").open("wb") as err,
        ):
            process = subprocess.Popen(
                [sys.executable, "-c", WRAPPER, json.dumps(asked)],
                cwd=self.checkout.path, env={**base, **(env or {})}, stdin=given, stdout=out, stderr=err,
            )  # fmt: skip
        self.started.append(Watched(process=process, folder=self.folder))
        return self.started[-1]

    def python(self, code: str, **more: Any) -> Watched:
        return self.start(sys.executable, "-c", code, **more)


@pytest.fixture
def wrapper(checkout: Checkout, tmp_path: Path) -> Iterator[Wrapper]:
    checkout.commit({"app.py": "print('hello')\n"})
    made = Wrapper(checkout=checkout, folder=tmp_path)
    yield made
    for watched in made.started:
        if watched.process.poll() is None:
            watched.process.send_signal(signal.SIGTERM)
            watched.process.wait(PATIENCE_S)
