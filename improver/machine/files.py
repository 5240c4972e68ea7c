"""Files that are whole and on the disk when a function returns, whenever the process or the machine stops."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """A file, and its name in its folder."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def replace(fresh: Path, path: Path) -> None:
    """Put a file in another's place, at once and for good."""
    sync(fresh)
    fresh.replace(path)
    sync(path)


def write(path: Path, content: bytes) -> None:
    """Either all of it is there, or what was there before; for its owner only, and its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    replace(fresh, path)
