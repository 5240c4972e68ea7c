"""Stacks as PHP prints them, and the loggers that quote it: each line tells of a call, and where it was made."""

import re
from collections.abc import Sequence

from improver.collectors._tracebacks import both_ends, short
from improver.model import Frame, Raised

MAX_LINE = 4096
MAX_LINES = 5000
MAX_HEAD_LINES = 40
INTERNAL = "[internal function]"
# A path ends where PHP's own words follow, and may hold blanks.
_CALL = re.compile(r"#(\d{1,5}) (?:(\[internal function\])|(\S[^\n]{0,1023}?)\((\d{1,9})\)): (.{1,1000})")
_MAIN = re.compile(r"#\d{1,5} \{main\}")
_TYPE = r"[A-Za-z_\\][\w\\]{0,300}(?:@anonymous[^:]{0,300})?"
# A type is what PHP says it is, or what is named like one; else whatever stands in front.
_RAISED = tuple(
    re.compile(
        rf"{before}(?P<type>{_TYPE}{ending})(?:: (?P<said>.*))?"
        r" in (?P<file>\S[^\n]{0,1023}?)(?::(?P<line>\d{1,9})| on line (?P<at>\d{1,9}))",
        re.DOTALL,
    )
    for before, ending in (
        (r"(?P<before>.{0,300}?)\b(?:Uncaught(?: exception)?|Next) ", ""),
        (r"(?P<before>(?:.{0,300}?[^\w\\])?)", r"(?<=Error|ption)"),
        ("(?P<before>)", ""),
    )
)
# As Monolog writes it: [object] (TYPE(code: 0): MESSAGE at FILE:LINE)
_OBJECT = re.compile(
    rf"\[object\] \((?P<type>{_TYPE})\(code: [^)]{{0,100}}\): ?(?P<said>.*)"
    r" at (?P<file>\S[^\n]{0,1023}?):(?P<line>\d{1,9})\)",
    re.DOTALL,
)
_TRACES = ("Stack trace:", "[stacktrace]")
_PREVIOUS = "[previous exception] "
_BEGINS = re.compile(rf"(?:PHP )?[A-Z][\w ]{{2,40}}: {{1,2}}Uncaught |Next {_TYPE}(?:: | in )|{_TYPE}: ")


def chain_in(text: str) -> tuple[Raised, ...]:
    """The exceptions of a printed stack, the one that surfaced last."""
    return told(text)[1]


def told(text: str) -> tuple[str, tuple[Raised, ...]]:
    """What was said above the first exception, and the chain; nothing where no call of PHP's is printed."""
    lines = [line[:MAX_LINE].rstrip() for line in text.replace("\\\\", "\\").split("\n", MAX_LINES)[:MAX_LINES]]
    heads: list[str] = []
    above: str | None = None
    found: list[Raised] = []
    calls: list[re.Match[str]] = []
    newest_first = False
    for line in [*lines, ""]:
        stripped = line.strip()
        if call := _CALL.fullmatch(stripped):
            calls.append(call)
            continue
        if calls or _MAIN.match(stripped):
            head = "\n".join(heads[-MAX_HEAD_LINES:])[-MAX_LINE:]
            before, raised = _raised(head, calls)
            above = before if above is None else above
            newest_first = newest_first or _PREVIOUS in head
            found.append(raised)
            heads, calls = [], []
        if stripped and stripped not in _TRACES and not _MAIN.match(stripped):
            heads.append(line)
    if not any(raised.frames for raised in found):
        return "", ()
    return (above or "").strip(), tuple(reversed(found) if newest_first else found)


def _raised(head: str, calls: Sequence[re.Match[str]]) -> tuple[str, Raised]:
    if quoted := _OBJECT.search(head):
        return _above(head[: quoted.start()]), _made(quoted, quoted["line"], calls)
    lines = head.split("\n")
    for begin in range(len(lines) - 1, -1, -1):
        if begin and not _BEGINS.match(lines[begin]):
            continue
        said = "\n".join(lines[begin:])
        if found := next((found for pattern in _RAISED if (found := pattern.fullmatch(said))), None):
            above = [*lines[:begin], "" if "PHP" in found["before"] else found["before"].rstrip(" :")]
            return "\n".join(above), _made(found, found["line"] or found["at"], calls)
    return head, Raised(type="", value="", frames=_frames("", "", calls))


def _made(found: re.Match[str], line: str, calls: Sequence[re.Match[str]]) -> Raised:
    kind = short(found["type"].replace("\\", "."))
    return Raised(type=kind, value=found["said"] or "", frames=_frames(found["file"], line, calls))


def _above(before: str) -> str:
    """The message of the line, without the context that quotes the exception."""
    return before.partition(' {"')[0]


def _frames(file: str, line: str, calls: Sequence[re.Match[str]]) -> tuple[Frame, ...]:
    """A function stands where the exception was raised, or where the call above was made: not where it was called."""
    places = [(file, line), *((call[2] or call[3], call[4] or "") for call in calls)]
    functions = [*(call[5].partition("(")[0] for call in calls), ""]
    frames = [_frame(*place, name) for place, name in zip(places, functions, strict=True)]
    return both_ends([frame for frame in frames if frame.filename or frame.function][::-1])


def _frame(file: str, line: str, function: str) -> Frame:
    return Frame(
        filename=file,
        abs_path=file if file.startswith("/") else "",
        function=function,
        lineno=int(line) if line.isdecimal() else None,
        in_app=False if file == INTERNAL else None,
    )
