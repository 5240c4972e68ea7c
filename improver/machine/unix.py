"""Unix sockets by path, however long the path is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST = 100  # a socket's address holds 107 bytes at most, on macOS 103


@contextmanager
def address(path: Path) -> Iterator[str]:
    """What to bind or connect to: the path itself, or one through the folder's descriptor if it is too long."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
