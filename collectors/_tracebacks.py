"""Stacks in what a Python process printed when it died: tracebacks, and faulthandler's dumps."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from improver.collectors._exception_groups import held
from improver.grouping import is_in_app
from improver.model import Frame, Raised

MAX_FRAMES = 250
MAX_AFTER = 20  # lines printed after a traceback that is still taken for the cause of death

_HEADERS = ("Traceback (most recent call last):", "Exception Group Traceback (most recent call last):")
_LINKS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
# Loguru points at the frame that caught it.
_FRAME = re.compile(r'(?:\s{2,8}|> )File "([^"]{1,1024})", line ([0-9]{1,9})(?:,? in (.{1,300}))?')
_RAISED = re.compile(r"((?:(?:[A-Za-z_]\w{0,99}|<locals>)\.){0,20}[A-Za-z_]\w{0,99})(?:: (.*))?")
# An exception group is drawn as a tree: a bar before each line, a heading over each member, a line below the last.
_BAR = re.compile(r"( {2,60})(?:\| ?|\+ (?=Exception Group ))")
_MEMBER = re.compile(r"( {2,60}(?:\+-)?)\+-{16} (?:\d{1,9}|\.{3}) -{16}")
_END = re.compile(r"( {2,60})\+-{36}")
_THREAD = re.compile(r"(Current thread|Thread) 0x[0-9a-f]{1,16}.{0,200}\(most recent call first\):")
_FATAL = "Fatal Python error: "


def last_traceback(text: str) -> tuple[Raised, ...]:
    """The last traceback with the exceptions that led to it, oldest first, unless much else was printed after it."""
    tree = _Tree()
    for line in text.splitlines():
        tree.take(line)
    reader = tree.whole()
    return with_modules(reader.chain) if reader.after <= MAX_AFTER else ()


def fatal_error(text: str) -> tuple[str, tuple[Frame, ...]] | None:
    """What faulthandler said last, and the stack of the thread it was said of, outermost first."""
    begin = text.rfind(_FATAL)
    if begin < 0:
        return None
    first, *rest = text[begin + len(_FATAL) :].splitlines() or [""]
    threads = [number for number, line in enumerate(rest) if _THREAD.match(line)]
    current = [number for number in threads if rest[number].startswith("Current")]
    if not threads:
        return first[:1000], ()
    frames: list[Frame] = []
    for line in rest[(current or threads)[0] + 1 :]:
        found = _FRAME.fullmatch(line)
        if not found:
            break
        frames.append(_frame(found))
    return first[:1000], both_ends(frames[::-1])


def frame_at(file: str, *, function: str, lineno: int | None, code: str = "") -> Frame:
    absolute = file if file.startswith("/") else ""
    return Frame(filename=file, abs_path=absolute, function=function, lineno=lineno, context_line=code)


def both_ends(frames: list[Frame]) -> tuple[Frame, ...]:
    """Too deep a recursion loses its middle."""
    if len(frames) > MAX_FRAMES:
        frames = frames[: MAX_FRAMES // 2] + frames[-MAX_FRAMES // 2 :]
    return tuple(frames)


def short(type_name: str) -> str:
    """A type as Sentry's SDKs name it, so that one failure has one name: without its module."""
    return type_name.rpartition(".")[2]


def with_modules(chain: list[Raised]) -> tuple[Raised, ...]:
    """Modules below the folder of the app, as Sentry's SDK names them, so that one failure is one Finding.

    That folder is the one that all of the app's files are in, if one of them stands in it directly.
    """
    places = {PurePosixPath(frame.abs_path) for one in chain for frame in one.frames if _is_ours(frame)}
    folders = {place.parent for place in places}
    root = min(folders, key=lambda folder: len(folder.parts), default=None)
    if root is None or len(root.parts) < 2 or not all(folder.is_relative_to(root) for folder in folders):
        return tuple(chain)
    return tuple(replace(one, frames=tuple(_with_module(frame, root) for frame in one.frames)) for one in chain)


def _is_ours(frame: Frame) -> bool:
    return frame.abs_path.endswith(".py") and is_in_app(frame)


def _with_module(frame: Frame, root: PurePosixPath) -> Frame:
    if not _is_ours(frame) or frame.module:
        return frame
    inside = PurePosixPath(frame.abs_path).relative_to(root).with_suffix("")
    parts = inside.parts[:-1] if inside.name == "__init__" else inside.parts
    return replace(frame, module=".".join(parts)) if len(inside.parts) > 1 else frame


class _Tree:
    """Gives each line to what it is of: the whole, or a member of a group, or of a group within a group."""

    def __init__(self) -> None:
        self._levels = [(-1, _Reader())]

    def take(self, line: str) -> None:
        if found := _MEMBER.fullmatch(line):
            self._close(len(found[1]))
            self._levels.append((len(found[1]), _Reader()))
        elif found := _END.fullmatch(line):
            self._close(len(found[1]))
            self._levels[-1][1].hold()
        elif found := _BAR.match(line):
            self._close(len(found[1]) + 1)
            self._levels[-1][1].take(line[found.end() :])
        else:
            self._close(0)
            self._levels[-1][1].take(line)

    def whole(self) -> "_Reader":
        self._close(0)
        self._levels[0][1].hold()
        return self._levels[0][1]

    def _close(self, column: int) -> None:
        while self._levels[-1][0] >= column:
            _, member = self._levels.pop()
            member.hold()
            self._levels[-1][1].members.append(member.chain)


class _Reader:
    """Takes one line after the other, and keeps the last chain of exceptions."""

    def __init__(self) -> None:
        self.chain: list[Raised] = []
        self.members: list[list[Raised]] = []
        self.after = 0
        self._frames: list[Frame] | None = None
        self._linked = False

    def take(self, line: str) -> None:
        self.hold()
        if line.strip() in _HEADERS:
            self.chain = self.chain if self._linked else []
            self._frames, self._linked, self.after = [], False, 0
        elif self._frames is not None:
            self._inside(line, self._frames)
        elif line.strip() in _LINKS:
            self._linked = True
        else:
            self.after += bool(line.strip())

    def hold(self) -> None:
        """The members that were read, if any, belong to what was raised last."""
        if self.members:
            self.chain, self.members = list(held(self.chain, self.members)), []

    def _inside(self, line: str, frames: list[Frame]) -> None:
        if found := _FRAME.fullmatch(line):
            frames.append(_frame(found))
        elif line.startswith(" "):
            self._code(line.strip(), frames)
        elif found := _RAISED.fullmatch(line):
            self.chain.append(Raised(type=short(found[1]), value=found[2] or "", frames=both_ends(frames)))
            self._frames = None

    def _code(self, code: str, frames: list[Frame]) -> None:
        """The line below a frame; what is under that only points at a part of it."""
        if frames and not frames[-1].context_line and code.strip("^~ "):
            frames[-1] = replace(frames[-1], context_line=code[:300])


def _frame(found: re.Match[str]) -> Frame:
    return frame_at(found[1], function=found[3] or "", lineno=int(found[2]))
