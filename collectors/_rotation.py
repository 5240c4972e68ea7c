"""Finds the files that a pattern means, and where rotation has put those that were being read."""

import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

MAX_FILES = 500
MAX_FOLDER = 10_000
MAX_COPIES = 50

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip")
# What logrotate and log libraries append: app.log.1, app.log-20261121, app.log.2026-11-21_12.
_ROTATED = re.compile(r"[.-][0-9][0-9T:_.-]{0,40}\Z")

Node = str


def _absolute(pattern: str) -> str:
    if not pattern.startswith(("/", "~")):
        raise ValueError('must be an absolute path, or begin with "~"')
    return pattern


Pattern = Annotated[str, AfterValidator(_absolute)]


def matching(patterns: Iterable[str]) -> dict[str, str]:
    """Path → the first pattern that means it, the most recently written first; compressed files are nobody's."""
    found: dict[str, str] = {}
    for pattern in patterns:
        for path in _globbed(pattern):
            found.setdefault(path, pattern)
    statuses = {path: status for path in found if (status := _status(path))}
    newest = sorted(statuses, key=lambda path: (-statuses[path].st_mtime_ns, path))
    return {path: found[path] for path in newest}


def located(found: Collection[str], known: Mapping[Node, str], limit: int) -> dict[Node, str]:
    """Where each file is now: the first ones found, and known ones that were renamed."""
    places: dict[Node, str] = {}
    for path in islice(found, limit):
        status = _status(path)
        is_old = bool(_ROTATED.search(path)) and _ROTATED.sub("", path) in found
        if status and (node_of(status) in known or not is_old):
            places.setdefault(node_of(status), path)
    for node, path in known.items():
        if node not in places and (place := _renamed(node, path, found)):
            places[node] = place
    return dict(islice(places.items(), 2 * limit))


def missed(path: str, rotated: Collection[str], places: Mapping[Node, str]) -> dict[Node, str]:
    """Files that were made at the path and rotated away while nobody looked: newer than those that were read."""
    written = [status.st_mtime_ns for one in rotated if (status := _status(one))]
    found: dict[Node, str] = {}
    for sibling in _siblings(path) if written else ():
        status = _status(sibling)
        is_rotated = sibling.startswith(path) and _ROTATED.fullmatch(sibling[len(path) :])
        if status and is_rotated and status.st_mtime_ns > max(written):
            found[node_of(status)] = sibling
    return {node: sibling for node, sibling in found.items() if node not in places}


def continuation(
    path: str, places: Mapping[Node, str], continues: Callable[[str], bool]
) -> tuple[Node, str] | None:
    """The copy of a file that was truncated then: the newest sibling that goes on where reading stopped."""
    found = ((_status(sibling), sibling) for sibling in _siblings(path))
    copies = [(status.st_mtime_ns, node_of(status), sibling) for status, sibling in found if status]
    newest = sorted((one for one in copies if one[1] not in places), reverse=True)[:MAX_COPIES]
    return next(((node, sibling) for _, node, sibling in newest if continues(sibling)), None)


def node_of(status: os.stat_result) -> Node:
    return f"{status.st_dev}:{status.st_ino}"


def is_at(node: Node, path: str) -> bool:
    status = _status(path)
    return status is not None and node_of(status) == node


def _globbed(pattern: str) -> Iterator[str]:
    whole = Path(pattern).expanduser()
    for path in Path(whole.anchor).glob(str(whole.relative_to(whole.anchor))):
        if path.suffix not in _COMPRESSED:
            yield str(path)


def _renamed(node: Node, path: str, found: Collection[str]) -> str:
    """Empty for what is gone, or was found and is one too many."""
    if is_at(node, path):
        return "" if path in found else path
    return next((one for one in _siblings(path) if (status := _status(one)) and node_of(status) == node), "")


def _siblings(path: str) -> list[str]:
    """Files beside it whose names begin as its own does."""
    folder, _, name = path.rpartition("/")
    stem = _ROTATED.sub("", name).partition(".")[0]
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MAX_FOLDER) if entry.name.startswith(stem)]
    except OSError:
        return []
    return sorted(f"{folder}/{one}" for one in names if one != name and not one.endswith(_COMPRESSED))


def _status(path: str) -> os.stat_result | None:
    """None for what is no file, or not any more."""
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
