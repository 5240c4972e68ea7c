"""What a printed stack says of exceptions inside exceptions: which led to one, and which ones a group holds."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from improver.collectors._exception_groups import held
from improver.collectors._tracebacks import both_ends
from improver.model import Frame, Raised

MAX_DEPTH = 50
MAX_NESTED = 5

# Java and Kotlin, Node, its serializers, .NET.
CAUSES = ("Caused by: ", "[cause]: ", "caused by: ", "---> ")
_INNER = re.compile(r"\(Inner Exception #\d{1,9}\) ")
_INNER_ENDS = "<---"
_CAUSE_ENDS = "--- End of inner exception stack trace ---"
_ERRORS = re.compile(r"( {0,60})\[errors\]: \[")
# Node puts what has no frames into brackets.
_BRACKETED = re.compile(r"\[([^\[\]].{0,2000})\](?: \{)?,?")
_HOLDS_ONLY = ("AggregateException",)

Reader = Callable[[str, str], Frame | None]
Header = Callable[[str], Raised]


@dataclass(kw_only=True, slots=True)
class Node:
    """One exception as it was printed: its frames innermost first, what led to it, and what it only holds."""

    raised: Raised
    inner: bool = False  # printed as one of several, up to its own end
    frames: list[Frame] = field(default_factory=list)
    causes: list["Node"] = field(default_factory=list)
    members: list["Node"] = field(default_factory=list)

    def chain(self) -> tuple[Raised, ...]:
        own = replace(self.raised, frames=both_ends(self.frames[::-1])) if self.frames else self.raised
        led = [raised for cause in self.causes for raised in cause.chain()]
        return held((*led, own), [member.chain() for member in self.members])


def starts(line: str) -> bool:
    """Whether the line begins what is told of another exception."""
    return line.lstrip().startswith(CAUSES) or bool(_ERRORS.fullmatch(line))


def tree(lines: Sequence[str], frame_of: Reader, header_of: Header, nested: int = 0) -> Node | None:
    """None where nothing is said."""
    opened: list[Node] = []
    before, at = "", 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if opened and (found := _ERRORS.fullmatch(line)):
            end = _end_of(lines, at, found[1])
            if nested < MAX_NESTED:
                inside = _parted(lines[at:end], len(found[1]) + 2)
                told = (tree(one, frame_of, header_of, nested + 1) for one in inside)
                opened[-1].members += [node for node in told if node]
            at = end + 1
            continue
        _take(opened, line, frame_of(line.removesuffix(_INNER_ENDS).removesuffix(","), before), header_of)
        before = line
    return opened[0] if opened else None


def _take(opened: list[Node], line: str, frame: Frame | None, header_of: Header) -> None:
    stripped = line.strip()
    mark = next((mark for mark in CAUSES if stripped.startswith(mark)), "")
    if frame:
        (opened or [_open(opened, Node(raised=Raised(type="", value="")))])[-1].frames.append(frame)
    elif stripped == _CAUSE_ENDS and len(opened) > 1:
        opened.pop()
    elif mark or (not opened and stripped):
        _open(opened, _node(stripped.removeprefix(mark), header_of))
    if stripped.endswith(_INNER_ENDS):
        _close_inner(opened)


def _node(said: str, header_of: Header) -> Node:
    inner = _INNER.match(said)
    said = said[inner.end() :] if inner else said
    bracketed = _BRACKETED.fullmatch(said)
    return Node(raised=header_of(bracketed[1] if bracketed else said.removesuffix(_INNER_ENDS)), inner=bool(inner))


def _open(opened: list[Node], node: Node) -> Node:
    if len(opened) < MAX_DEPTH:
        if opened:
            above = opened[-1]
            (above.members if node.inner or above.raised.type in _HOLDS_ONLY else above.causes).append(node)
        opened.append(node)
    return node


def _close_inner(opened: list[Node]) -> None:
    while len(opened) > 1:
        if opened.pop().inner:
            return


def _end_of(lines: Sequence[str], start: int, indent: str) -> int:
    return next((n for n in range(start, len(lines)) if lines[n].startswith(f"{indent}]")), len(lines))


def _parted(lines: Sequence[str], column: int) -> list[list[str]]:
    """Each begins where the first one does; what stands further in is its own."""
    parts: list[list[str]] = []
    for line in lines:
        inside = line[column:]
        if not parts or (not line[:column].strip() and inside[:1].strip() and inside[0] not in "]})"):
            parts.append([])
        parts[-1].append(inside)
    return parts
