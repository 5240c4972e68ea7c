"""From stack frames to files and functions of the Target."""

from collections.abc import Callable, Iterable, Sequence

from improver.grouping import is_in_app
from improver.locate.clue import Spot
from improver.locate.functions import chosen, functions
from improver.model import Frame, LocatedBy
from improver.paths import odd

Read = Callable[[str], str]


def locate(
    frames: Sequence[Frame], files: Sequence[str], read: Read, told_by: LocatedBy = LocatedBy.FRAME
) -> Spot | None:
    """The innermost frame of the user's own code whose file is among the Target's."""
    for frame in reversed(frames):
        file = file_of(frame, files) if is_in_app(frame) else ""
        if file:
            return spot(file, read(file), frame.function, frame.lineno, told_by)
    return None


def spot(file: str, source: str, function: str, line: int | None, told_by: LocatedBy) -> Spot:
    """A place in a file: the line if the file is as long, the function if it is in it."""
    line = line if line and 1 <= line <= source.count("\n") + 1 else None
    around = chosen(functions(source, file), function, line)
    return Spot(
        file=file,
        told_by=told_by,
        function=around.name if around else "",
        line=line,
        first=around.first if around else None,
        last=around.last if around else None,
    )


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
    names = tuple(path[-1] for path in wanted)
    best: list[str] = []
    length = 0
    for file in files:
        if not file.endswith(names):
            continue
        parts = file.split("/")
        shared = max((_shared_tail(parts, path) for path in wanted), default=0)
        # A longer path in the repository that only shares its file name is no better than any other.
        if shared > length:
            best, length = [file], shared
        elif shared and shared == length:
            best.append(file)
    whole = [file for file in best if file.count("/") + 1 == length]
    candidates = whole or best
    return candidates[0] if len(candidates) == 1 and not misleads(candidates[0]) else ""


def misleads(path: str) -> bool:
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
