"""Plays a recording into an empty world: the real receiver and decoders, ingest, and one pass of the analysis."""

import asyncio
import contextvars
import gzip
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from improver import plugins, polling
from improver.answers.findings import FindingRow, FindingView, finding, findings
from improver.bundles.symbolicate import name_of_address
from improver.config import Settings, plugin_config
from improver.config import settings as config
from improver.opening import passing_runtime
from improver.receiving.receiver import Receiver
from improver.runtime import Runtime
from improver.stages import cluster, detect, ingest, rank
from tests.scenarios import keys
from tests.scenarios.label import Scenario
from tests.scenarios.recording import HERE, Recording, Sent, load, path_of
from tests.scenarios.schedule import Copy, copies
from tests.scenarios.shift import shifted

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT_ONCE = 64
QUIET_POLLS = 3
_received = contextvars.ContextVar[datetime]("received")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A Finding as the scorer sees it."""

    row: FindingRow
    view: FindingView


def replayed(scenario: Scenario, repo: Path) -> list[Found]:
    """What the analysis finds, best first."""
    with world(scenario, repo) as runtime:
        for stage in (detect, cluster, rank):
            stage.run(runtime)
        return [Found(row=row, view=finding(runtime, id=row.id)) for row in findings(runtime)]


@contextmanager
def world(scenario: Scenario, repo: Path) -> Iterator[Runtime]:
    """Everything of the scenario is in the Warehouse; nothing is analysed yet."""
    recording = load(path_of(scenario))
    with (
        tempfile.TemporaryDirectory(prefix="improver-scenario-") as folder,
        passing_runtime(_settings(recording, Path(folder), repo), clock=lambda: NOW) as runtime,
    ):
        keys.write(runtime.data.keys)
        runtime.keys.all()  # read once before many ask for them at the same time
        for one in recording.maps:
            runtime.maps.put(name_of_address(keys.TARGET, one.release, one.address), one.text.encode())
        played = list(copies(scenario, recording, NOW.timestamp()))
        _post(runtime, played)
        _follow(runtime, played, Path(folder))
        ingest.run(runtime)
        yield runtime


@cache
def repository(folder: Path, part: str) -> Path:
    """The sources of a part's apps as the Target's repository."""
    repo = folder / part
    shutil.copytree(HERE / part / "apps", repo, ignore=shutil.ignore_patterns("__pycache__"))
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false")
    for command in (("init", "-q", "-b", "main"), ("add", "-A"), (*identity, "commit", "-qm", "The apps")):
        subprocess.run(["git", *command], cwd=repo, check=True, capture_output=True)
    return repo


def _settings(recording: Recording, folder: Path, repo: Path) -> Settings:
    followed = {one.collector for one in recording.written}
    return Settings(
        data_dir=folder / "data",
        targets={keys.TARGET: {"repo": repo, "agent": "rehearsed"}},
        spool={"min_free_mb": 0},
        collectors={name: _pattern(name, folder) for name in followed},
    )


def _pattern(collector: str, folder: Path) -> dict[str, Any]:
    pattern = f"{folder / collector}/**/*"
    if collector == "logs":
        return {"sources": [{"path": pattern, "service": keys.TARGET, "environment": "production"}]}
    return {"files": [pattern], "service": keys.TARGET, "environment": "production"}


def _post(runtime: Runtime, played: list[Copy]) -> None:
    collectors = {}
    for name in plugins.names("collectors"):
        plugin = plugins.load("collectors", name)
        if hasattr(plugin, "ROUTES"):
            collectors[name] = (plugin, plugin_config(runtime.settings, "collectors", name, plugin))
    receiver = Receiver(
        spool=runtime.spool, keys=runtime.keys, collectors=collectors,
        settings=config.Ingest(quota_per_minute=10**9), clock=_received.get, fixes=runtime.data.root / "fixes.json",
    )  # fmt: skip
    # In the order of their arrival, as far as that can be told.
    waiting = sorted(
        ((one.at + copy.shift.by, number, one, copy) for copy in played for number, one in enumerate(copy.sent)),
        key=lambda all_: all_[:2],
    )

    async def everything() -> None:
        for first in range(0, len(waiting), AT_ONCE):
            some = waiting[first : first + AT_ONCE]
            await asyncio.gather(*(_ask(receiver, at, one, copy) for at, _, one, copy in some))

    asyncio.run(everything())


async def _ask(receiver: Receiver, at: float, one: Sent, copy: Copy) -> None:
    # Each task has a context of its own.
    _received.set(datetime.fromtimestamp(at, UTC))
    headers = dict(one.headers)
    body = shifted(one.body, one.path, headers.get("content-type", ""), copy.shift)
    path, _, query = one.path.partition("?")
    scope = {
        "type": "http", "method": one.method, "path": unquote(path), "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }  # fmt: skip
    if one.zipped:
        body = gzip.compress(body, 1, mtime=0)
        if "compression=" not in query:
            scope["headers"].append((b"content-encoding", b"gzip"))
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    await receiver(scope, receive, send)
    if not 200 <= statuses[0] < 300:
        raise AssertionError(f"the receiver answered {statuses[0]} to {one.path}")


def _follow(runtime: Runtime, played: list[Copy], folder: Path) -> None:
    files = [(copy, one) for copy in played for one in copy.written]
    for number, (copy, one) in enumerate(files):
        at = one.at + copy.shift.by
        path = folder / one.collector / str(number) / one.name
        path.parent.mkdir(parents=True)
        path.write_text(copy.shift.text(one.text))
        os.utime(path, (at, at))
    for collector in {one.collector for _, one in files}:
        quiet = 0
        # What one poll plans to read, the next one reads.
        while quiet < QUIET_POLLS:
            quiet = 0 if polling.poll(runtime, collector) else quiet + 1


