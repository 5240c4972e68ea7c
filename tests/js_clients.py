"""The real JavaScript programs of tests/js and tests/js_agents, installed once for each version of a lock file."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

SDKS = Path(__file__).parent / "js"
AGENTS = Path(__file__).parent / "js_agents"
FILES = ("package.json", "package-lock.json")
OLDEST_NODE = 20  # that they run on


def node_modules(listed: Path = SDKS) -> Path:
    """Where they are; skips the test that asks where they cannot be had."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: apt-get install nodejs npm")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"needs Node {OLDEST_NODE} or newer, not {version.strip()}")
    pinned = hashlib.sha256(b"".join((listed / name).read_bytes() for name in FILES)).hexdigest()[:16]
    installed = Path(tempfile.gettempdir()) / f"improver-tests-js-{os.getuid()}-{pinned}"
    with installed.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # they are large: the other workers wait, and use the same ones
        if not installed.is_dir():
            _install(listed, installed)
    return installed / "node_modules"


def _install(listed: Path, installed: Path) -> None:
    """Beside its place and then moved there, so that nobody finds half of it."""
    with tempfile.TemporaryDirectory(dir=installed.parent) as folder:
        work = Path(folder) / "work"
        work.mkdir(mode=0o700)
        for name in FILES:
            shutil.copy(listed / name, work)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=work, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"needs the packages of {listed}, and npm ci failed: {done.stderr[-500:]}")
        work.rename(installed)
