"""The parts of one hunk, each of which can be taken away alone: its blocks, changed lines, added statements."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import PurePosixPath

from improver.gates import _python_pieces
from improver.gates._hunks import COMMENT, IMPORTS, Hunk, blocks, inert
from improver.model import Change

# Of other files a test may well look at one place only: a page, a table of data.
BY_LINES = {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".go", ".rb", ".java", ".kt", ".cs", ".php", ".rs"}
ALIKE = 0.6
MOST_COMPARED = 10_000  # pairs of lines
QUOTED = re.compile(r"'[^'\\]*(?:\\.[^'\\]*)*'|\"[^\"\\]*(?:\\.[^\"\\]*)*\"|`[^`]*`")
WORD = re.compile(r"[\w$]+")
CALLED = re.compile(r"([\w$]+)\s*\(")
KEYWORDS = {
    "const", "let", "var", "val", "def", "func", "fn", "function", "return", "if", "else", "for", "while", "new",
    "await", "async", "in", "of", "try",
}  # fmt: skip
# What does nothing that a test could miss: types, jumps to where it goes anyway, words for a log.
WITHOUT_EFFECT = re.compile(
    r"\s*(?:(?:export\s+)?(?:declare\s+)?(?:interface|type)\b|(?:return|continue|break)\s*;?\s*$|[\])}]"
    r"|(?:console|log|logger|_log|_logger|LOG|Log)\b\.\w+\()"
)
GUARD = re.compile(r"\s*(?:if\b|unless\b|throw\b|raise\b|assert\b|(?:await\s+)?[\w$.]+\()")


def pieces(change: Change, hunk: Hunk) -> Iterator[Hunk]:
    """Largest first, each with what the base had in its place; what means nothing to the program is left out."""
    text, suffix = change.text(hunk.path), PurePosixPath(hunk.path).suffix
    if text is None or not (suffix == ".py" or suffix in BY_LINES):
        return
    parts = [_whole(hunk, text)] if hunk.is_file else blocks(hunk)
    found = parts if len(parts) > 1 else []
    base = change.text(hunk.path, base=True) or ""
    for part in parts:
        pairs = _pairs(part, text)
        find = _python_pieces.find if suffix == ".py" else _by_lines
        found = [*found, *_changed(part, base, pairs), *find(part, text, base, pairs)]
    yield from (piece for piece in found if not inert(change, piece))


def _whole(hunk: Hunk, text: str) -> Hunk:
    lines = tuple(f"+{line}" for line in text.splitlines())
    return Hunk(path=hunk.path, line=1, length=len(lines), body=lines)


def _pairs(part: Hunk, text: str) -> dict[int, int]:
    """Lines of the change by number, with the place in `was` of the line that each stands for."""
    added = text.split("\n")[part.line - 1 : part.line - 1 + part.length]
    if len(added) * len(part.was) > MOST_COMPARED:
        return {}
    found: dict[int, int] = {}
    after = 0
    for place, was in enumerate(part.was):
        likeness = [(_alike(was, line), -number) for number, line in enumerate(added[after:], after)]
        best = max(likeness, default=(0.0, 0))
        if best[0] >= ALIKE:
            after = 1 - best[1]
            found[part.line - best[1]] = place
    return found


def _alike(one: str, other: str) -> float:
    one, other = one.strip(), other.strip()
    if not one or not other:
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= ALIKE else 0.0


def _changed(part: Hunk, base: str, pairs: Mapping[int, int]) -> Iterator[Hunk]:
    if part.length == len(part.was) == 1:
        return  # the block itself
    added = [line[1:] for line in part.body if line[0] == "+"]
    known, had, has = set(WORD.findall(base)), set(WORD.findall("".join(part.was))), set(WORD.findall("\n".join(added)))
    for line, place in pairs.items():
        ours, was = added[line - part.line], part.was[place]
        # Neither what is only moved to another depth, nor what only gives a part of the line a name.
        if ours.strip() != was.strip() and (_brings(ours, known, had) or set(WORD.findall(was)) - has):
            yield Hunk(path=part.path, line=line, length=1, was=(was,), body=(f"-{was.rstrip()}", f"+{ours}"))


def _by_lines(part: Hunk, text: str, base: str, pairs: Mapping[int, int]) -> Iterator[Hunk]:
    """Whole statements, as far as their brackets tell: what was cut wrong does not run, and counts as needed."""
    lines = text.split("\n")[part.line - 1 : part.line - 1 + part.length]
    known, had = set(WORD.findall(base)), set(WORD.findall("".join(part.was)))
    cuts = [
        Hunk(path=part.path, line=part.line + start, length=length, body=tuple(f"+{one}" for one in chunk))
        for start in range(len(lines))
        if part.line + start not in pairs and (length := _balanced(lines[start:]))
        if not WITHOUT_EFFECT.match((chunk := lines[start : start + length])[0])
        if not part.was or _brings("\n".join(chunk), known, had)
    ]
    yield from sorted((one for one in cuts if not _says_nothing(one)), key=lambda one: -one.length)
    yield from _restored(part, pairs)


def _brings(chunk: str, known: set[str], had: set[str]) -> bool:
    """Whether there is more in it than what the base's own lines did here, under new names for what they held."""
    said = {word for word in WORD.findall(chunk) if word in known or word[0].isdigit()} | set(CALLED.findall(chunk))
    return bool(said - had - KEYWORDS) or bool(QUOTED.search(chunk))


def _says_nothing(cut: Hunk) -> bool:
    return all(COMMENT.match(line) or IMPORTS.match(line) for line in cut.swapped)


def _restored(part: Hunk, pairs: Mapping[int, int]) -> Iterator[Hunk]:
    """Checks and calls of the base that are gone: where they were, as far as can be told."""
    if not part.length:
        return
    kept = {place: line for line, place in pairs.items()}
    for place, was in enumerate(part.was):
        length = _balanced([line.rstrip("\n") for line in part.was[place:]])
        gone = part.was[place : place + length]
        if place in kept or not length or not GUARD.match(was) or WITHOUT_EFFECT.match(was):
            continue
        yield part.restored(place, gone, kept)


def _balanced(lines: Sequence[str]) -> int:
    """How many lines the statement has that begins here; 0 if it does not end."""
    bare = [QUOTED.sub("", line) for line in lines]
    if not bare or not bare[0].strip():
        return 0
    depths = accumulate(sum(map(line.count, "([{")) - sum(map(line.count, ")]}")) for line in bare)
    for number, depth in enumerate(depths, 1):
        if depth <= 0:
            return number if depth == 0 else 0
    return 0
