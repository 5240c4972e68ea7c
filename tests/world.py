"""A small world for tests: a real repository with a bug, a real data folder, and telemetry of the bug."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from improver import pipeline
from improver.config import Settings
from improver.keys import Keys
from improver.model import Payload, TrustLabel
from improver.opening import owned_runtime
from improver.runtime import Runtime

SHOP = """\
def total(prices):
    return sum(prices)


def average(prices):
    return total(prices) / len(prices)
"""
FIXED = SHOP.replace("return total(prices) / len(prices)", "return total(prices) / len(prices) if prices else 0")
TESTS = "from shop import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
REGRESSION = "from shop import average\n\n\ndef test_average_of_nothing():\n    assert average([]) == 0\n"
# Without the plugins of our own environment, which take longer to load than these tests take to run.
PYTEST = ["env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

_ordinals = itertools.count()


def git(repo: Path, *args: str) -> str:
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    # A fixed date makes a repository's ids the same in every run.
    env = {**os.environ, "GIT_AUTHOR_DATE": "2026-11-01T12:00:00Z", "GIT_COMMITTER_DATE": "2026-11-01T12:00:00Z"}
    done = subprocess.run(["git", *identity, *args], cwd=repo, check=True, capture_output=True, text=True, env=env)
    return done.stdout.strip()


def make_shop(folder: Path) -> Path:
    """A repository whose `average` fails on an empty list."""
    (folder / "tests").mkdir(parents=True)
    (folder / "shop.py").write_text(SHOP)
    (folder / "tests" / "test_shop.py").write_text(TESTS)
    (folder / "conftest.py").write_text("")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "A shop")
    return folder


GOOD_EDITS = [
    {
        "path": "shop.py",
        "old": "return total(prices) / len(prices)",
        "new": "return total(prices) / len(prices) if prices else 0",
    },
    {"path": "tests/test_average.py", "content": REGRESSION},
]


def plan(folder: Path, **step: object) -> Path:
    """A rehearsal of one step, for every Finding."""
    file = folder / "plan.json"
    file.write_text(json.dumps([{"location": "*", "say": "average divided by zero", "edits": GOOD_EDITS, **step}]))
    return file


def settings(
    tmp_path: Path, repo: Path, rehearsal: Path, *, dispatch: dict | None = None, **target: object
) -> Settings:
    whole = {
        "repo": repo, "agent": "rehearsed", "autonomy": "commit", "test": PYTEST,
        "readable": [Path(sys.prefix)], "clean_exposures": 3,
    }  # fmt: skip
    return Settings(
        data_dir=tmp_path / "data",
        targets={"shop": whole | target},
        agents={"rehearsed": {"plan": str(rehearsal)}},
        ingest={"port": 0, "grpc_port": 0},
        web={"port": 0},
        dispatch={"backoff_minutes": 0, "feedback_rounds": 0} | (dispatch or {}),
    )


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@contextmanager
def opened(chosen: Settings, clock: Clock | None = None) -> Iterator[Runtime]:
    with owned_runtime(chosen) as runtime:
        yield replace(runtime, clock=clock or Clock())


def server_key(runtime: Runtime, target: str = "shop") -> str:
    key = Keys.create(runtime.data.keys, target, TrustLabel.SERVER)
    return key.id


def error(
    release: str, *, at: datetime = NOW, user: str = "u1", value: str = "division by zero", line: int = 6
) -> dict:
    """What sentry-sdk would send of the shop's bug."""
    frames = [
        {"filename": "app.py", "function": "view", "module": "flask.app", "lineno": 100, "in_app": False},
        {"filename": "shop.py", "abs_path": "/srv/shop/shop.py", "function": "average", "module": "shop",
         "lineno": line, "in_app": True, "context_line": "    return total(prices) / len(prices)"},
    ]  # fmt: skip
    return {
        "event_id": f"{next(_ordinals):032x}",
        "timestamp": at.isoformat(),
        "platform": "python",
        "level": "error",
        "release": release,
        "environment": "production",
        "transaction": "average_view",
        "user": {"id": user},
        "contexts": {"trace": {"trace_id": f"{next(_ordinals):032x}", "span_id": "b" * 16}},
        "exception": {"values": [
            {"type": "ZeroDivisionError", "value": value, "stacktrace": {"frames": frames},
             "mechanism": {"type": "flask", "handled": False}},
        ]},
    }  # fmt: skip


def transaction(release: str, *, at: datetime = NOW, status: str = "ok") -> dict:
    return {
        "type": "transaction",
        "event_id": f"{next(_ordinals):032x}",
        "transaction": "average_view",
        "start_timestamp": at.isoformat(),
        "timestamp": at.isoformat(),
        "release": release,
        "environment": "production",
        "contexts": {"trace": {
            "trace_id": f"{next(_ordinals):032x}", "span_id": "c" * 16, "op": "http.server", "status": status,
        }},
        "spans": [],
    }  # fmt: skip


def send(runtime: Runtime, key_id: str, *records: dict, trust: TrustLabel = TrustLabel.SERVER) -> int:
    """Spool records as the receiver would, and digest them; the number of Events."""
    payloads = [
        Payload(
            id=f"{next(_ordinals):016x}", collector="sentry", path="/api/0/store/", received_at=runtime.clock(),
            body=json.dumps(record).encode(), key_id=key_id, trust=trust, content_type="application/json",
        )
        for record in records
    ]  # fmt: skip
    runtime.spool.append_now(payloads)
    return pipeline.digest(runtime)
