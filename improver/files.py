"""Files that are on the disk when a function returns."""

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


def write(path: Path, text: str) -> None:
    """Either the whole text is there, or what was there before."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text)
    fresh.chmod(0o600)
    replace(fresh, path)
