"""What the apps are written with, installed once for each version of the lists beside them; only recording needs it."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

APPS = Path(__file__).parent / "apps"


def python() -> Path:
    return _installed("python", ("requirements.txt",), _venv) / "bin" / "python"


def node_modules() -> Path:
    return _installed("node", ("package.json", "package-lock.json"), _npm) / "node_modules"


def _installed(kind: str, lists: tuple[str, ...], install: Callable[[Path], None]) -> Path:
    pinned = hashlib.sha256(b"".join((APPS / name).read_bytes() for name in lists)).hexdigest()[:16]
    place = Path(tempfile.gettempdir()) / f"improver-scenarios-{kind}-{os.getuid()}-{pinned}"
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700)
        install(place)
        (place / "complete").touch()
    return place


def _venv(place: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([place / "bin" / "pip", "install", "-q", "-r", APPS / "requirements.txt"], check=True, timeout=600)


def _npm(place: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(APPS / name, place)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=place, check=True, timeout=600)
