"""Joins the lines of one record: a message with the lines below it, a stack, the exceptions that caused it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from improver.collectors._log_lines import Line, read
from improver.grouping.failing import tells_failure

MAX_LINES = 2000
MAX_BYTES = 256 * 1024
INFO, WARNING = 9, 13

# What goes on with the exception before it.
_GOES_ON = re.compile(
    r"Caused by: |Suppressed: |\.\.\. \d{1,9} (?:more|common frames)|The above exception was |During handling of the"
    r" above |from \S.{0,1000}:\d{1,9}:in |\[cause\]: |goroutine \d{1,9} \[|created by |exit status \d|\[signal \S"
    r"|Node\.js v\d|[})\]]{1,5}$|[\w./-]{1,500}:\d{1,9}:in [`'][^()]{1,500}$"
)
# What begins one, without a header of its own.
_PYTHON = "Traceback (most recent call last):"
# An exception group is drawn as a tree.
_GROUPED = re.compile(r"\s{2,60}[|+]")
_GROUP_ENDS = re.compile(r"\s{2,60}\+-{36}")
_GO = re.compile(r"panic: |fatal error: |(?:http: )?panic serving ")
_NODE = re.compile(r"(?:file:///|/|node:|[A-Z]:\\)[^\s:]{1,1000}(?::\d{1,9}){1,2}$")
_BEGINS = re.compile(
    r"Exception in thread \"|Uncaught |Unhandled |[\w./-]{1,500}:\d{1,9}:in [`'].{1,500}\([\w:]{1,200}\)$"
)
# Such a line inside a stack is a part of it.
_RAISED = re.compile(r"(?:[a-z][\w$]{0,80}\.){0,12}[A-Z][\w$]{0,80}(?:Error|Exception|Throwable)(?:: |$)")
_IN_GO = ("goroutine ", "created by ", "[signal ", "panic: ", "exit status ", "runtime")
# Cut in two, a private key would no longer look like one.
_KEY = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY")
_FRAME = re.compile(r"\s+(?:at |File \"|from )")


@dataclass(kw_only=True, slots=True)
class Record:
    """`number` is that of its first line, `at` where its first byte stands."""

    number: int
    at: int
    lines: list[Line] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    size: int = 0
    inside: str = ""  # the language in whose stack we are
    in_key: bool = False
    blank: bool = False

    @property
    def text(self) -> str:
        return "\n".join(line.said for line in self.lines).strip("\n")

    def take(self, line: Line, raw: bytes) -> None:
        self.lines.append(line)
        self.raw.append(raw)
        self.size += len(raw)
        self.blank = not line.said.strip()
        self.inside = _inside(self, line.said)
        if marks := _KEY.findall(line.said):
            self.in_key = marks[-1] == "BEGIN"

    def goes_on(self, line: Line) -> bool:
        """Whether this line, read next, is part of it."""
        first = self.lines[0]
        if line.ends_record or first.ends_record or line.stream != first.stream or self._is_full():
            return False
        return not line.headed and (self.in_key or self._holds(line.said))

    def _announces(self, said: str) -> bool:
        """Whether this one line, without a head, says what the traceback below it is of."""
        return _PYTHON in said[:80] and len(self.lines) == 1 and tells_failure(self.lines[0].said, INFO)

    def _is_full(self) -> bool:
        return len(self.lines) >= MAX_LINES or self.size >= MAX_BYTES

    def _holds(self, said: str) -> bool:
        first = self.lines[0]
        if self.inside in ("python", "raised") and _GROUPED.match(said):
            return True
        serious = first.headed and ((first.severity or 0) >= WARNING or tells_failure(first.said, INFO))
        if _begins(said) or (not self.inside and _RAISED.match(said)):
            # The stack of what the line above tells of, or of an exception that it led to.
            return _links(self.inside, said) if self.inside else serious or self._announces(said)
        if not said.strip() or said[0].isspace():
            return bool(self.inside or said.strip() or first.headed)
        if self.inside:
            return _HOLDS[self.inside](self, said)
        if _GOES_ON.match(said):
            return True
        # Somebody else may have printed below a harmless line.
        own = (first.severity or INFO) < WARNING and tells_failure(said, INFO)
        return first.headed and not self.blank and not own


def records(lines: Iterable[bytes], style: str) -> Iterator[Record]:
    """Every record that is not blank, in order; `lines` keep their line ends."""
    record: Record | None = None
    at = 0
    for number, raw in enumerate(lines, 1):
        line = read(raw, style)
        if record and record.goes_on(line):
            record.take(line, raw)
        else:
            if record:
                yield record
            record = Record(number=number, at=at) if line.said.strip() or line.ends_record else None
            if record:
                record.take(line, raw)
        at += len(raw)
    if record:
        yield record


def settled(body: bytes, style: str) -> int:
    """Where the last record begins: everything before it has ended."""
    last = 0
    for record in records(BytesIO(body), style):
        last = record.at + record.size if record.lines[0].ends_record else record.at
    return last


def _begins(said: str) -> bool:
    return _PYTHON in said[:80] or bool(_GO.match(said) or _NODE.match(said) or _BEGINS.match(said))


def _links(inside: str, said: str) -> bool:
    if inside == "linked":
        return _PYTHON in said[:80]
    return inside == "node" or (inside == "go" and bool(_GO.match(said)))


def _inside(record: Record, said: str) -> str:
    """Where we are after this line."""
    if _PYTHON in said[:80]:
        return "python"
    if record.inside == "python" and _GROUP_ENDS.fullmatch(said):
        return "raised"
    if _GO.match(said):
        return "go"
    if record.inside == "python" and said.strip() and not said[0].isspace():
        return "raised"
    if record.inside in ("raised", "linked"):
        linked = "The above exception was " in said or "During handling of the above " in said
        return "linked" if linked else record.inside
    if record.inside == "node":
        return "stack" if _FRAME.match(said) else "node"
    if not record.inside and _NODE.match(said):
        return "node"
    return "stack" if record.inside in ("", "stack") and _FRAME.match(said) else record.inside


def _is_call(said: str) -> bool:
    return said.endswith(")") and " " not in said.partition("(")[0]


_HOLDS: dict[str, Callable[[Record, str], bool]] = {
    "python": lambda record, said: True,
    "raised": lambda record, said: record.blank and bool(_GOES_ON.match(said)),
    "linked": lambda record, said: False,
    "node": lambda record, said: len(record.lines) < 20,
    "stack": lambda record, said: bool(_GOES_ON.match(said)),
    "go": lambda record, said: said.startswith(_IN_GO) or _is_call(said),
}
