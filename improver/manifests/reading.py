"""Reads files of a repository that anybody may have written: a link, a pipe, a huge or broken one says nothing."""

import json
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MAX_BYTES = 16 << 20
MAX_FOLDERS = 2000
MAX_DEPTH = 4
FOREIGN = ("node_modules", "vendor", "target", "dist", "build", "site-packages", "__pycache__")


def text(file: Path) -> str:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as opened:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
            return ""
        return opened.read(MAX_BYTES).decode(errors="replace")


def toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text(file))
    except (ValueError, RecursionError):
        return {}


def object_of(file: Path) -> dict[str, Any]:
    """What a JSON file holds, if that is an object."""
    try:
        found = json.loads(text(file))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def table(within: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def tables(within: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = within.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def folders(root: Path) -> Iterator[Path]:
    """The root and the project's own folders below it, as far as they are worth a look: an app may have several."""
    left = [(root, 0)]
    for _ in range(MAX_FOLDERS):
        if not left:
            return
        folder, depth = left.pop(0)
        yield folder
        if depth < MAX_DEPTH:
            left += [(below, depth + 1) for below in _below(folder)]


def _below(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(path for path in found if not _is_foreign(path))


def _is_foreign(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in FOREIGN or (folder / "pyvenv.cfg").exists()
