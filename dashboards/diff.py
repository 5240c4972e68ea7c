"""Reads a unified diff into files and numbered lines, for showing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SHOWN_LINES = 1500
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, kw_only=True, slots=True)
class DiffLine:
    kind: str  # add, del, same, hunk or note
    text: str
    old: int | None = None
    new: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DiffFile:
    path: str
    lines: tuple[DiffLine, ...]
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Diff:
    files: tuple[DiffFile, ...]
    left_out: int  # lines past what a page shows


@dataclass(slots=True)
class _Open:
    """The file that is being read."""

    path: str
    lines: list[DiffLine] = field(default_factory=list)

    def closed(self) -> DiffFile:
        kinds = [line.kind for line in self.lines]
        return DiffFile(path=self.path, lines=tuple(self.lines), added=kinds.count("add"), removed=kinds.count("del"))


def parse(text: str) -> Diff:
    lines = text.removesuffix("\n").split("\n") if text else []
    files = tuple(_files(lines[:SHOWN_LINES]))
    return Diff(files=files, left_out=max(0, len(lines) - SHOWN_LINES))


def _files(lines: list[str]) -> Iterator[DiffFile]:
    current = _Open(path="")
    old = new = 0  # the next line's number on each side; 0 outside a hunk
    for line in lines:
        if line.startswith("diff --git "):
            if current.path or current.lines:
                yield current.closed()
            current, old, new = _Open(path=_path(line)), 0, 0
        elif match := _HUNK.match(line):
            old, new = int(match[1]), int(match[2])
            current.lines.append(DiffLine(kind="hunk", text=line))
        elif not old and not new:
            _header(current, line)
        else:
            shown = _line(line, old, new)
            old += shown.old is not None
            new += shown.new is not None
            current.lines.append(shown)
    if current.path or current.lines:
        yield current.closed()


def _line(line: str, old: int, new: int) -> DiffLine:
    if line.startswith("+"):
        return DiffLine(kind="add", text=line[1:], new=new)
    if line.startswith("-"):
        return DiffLine(kind="del", text=line[1:], old=old)
    if line.startswith("\\"):
        return DiffLine(kind="note", text=line[2:])
    return DiffLine(kind="same", text=line[1:], old=old, new=new)


def _header(current: _Open, line: str) -> None:
    """What git says about a file before its first hunk; what a reader needs of it is kept."""
    if line.startswith("+++ b/"):
        current.path = line.removeprefix("+++ b/").rstrip("\t")
    elif line.startswith(("new file", "deleted file", "old mode", "new mode", "Binary files")):
        current.lines.append(DiffLine(kind="note", text=line))


def _path(line: str) -> str:
    """From `diff --git a/P b/P`: both halves are the same, since renames are taken apart."""
    names = line.removeprefix("diff --git ")
    half = names[: len(names) // 2]
    return half.removeprefix("a/") if half.startswith("a/") else names
