"""From stack frames to files and functions of the Target, and the commits that last touched them."""

import ast
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from improver.grouping import is_in_app
from improver.model import Frame, Location
from improver.paths import odd
from improver.repo import Repository

BLAMED_AROUND = 2
_DEFINITION = re.compile(r"\b(?:def|function|func|fn|fun|sub|class)\s+(?:\([^)\n]{0,80}\)\s*)?([A-Za-z_$][\w$]*)")


def locate(
    repository: Repository, revision: str, frames: Sequence[Frame], files: Sequence[str] | None = None
) -> Location | None:
    """The innermost frame of the user's own code that exists in the Target at this revision; `files` are its files."""
    files = repository.files(revision) if files is None else files
    for frame in reversed(frames):
        file = file_of(frame, files) if is_in_app(frame) else ""
        if file:
            return _located(repository, revision, file, frame)
    return None


def touched(frames: Sequence[Frame], files: Iterable[str]) -> tuple[str, ...]:
    """The Target's files that a stack names, innermost first."""
    known = tuple(files)
    found = (file_of(frame, known) for frame in reversed(frames) if is_in_app(frame))
    return tuple(dict.fromkeys(file for file in found if file))


def failing_line(frames: Sequence[Frame], file: str) -> int:
    """Where the innermost frame of the user's own code in this file stood, in the release that failed; 0 if unknown."""
    for frame in reversed(frames):
        if is_in_app(frame) and file_of(frame, (file,)):
            return frame.lineno or 0
    return 0


def file_of(frame: Frame, files: Iterable[str]) -> str:
    """The file whose path shares the longest tail with the frame's; nothing when two share it equally.

    Nor one whose name is more than a name: it goes into prompts, commit messages and pull requests.
    """
    wanted = [path.split("/") for path in _paths(frame)]
    best: list[str] = []
    length = 0
    for file in files:
        parts = file.split("/")
        shared = max((_shared_tail(parts, path) for path in wanted), default=0)
        # A longer path in the repository that only shares its file name is no better than any other.
        if shared > length:
            best, length = [file], shared
        elif shared and shared == length:
            best.append(file)
    whole = [file for file in best if file.count("/") + 1 == length]
    candidates = whole or best
    return candidates[0] if len(candidates) == 1 and not _misleads(candidates[0]) else ""


def _misleads(path: str) -> bool:
    return odd(path) or "`" in path


def _paths(frame: Frame) -> list[str]:
    module = frame.module.replace(".", "/") + ".py" if frame.module and frame.module != "__main__" else ""
    paths = [path.replace("\\", "/").lstrip("./") for path in (frame.abs_path, frame.filename, module)]
    return [path for path in paths if path and not path.startswith("<")]


def _shared_tail(one: list[str], other: list[str]) -> int:
    shared = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        shared += 1
    return shared


def _located(repository: Repository, revision: str, file: str, frame: Frame) -> Location:
    source = (repository.read(revision, file) or b"").decode(errors="replace")
    function = function_at(source, file, frame.function, frame.lineno)
    line = frame.lineno if frame.lineno and frame.lineno <= source.count("\n") + 1 else None
    suspects = repository.blame(revision, file, line, BLAMED_AROUND) if line else ()
    return Location(file=file, revision=revision, function=function, line=line, suspects=suspects[:3])


def function_at(source: str, file: str, name: str, line: int | None) -> str:
    """The named function if the file defines it, else the one around the line: never a name that is not in the code."""
    bare = name.rsplit(".", 1)[-1]
    if not file.endswith(".py"):
        return bare if bare in _DEFINITION.findall(source) else ""
    functions = _python_functions(source)
    named = [f for f in functions if f[0].rsplit(".", 1)[-1] == bare]
    around = [f for f in functions if line and f[1] <= line <= f[2]]
    both = [f for f in named if f in around]
    chosen = both or (named if len(named) == 1 else []) or around
    return chosen[-1][0] if chosen else ""


@lru_cache(maxsize=64)
def _python_functions(source: str) -> tuple[tuple[str, int, int], ...]:
    """Qualified name, first and last line of every function and method."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found: list[tuple[str, int, int]] = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append((prefix + child.name, child.lineno, child.end_lineno or child.lineno))
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                walk(child, f"{prefix}{child.name}.")
            else:
                walk(child, prefix)

    walk(tree, "")
    return tuple(found)
