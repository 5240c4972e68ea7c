"""The parts of a fix, and the fix without one of them: for asking whether each is needed."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from improver.gates._test_side import is_test_side
from improver.model import Change
from improver.paths import shown

HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
PROSE = {".md", ".rst", ".adoc"}
COMMENT = re.compile(r"\s*(?://|#|/?\*|--|<!--|;;|%|$)")
IMPORTS = re.compile(
    r"\s*(?:import\b|from\s.+\simport\b|use\s|require\b|#include\b|(?:const|let|var)\s.+=\s*require\()"
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hunk:
    """`was` are the base's lines where the change has `length` of its own from `line` on; a whole file has neither."""

    path: str
    line: int = 0
    length: int = 0
    was: tuple[str, ...] = ()
    body: tuple[str, ...] = field(default=(), compare=False)  # the diff's own lines
    base_line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{shown(self.path)}:{self.line}" if self.line else shown(self.path)

    @property
    def swapped(self) -> tuple[str, ...]:
        """Lines that it adds or removes."""
        return tuple(line[1:] for line in self.body if line[:1] in ("-", "+"))

    @property
    def is_file(self) -> bool:
        return not self.line

    def restored(self, place: int, gone: Sequence[str], kept: Mapping[int, int]) -> "Hunk":
        """Without the removal of some of its lines: behind those before them that still stand, by place and line."""
        line = max((line for other, line in kept.items() if other < place), default=self.line - 1)
        body = tuple(f"-{one.rstrip()}" for one in gone)
        return Hunk(path=self.path, line=line, was=tuple(gone), body=body)

    def without(self, text: str) -> str:
        *whole, rest = text.split("\n")
        lines = [f"{line}\n" for line in whole] + ([rest] if rest else [])
        # A hunk that only removes stands after its line.
        start = self.line if not self.length else self.line - 1
        return "".join([*lines[:start], *self.was, *lines[start + self.length :]])


def fix_of(change: Change) -> list[Hunk]:
    """The hunks of a change that its tests must need: not those of tests, of prose, or that nothing runs."""
    command = change.test_command
    sources = {
        file.path: file
        for file in change.files
        if not is_test_side(file.path, command) and not _is_prose(PurePosixPath(file.path))
    }
    whole = [Hunk(path=path) for path, file in sources.items() if file.status != "M"]
    parts = [hunk for hunk in hunks(change.diff) if hunk.path in sources and sources[hunk.path].status == "M"]
    return [*whole, *(hunk for hunk in parts if not inert(change, hunk))]


def _is_prose(path: PurePosixPath) -> bool:
    """What only people read: LICENSE and CHANGES.txt too."""
    shouted = path.suffix in ("", ".txt") and path.stem.isupper()
    return path.suffix.lower() in PROSE or shouted or bool({"doc", "docs"} & set(path.parts[:-1]))


def reverted(change: Change, hunk: Hunk) -> Path | None:
    """A checkout of the change without one of its hunks; None where the file is no text."""
    if hunk.is_file:
        return change.checkout(overlay=[hunk.path])
    text = change.text(hunk.path)
    return None if text is None else change.checkout(texts={hunk.path: hunk.without(text)})


def inert(change: Change, hunk: Hunk) -> bool:
    """Whether it changes nothing but comments, white space, imports, docstrings or annotations."""
    text = change.text(hunk.path)
    if text is not None and hunk.path.endswith(".py"):
        return _meaning(text) == _meaning(hunk.without(text)) is not None
    return all(COMMENT.match(line) or IMPORTS.match(line) for line in hunk.swapped)


def _meaning(text: str) -> str | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and node.body and _is_docstring(node.body[0]):
            node.body[0] = ast.Pass()
        for part in ("returns", "annotation"):
            if isinstance(getattr(node, part, None), ast.expr) and not isinstance(node, ast.AnnAssign):
                setattr(node, part, None)
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                setattr(node, block, [one for one in statements if not isinstance(one, _WITHOUT_MEANING)])
    return ast.dump(tree)


_WITHOUT_MEANING = (ast.Import, ast.ImportFrom, ast.Pass)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def hunks(diff: str) -> Iterator[Hunk]:
    """Counted by their heads, so that no line of a file can be taken for one of the diff's own."""
    lines = diff.split("\n")
    path, place = "", 0
    while place < len(lines):
        line = lines[place]
        place += 1
        if line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/").removesuffix("\t")
        elif head := HEAD.match(line):
            body, place = _body(lines, place, _counts(head))
            yield _hunk(path, head, body)


def _counts(head: re.Match[str]) -> tuple[int, int]:
    return int(head[2] or 1), int(head[4] or 1)


def _body(lines: Sequence[str], place: int, counts: tuple[int, int]) -> tuple[list[str], int]:
    """The lines of one hunk, and where the next begins."""
    body: list[str] = []
    old, new = counts
    while place < len(lines) and (old > 0 or new > 0 or lines[place].startswith("\\")):
        sign = lines[place][:1]
        old -= sign in ("-", " ", "")
        new -= sign in ("+", " ", "")
        body.append(lines[place])
        place += 1
    return body, place


def _hunk(path: str, head: re.Match[str], body: Sequence[str]) -> Hunk:
    return Hunk(
        path=path,
        line=int(head[3]),
        length=_counts(head)[1],
        was=tuple(_ended(body, number) for number, line in enumerate(body) if line[:1] in ("-", " ", "")),
        body=tuple(body),
        base_line=int(head[1]),
    )


def _ended(body: Sequence[str], number: int) -> str:
    """A line of the base with its end, which the last one of a file may lack."""
    unended = body[number + 1 : number + 2] and body[number + 1].startswith("\\")
    return body[number][1:] if unended else f"{body[number][1:]}\n"


def blocks(hunk: Hunk) -> list[Hunk]:
    """What of a hunk stands together without an unchanged line between."""
    new = hunk.line if hunk.length else hunk.line + 1
    old = hunk.base_line if _olds(hunk.body) else hunk.base_line + 1
    found: list[Hunk] = []
    start = 0
    for number, line in enumerate([*hunk.body, " "]):
        if line[:1] in ("-", "+", "\\"):
            continue
        if part := hunk.body[start:number]:
            added, removed = sum(one[0] == "+" for one in part), _olds(part)
            was = tuple(_ended(part, place) for place, one in enumerate(part) if one[0] == "-")
            found.append(
                Hunk(
                    path=hunk.path, line=new if added else new - 1, length=added, was=was, body=part, base_line=old
                )
            )  # fmt: skip
            new, old = new + added, old + removed
        new, old, start = new + 1, old + 1, number + 1
    return found


def _olds(body: Sequence[str]) -> int:
    return sum(line[:1] in ("-", " ", "") for line in body)
