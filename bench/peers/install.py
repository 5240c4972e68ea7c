"""Sets up a peer of one version in an environment of its own, once, in the user's cache folder."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path


def environment(requirement: str) -> Path:
    """The folder of a virtual environment with this in it, e.g. "mlflow==3.17.2"."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "improver-bench"
    folder = cache / requirement.replace("==", "-")
    ready = folder / "ready"
    if not ready.exists():
        sys.stderr.write(f"installing {requirement} in {folder} (once) …\n")
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        if not _pip(folder, "install", requirement):
            _install_with_older_certificates(folder, requirement)
        ready.touch()
    return folder / "venv"


def _install_with_older_certificates(folder: Path, requirement: str) -> None:
    """A package that asks for newer certifi than the index has runs with the one it has: nothing is sent over TLS."""
    _pip(folder, "download", "--no-deps", "--dest", str(folder), requirement)
    wheel = next(folder.glob("*.whl"), None)
    if wheel is None or not (
        _pip(folder, "install", *_needed(wheel)) and _pip(folder, "install", "--no-deps", str(wheel))
    ):
        raise SystemExit(f"{requirement} cannot be installed from this index: see above")


def _needed(wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    for line in lines:
        if line.startswith("Requires-Dist:"):
            needed = line.partition(":")[2].strip()
            yield "certifi" if needed.startswith("certifi") else needed


def _pip(folder: Path, *arguments: str) -> bool:
    pip = [str(folder / "venv/bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    return subprocess.run([*pip, *arguments], check=False, stdin=subprocess.DEVNULL).returncode == 0
