"""The real JavaScript SDKs of tests/js/package.json, installed once for each version of its lock file."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "js"
FILES = ("package.json", "package-lock.json")
OLDEST_NODE = 20  # that these SDKs run on


def node_modules() -> Path:
    """Where they are; skips the test that asks where they cannot be had."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}: apt-get install nodejs npm")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    if int(version.removeprefix("v").partition(".")[0]) < OLDEST_NODE:
        pytest.skip(f"needs Node {OLDEST_NODE} or newer, not {version.strip()}")
    pinned = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    installed = Path(tempfile.gettempdir()) / f"improver-tests-js-{os.getuid()}-{pinned}"
    if not installed.is_dir():
        _install(installed)
    return installed / "node_modules"


def _install(installed: Path) -> None:
    """Beside its place and then moved there, so that nobody finds half of it."""
    with tempfile.TemporaryDirectory(dir=installed.parent) as folder:
        work = Path(folder) / "work"
        work.mkdir(mode=0o700)
        for name in FILES:
            shutil.copy(HERE / name, work)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=work, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"needs the packages of tests/js, and npm ci failed: {done.stderr[-500:]}")
        if not installed.is_dir():
            work.rename(installed)
