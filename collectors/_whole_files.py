"""Files that are written in one go, test reports above all: taken whole, once for each time they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from improver.collectors._tail import Chunk, content_hash, opened, written_at
from improver.model.ids import digest

MAX_BODY = 20 << 20  # of one file, and of all in one poll


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFiles:
    chunks: tuple[Chunk, ...]
    state: dict[str, Any]
    unreadable: int = 0
    too_large: int = 0


def new_files(found: Mapping[str, str], state: Mapping[str, Any]) -> NewFiles:
    """`found` is path → pattern. A file is taken when two polls see it unchanged: its writer has finished."""
    chunks: list[Chunk] = []
    seen: dict[str, Any] = {}
    unreadable = too_large = 0
    for path, pattern in found.items():
        with opened(path) as (file, status):
            if file is None or status is None:
                unreadable += 1
                continue
            now = [status.st_mtime_ns, status.st_size]
            *before, taken = state.get(path, (None, None, False))
            room = MAX_BODY - sum(len(chunk.body) for chunk in chunks)
            too_large += status.st_size > MAX_BODY
            ready = before == now and not taken and status.st_size <= room
            if ready:
                body = file.read(MAX_BODY)
                chunk_id = digest(path, *now, content_hash(body), length=32)
                when = written_at(status)
                whole = Chunk(id=chunk_id, file=path, path=path, pattern=pattern, body=body, written_at=when, cut=False)
                chunks.append(whole)
            seen[path] = [*now, ready or (taken and before == now)]
    return NewFiles(chunks=tuple(chunks), state=seen, unreadable=unreadable, too_large=too_large)
