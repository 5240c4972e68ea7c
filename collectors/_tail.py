"""Follows files that grow: what is appended is handed on exactly once, through rotation and restarts."""

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO

from improver.collectors._rotation import MAX_FILES, continuation, is_at, located, missed, node_of
from improver.model.ids import digest

MAX_LINE = 64 * 1024
WINDOW = 1 << 20  # of one file in one poll
MAX_POLL = 16 << 20
MAX_LINES = 20_000  # in one chunk
MAX_SKIP = 32 << 20
MAX_WAITING = 5000  # files beyond the limit whose place is remembered
MARK = 256
LATEST = 4_102_444_800  # the year 2100: a file's time can be set to anything

# How much of some whole lines, of a file that this pattern means, surely belongs to records that have ended.
Settled = Callable[[bytes, str], int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Whole lines of one file, never handed on before the state named their range: read again, they are the same.

    `cut` marks the beginning of a line too long to be read.
    """

    id: str
    file: str  # another one for each opening of it
    path: str  # where the file was when it was first seen
    pattern: str
    body: bytes
    written_at: datetime
    cut: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """How far one file has been read; `planned` is the range that the next poll hands on, with its hash."""

    id: str
    path: str
    pattern: str
    at: str
    node: str
    offset: int = 0
    before: str = ""  # hash of what stands in front of the offset
    behind: str = ""  # and of what was seen there, and is not planned yet
    planned: int = 0
    planned_hash: str = ""
    cut: bool = False
    skipping: bool = False
    size: int = -1
    changed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """`lost` counts files that were truncated before they were read to their end."""

    chunks: tuple[Chunk, ...]
    state: dict[str, Any]
    unreadable: int = 0
    lost: int = 0


def follow(
    found: Mapping[str, str],
    state: Mapping[str, Any],
    settled: Settled,
    *,
    window: int = WINDOW,
    limit: int = MAX_FILES,
) -> Followed:
    """One poll of the first files `found`, path → pattern; the returned state is what the next one is given.

    A line that does not fit into the window is too long.
    """
    known = {entry.node: entry for entry in (Entry(**one) for one in state.get("files", ()))}
    follower = _Follower(state.get("opened", 0), settled, window)
    places = located(found, {node: entry.at for node, entry in known.items()}, limit)
    for node, at in list(places.items()):
        if entry := known.get(node):
            follower.read(replace(entry, at=at), places)
        else:
            elders = {known[one].at: place for one, place in places.items() if one in known and known[one].path == at}
            follower.open_missed(at, found[at], elders.values(), places)
            follower.read(follower.opened_entry(at, node, at, found[at]), places)
    follower.entries += waiting([entry for node, entry in known.items() if node not in places])
    return follower.followed()


def waiting(entries: Iterable[Entry]) -> list[Entry]:
    """Files that are too many now, but still there: written to again, they go on where reading stopped."""
    return list(islice((entry for entry in entries if is_at(entry.node, entry.at)), MAX_WAITING))


class _Follower:
    """One poll: collects chunks, and the entries for the next."""

    def __init__(self, opened: int, settled: Settled, window: int) -> None:
        self.opened = opened
        self.chunks: list[Chunk] = []
        self.entries: list[Entry] = []
        self.unreadable = 0
        self.lost = 0
        self._settled = settled
        self._window = window
        self._room = MAX_POLL

    def opened_entry(self, at: str, node: str, path: str, pattern: str) -> Entry:
        """The number of each opening is part of its lines' ids: the same bytes written anew are other lines."""
        self.opened += 1
        return Entry(id=digest(path, node, self.opened), path=path, pattern=pattern, at=at, node=node)

    def open_missed(self, path: str, pattern: str, rotated: Collection[str], places: dict[str, str]) -> None:
        found = missed(path, rotated, places)
        places.update(found)
        self.entries += [self.opened_entry(at, node, path, pattern) for node, at in found.items()]

    def followed(self) -> Followed:
        state = {"opened": self.opened, "files": [asdict(entry) for entry in self.entries]}
        return Followed(chunks=tuple(self.chunks), state=state, unreadable=self.unreadable, lost=self.lost)

    def read(self, entry: Entry, places: dict[str, str]) -> None:
        with opened(entry.at) as (file, status):
            if file is None or status is None or node_of(status) != entry.node:
                # Not allowed, or swapped meanwhile: the next poll finds where it is.
                self.unreadable += not os.access(entry.at, os.R_OK)
                self.entries.append(entry)
            elif (status.st_size, status.st_mtime_ns, entry.offset) == (entry.size, entry.changed, entry.size):
                self.entries.append(entry)
            else:
                body = _as_left(file, entry)
                self._restart(entry, places) if body is None else self._step(file, status, entry, body)

    def _restart(self, entry: Entry, places: dict[str, str]) -> None:
        """Truncated in place: what was not read yet may stand in a copy of it."""
        begun = entry.before or entry.behind or entry.planned
        copy = continuation(entry.at, places, lambda path: _continues(path, entry)) if begun else None
        if copy:
            node, at = copy
            places[node] = at
            self.entries.append(replace(entry, at=at, node=node, size=-1))
            self.open_missed(entry.path, entry.pattern, [at], places)
        else:
            self.lost += entry.size > entry.offset
        self.entries.append(self.opened_entry(entry.at, entry.node, entry.path, entry.pattern))

    def _step(self, file: BinaryIO, status: os.stat_result, entry: Entry, body: bytes) -> None:
        if body:
            self.chunks.append(_chunk(entry, body, status))
            entry = replace(_advanced(entry, body), skipping=entry.cut, planned=0, planned_hash="", cut=False)
        entry = _skipped(file, entry) if entry.skipping else entry
        quiet = (status.st_size, status.st_mtime_ns) == (entry.size, entry.changed)
        entry = replace(entry, size=status.st_size, changed=status.st_mtime_ns)
        self.entries.append(entry if entry.skipping else self._planned(file, entry, quiet))

    def _planned(self, file: BinaryIO, entry: Entry, quiet: bool) -> Entry:
        if self._room < self._window:
            return entry
        window = _at(file, entry.offset, self._window)
        lines = window[: window.rfind(b"\n") + 1]
        whole = _first_lines(lines)
        full = len(window) == self._window or len(whole) < len(lines)
        if not whole and full:
            return _with_plan(entry, window[:MAX_LINE], cut=True)
        # The last record of a file that is still written to may go on: it waits for its end, or for a quiet moment.
        end = len(whole) if quiet and not full else self._settled(whole, entry.pattern) or (len(whole) if full else 0)
        self._room -= end
        return _with_plan(entry, whole[:end]) if end else replace(entry, behind=_marked(window[:MARK]))


def _first_lines(lines: bytes) -> bytes:
    if lines.count(b"\n") <= MAX_LINES:
        return lines
    return b"\n".join(lines.split(b"\n", MAX_LINES)[:MAX_LINES]) + b"\n"


def _with_plan(entry: Entry, body: bytes, *, cut: bool = False) -> Entry:
    return replace(entry, planned=entry.offset + len(body), planned_hash=content_hash(body), behind="", cut=cut)


def _chunk(entry: Entry, body: bytes, status: os.stat_result) -> Chunk:
    chunk_id = digest(entry.id, entry.offset, entry.planned, entry.planned_hash, length=32)
    written = written_at(status)
    return Chunk(
        id=chunk_id, file=entry.id, path=entry.path, pattern=entry.pattern, body=body, written_at=written,
        cut=entry.cut,
    )  # fmt: skip


def written_at(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(min(max(status.st_mtime, 0), LATEST), UTC)


def _skipped(file: BinaryIO, entry: Entry) -> Entry:
    """Past a line that is too long; where it has no end yet, the next poll goes on."""
    for _ in range(MAX_SKIP // WINDOW):
        passed = _at(file, entry.offset, WINDOW)
        end = passed.find(b"\n") + 1
        entry = replace(_advanced(entry, passed[:end] if end else passed), skipping=not end)
        if end or not passed:
            break
    return entry


def _advanced(entry: Entry, passed: bytes) -> Entry:
    if not passed:
        return entry
    return replace(entry, offset=entry.offset + len(passed), before=_marked(passed[-MARK:]), behind="")


def _as_left(file: BinaryIO, entry: Entry) -> bytes | None:
    """What was planned to be handed on; None where the file is not the one that was read before."""
    if not _stands(file, entry.before, entry.offset - _length(entry.before)):
        return None
    if not _stands(file, entry.behind, entry.offset):
        return None
    body = _at(file, entry.offset, entry.planned - entry.offset) if entry.planned else b""
    return body if not entry.planned or content_hash(body) == entry.planned_hash else None


def _marked(body: bytes) -> str:
    return f"{len(body)}:{content_hash(body)}" if body else ""


def _length(mark: str) -> int:
    return int(mark.partition(":")[0] or 0)


def _stands(file: BinaryIO, mark: str, offset: int) -> bool:
    return _marked(_at(file, offset, _length(mark))) == mark


def _continues(path: str, entry: Entry) -> bool:
    with opened(path) as (file, _):
        return file is not None and _as_left(file, entry) is not None


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def content_hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, os.stat_result] | tuple[None, None]]:
    """Nothing but a regular file that may be read, and no pipe holds us up."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        yield None, None
        return
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        yield (file, status) if stat.S_ISREG(status.st_mode) else (None, None)
