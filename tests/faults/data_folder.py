"""A data folder that things happen to: what was acked, what is stored, and processes that die in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from improver import pipeline
from improver.config import Settings
from improver.model import Payload, TrustLabel
from improver.opening import owned_runtime
from improver.runtime import Runtime
from tests import world

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def settings(folder: Path, **spool: object) -> Settings:
    return Settings(
        data_dir=folder / "data",
        targets={"shop": {"repo": folder}},
        dispatch={"auto": False},
        spool={"min_free_mb": 0, **spool},
    )


def payload(number: int, body: bytes | None = None, at: datetime | None = None, **more: str) -> Payload:
    """An error with an id of its own, as it comes from a Sentry SDK."""
    record = {**world.error("shop@1", at=at or datetime.now(UTC)), "event_id": event_id(number)}
    return Payload(
        id=f"{number:016x}",
        received_at=at or datetime.now(UTC),
        body=json.dumps(record).encode() if body is None else body,
        trust=TrustLabel.SERVER,
        **{"collector": "sentry", "path": "/api/1/store/", "content_type": "application/json", **more},
    )


def event_id(number: int) -> str:
    return f"{number:032x}"


def ack(runtime: Runtime, *numbers: int, at: datetime | None = None) -> None:
    """What the receiver does before it answers 200."""
    runtime.spool.append_now([payload(number, at=at) for number in numbers])


def stored(runtime: Runtime) -> dict[int, int]:
    """Number → how many Events of it there are."""
    rows = runtime.warehouse.telemetry.rows("select client_id from errors")
    return dict(sorted(Counter(int(row["client_id"], 16) for row in rows).items()))


def once(*numbers: int) -> dict[int, int]:
    return dict.fromkeys(numbers, 1)


def stored_after_all(folder: Path, **spool: object) -> dict[int, int]:
    """What a healthy start finds, and loads."""
    with owned_runtime(settings(folder, **spool)) as runtime:
        pipeline.digest(runtime)
        return stored(runtime)


def newest_segment(folder: Path) -> Path:
    return max((folder / "data" / "spool").glob("*.seg"))


# What every script below begins with.
PREAMBLE = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from improver import pipeline
from improver.opening import owned_runtime
from tests.faults.data_folder import ack, once, payload, settings, stored

folder = Path(sys.argv[1])
def die():
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run(script: str, folder: Path, box: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A process that works on the folder, maybe in a box."""
    command = [*box, sys.executable, "-c", PREAMBLE + script, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def dies(script: str, folder: Path) -> str:
    """What it said before it was killed, by itself."""
    done = run(script, folder)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout


def lives(script: str, folder: Path, box: tuple[str, ...] = ()) -> str:
    done = run(script, folder, box)
    assert done.returncode == 0, done.stderr
    return done.stdout


def small_disk(folder: Path, size_mb: int) -> tuple[str, ...]:
    """A box in which this folder is a disk of that size."""
    return _box("--size", str(size_mb << 20), "--tmpfs", str(folder))


def read_only(folder: Path) -> tuple[str, ...]:
    return _box("--ro-bind", str(folder), str(folder))


def _box(*arguments: str) -> tuple[str, ...]:
    if not shutil.which("bwrap"):
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    box = ("bwrap", "--dev-bind", "/", "/", *arguments)
    if subprocess.run([*box, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user namespaces: sysctl kernel.unprivileged_userns_clone=1")
    return box


def damage(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)
        os.fsync(file.fileno())
