"""Boxes of every kind this machine has, and a way to ask who is still running in them."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from improver.model import Boxed, Isolation
from improver.sandbox import Order, landlock, run


def need(isolation: Isolation) -> Isolation:
    if isolation is Isolation.BUBBLEWRAP and shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    if isolation is Isolation.LANDLOCK and not landlock.abi():
        pytest.skip("needs a kernel with Landlock: 5.13 or newer, with landlock in its lsm= list")
    return isolation


@pytest.fixture
def bubblewrap() -> Isolation:
    return need(Isolation.BUBBLEWRAP)


@pytest.fixture
def confined() -> Isolation:
    return need(Isolation.LANDLOCK)


@pytest.fixture(params=[Isolation.BUBBLEWRAP, Isolation.LANDLOCK, Isolation.HOST])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    return need(request.param)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    return made


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where boxes keep their own temporary files."""
    made = tmp_path / "scratch"
    made.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(made))
    return made


@pytest.fixture
def shell(tree: Path) -> Callable[..., Boxed]:
    def run_script(isolation: Isolation, script: str, **more: Any) -> Boxed:
        order = Order(argv=("sh", "-c", script), tree=tree, **{"wall_clock_s": 20.0, **more})
        return run(order, isolation)

    return run_script


def running(marker: str) -> list[str]:
    """Every process on this machine that has the marker in its command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if marker in line:
            found.append(line)
    return found


def eventually(true: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def still_running() -> Callable[[str], list[str]]:
    return running


@pytest.fixture
def soon() -> Callable[..., bool]:
    return eventually
