"""Joins the lines of one record: a message with the lines below it, a stack, the exceptions that caused it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO

from improver.collectors._log_lines import Line, read
from improver.grouping.failing import tells_failure

MAX_LINES = 2000
MAX_BYTES = 256 * 1024
MAX_STACK = 2 << 20  # of a recursion's: its end would be taken for another failure
INFO, WARNING = 9, 13

# What goes on with the exception before it.
_GOES_ON = re.compile(
    r"Caused by: |Suppressed: |\.\.\. \d{1,9} (?:more|common frames)|The above exception was |During handling of the"
    r" above |from \S.{0,1000}:\d{1,9}:in |\[cause\]: |goroutine \d{1,9} \[|created by |exit status \d|\[signal \S"
    r"|Node\.js v\d|[})\]]{1,5}$|[^\s:][^:]{0,500}:\d{1,9}:in [`'][^']{1,500}'$"
)
# What begins one, without a header of its own.
_PYTHON = "Traceback (most recent call last):"
# An exception group is drawn as a tree.
_GROUPED = re.compile(r"\s{2,60}[|+]")
_GROUP_ENDS = re.compile(r"\s{2,60}\+-{36}")
_GO = re.compile(r"panic: |fatal error: |(?:http: )?panic serving ")
_RUST = re.compile(r".{0,400}?\bpanicked at (?:\S{1,1024}:\d{1,9}:\d{1,9}:|'.{1,2000}', \S{1,1024}:\d{1,9}:\d{1,9})")
_PHP = re.compile(r"(?:PHP )?[A-Z][\w ]{2,40}: {1,2}Uncaught \S")
_PHP_TRACES = ("Stack trace:", "[stacktrace]")
_PHP_GOES_ON = re.compile(r"#\d{1,5} \S|\"|\[previous exception\] |Next [A-Za-z_\\][\w\\]{0,300}(?:: | in )")
_DEBUGGER = re.compile(
    r"(?:Program|Thread \S{1,40}.{0,100}) received signal SIG|#0 {2}(?:0x[0-9a-f]{4,16} in )?\S.{0,500} \("
)
_IN_DEBUGGER = re.compile(r"#\d{1,5} {1,4}\S|\d{1,7}\t|\[Switching to ")
_NODE = re.compile(r"(?:file:///|/|node:|[A-Z]:\\)[^\s:]{1,1000}(?::\d{1,9}){1,2}$")
_BEGINS = re.compile(r"Exception in thread \"|Uncaught |Unhandled ")
_RUBY = re.compile(r"[\w./-]{1,500}:\d{1,9}:in [`'].{1,500}\([\w:]{1,200}\)$")
# Such a line inside a stack is a part of it.
_RAISED = re.compile(r"(?:[a-z][\w$]{0,80}\.){0,12}[A-Z][\w$]{0,80}(?:Error|Exception|Throwable)(?:: |$)")
_IN_GO = ("goroutine ", "created by ", "[signal ", "panic: ", "exit status ", "runtime")
_IN_RUST = ("note: ", "stack backtrace:", "help: ")
# Cut in two, a private key would no longer look like one.
_KEY = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY")
_FRAME = re.compile(r"\s+(?:at |File \"|from )")
_STAMPED = re.compile(
    r"\s+(?:at \S|File \"|from \S)|\s{0,8}\.\.\. \d{1,9} (?:more|common frames)|Caused by: \S"
    r"|[^\s:][^:]{0,500}:\d{1,9}:in [`'][^']{1,500}'$"
)


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
        if line.ends_record or first.ends_record or line.stream != first.stream or self._is_full(line.said):
            return False
        return (not line.headed or self._stamped(line)) and (self.in_key or self._holds(line.said))

    def _stamped(self, line: Line) -> bool:
        """Of a stack whose every line got a header, as syslog and collecting programs do."""
        first = self.lines[0]
        same = first.headed and line.logger == first.logger and line.severity in (None, first.severity)
        in_python = self.inside in ("python", "raised", "linked") and line.severity is None
        return same and (in_python or bool(_STAMPED.match(line.said)))

    def _is_full(self, said: str) -> bool:
        full = len(self.lines) >= MAX_LINES or self.size >= MAX_BYTES
        return full and (self.size >= MAX_STACK or not (_FRAME.match(said) or _GOES_ON.match(said)))

    def _announces(self, said: str) -> bool:
        """Whether this one line, without a head, says what the traceback below it is of."""
        return _PYTHON in said[:80] and len(self.lines) == 1 and tells_failure(self.lines[0].said, INFO)

    def _holds(self, said: str) -> bool:
        first = self.lines[0]
        if self.inside in ("python", "raised") and _GROUPED.match(said):
            return True
        serious = first.headed and ((first.severity or 0) >= WARNING or tells_failure(first.said, INFO))
        if _begins(said) or (not self.inside and _RAISED.match(said)):
            # The stack of what the line above tells of, or of an exception that it led to.
            return self._links(said) if self.inside else serious or self._announces(said)
        if not said.strip() or said[0].isspace():
            return bool(self.inside or said.strip() or first.headed)
        if self.inside:
            return _HOLDS[self.inside](self, said)
        if _GOES_ON.match(said):
            return True
        # Somebody else may have printed below a harmless line.
        own = (first.severity or INFO) < WARNING and tells_failure(said, INFO)
        return first.headed and (not self.blank or (serious and not self.text)) and not own

    def _links(self, said: str) -> bool:
        """Whether an exception that begins here led to the one before it, or came of it."""
        if self.inside == "linked":
            return _PYTHON in said[:80]
        if self.inside == "ruby":
            # A program that is started again fails in the same way again.
            return bool(_RUBY.match(said)) and not self.blank and said != self.lines[0].said
        if self.inside == "debugger":
            return said.startswith("#")
        return self.inside == "node" or (self.inside == "go" and bool(_GO.match(said)))


def records(lines: Iterable[bytes], style: str) -> Iterator[Record]:
    """Every record that is not blank, in order; `lines` keep their line ends."""
    return (record for record in _joined(lines, style) if record.text or record.lines[0].ends_record)


def _joined(lines: Iterable[bytes], style: str) -> Iterator[Record]:
    record: Record | None = None
    at = 0
    for number, raw in enumerate(lines, 1):
        line = read(raw, style)
        if record and record.goes_on(line):
            record.take(line, raw)
        else:
            if record:
                yield record
            begins = line.said.strip() or line.ends_record or line.headed
            record = Record(number=number, at=at) if begins else None
            if record:
                record.take(line, raw)
        at += len(raw)
    if record:
        yield record


def settled(body: bytes, style: str) -> int:
    """Where the last record begins: everything before it has ended."""
    last = 0
    for record in _joined(BytesIO(body), style):
        last = record.at + record.size if record.lines[0].ends_record else record.at
    return last


def _begins(said: str) -> bool:
    begins = (_GO, _NODE, _BEGINS, _RUBY, _RUST, _PHP, _DEBUGGER)
    return _PYTHON in said[:80] or any(pattern.match(said) for pattern in begins)


def _inside(record: Record, said: str) -> str:
    """Where we are after this line."""
    if _PYTHON in said[:80]:
        return "python"
    if record.inside == "python" and _GROUP_ENDS.fullmatch(said):
        return "raised"
    if _GO.match(said):
        return "go"
    if begun := _begun(said):
        return begun
    if record.inside == "rust" and said.startswith("note: "):
        return "noted"
    if record.inside == "python" and said.strip() and not said[0].isspace() and not said.startswith("> File "):
        return "raised"
    if record.inside in ("raised", "linked"):
        linked = "The above exception was " in said or "During handling of the above " in said
        return "linked" if linked else record.inside
    if record.inside == "node":
        return "stack" if _FRAME.match(said) else "node"
    if not record.inside and _NODE.match(said):
        return "node"
    return "stack" if record.inside in ("", "stack") and _FRAME.match(said) else record.inside


def _begun(said: str) -> str:
    if _RUST.fullmatch(said):
        return "rust"
    if _RUBY.match(said):
        return "ruby"
    if _DEBUGGER.match(said):
        return "debugger"
    return "php" if _PHP.match(said) or said.strip() in _PHP_TRACES else ""


def _is_call(said: str) -> bool:
    return said.endswith(")") and " " not in said.partition("(")[0]


_HOLDS: dict[str, Callable[[Record, str], bool]] = {
    "python": lambda record, said: True,
    # What another process raised is quoted.
    "raised": lambda record, said: said == '"""' or (record.blank and bool(_GOES_ON.match(said))),
    "linked": lambda record, said: False,
    "node": lambda record, said: len(record.lines) < 20,
    "stack": lambda record, said: bool(_GOES_ON.match(said)),
    "go": lambda record, said: said.startswith(_IN_GO) or _is_call(said),
    # What panicked said is told in as many lines as it has.
    "rust": lambda record, said: said.startswith(_IN_RUST) or (not record.blank and len(record.lines) < 20),
    "noted": lambda record, said: said.startswith(_IN_RUST),
    "ruby": lambda record, said: bool(_GOES_ON.match(said)),
    # The signal, where it came, the line of code there, the stack.
    "debugger": lambda record, said: bool(_IN_DEBUGGER.match(said)) or len(record.lines) == 1,
    "php": lambda record, said: said in _PHP_TRACES or bool(_PHP_GOES_ON.match(said)),
}
