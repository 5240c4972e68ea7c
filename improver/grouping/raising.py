"""Why the line raised in which an exception begins: the runtime stopped it there, or it refuses what it was given."""

import re
from collections.abc import Sequence

from improver.grouping import frames as counting
from improver.grouping.messages import parameterize
from improver.grouping.ownership import is_in_app
from improver.model import Frame

Line = tuple[object, ...]

LONGEST = 400

# What runtimes raise by themselves, and hardly anybody else does.
SLIPS = (
    r"(?:Attribute|Name|UnboundLocal|Key|Index|Unicode\w*|Recursion|Reference|Range|NoMethod|Frozen|ZeroDivision|"
    r"Arithmetic|DivisionByZero|UnhandledMatch|Import|ModuleNotFound|Syntax|Indentation)Error|\w*NullPointerException|"
    r"\w*NullReferenceException|ClassCastException|InvalidCastException|\w*IndexOutOfBoundsException|"
    r"IndexOutOfRangeException|NumberFormatException|ArithmeticException|DivideByZeroException"
)
# What tells of a value that is wrong, whoever looked at it.
VALUES = r"(?:Value|Lookup|Argument|JSONDecode)Error|IllegalArgumentException|ArgumentNullException"
# What code says where it finds itself in a state that it should not be in.
CHECKS = r"(?:Assertion|NotImplemented)Error|IllegalStateException|InvalidOperationException"

# Type errors are no part of SLIPS: browsers raise one also where the network is down, and not the code.
_SLIP = re.compile(rf"TypeError|runtime error|{SLIPS}")
_VALUE = re.compile(VALUES)
_CHECK = re.compile(CHECKS)
# The words of runtimes whose types say less: Rust and PHP.
_SLIP_SAYS = re.compile(
    r"called `(?:Option|Result)::\w{1,20}\(\)` on an? `|index out of bounds: the len is"
    r"|attempt to (?:\w{1,12} with overflow|divide by zero)|Call to a member function \w{1,100}\(\) on "
    r"|Undefined (?:array key|index|offset|variable|property)|Trying to access array offset on"
    r"|Attempt to read property \"?\w{1,100}\"? on "
)
# A line that makes an exception itself, in whatever language. What only asserts does so too.
_RAISES = re.compile(
    r"(?<![\w.'\"])(?:raise|throw|assert\w{0,20}|panic!?|fail|abort|die|exit|require\w{0,20}|check\w{0,20}|invariant"
    r"|precondition|fatalError|unreachable!?|todo!?|unimplemented!?|bail!?|ensure!?|trigger_error)(?![\w'\"])"
    r"|\bnew\s+[\w.\\]{0,200}(?:Error|Exception)\b|\b[\w.:]{0,200}(?:Error|Exception)\(|\breject\(|\.expect\("
)
# What computes for its caller, and asks nobody else: where it fails, its caller has failed.
_COMPUTES = re.compile(
    r"java\.(?:lang|time|math|text)\.|java\.util\.(?!concurrent\.|Objects$)|kotlin\.(?:collections|ranges|text)\."
    r"|(?:.{0,400}/lib/python3[\d.]{0,6}/|<frozen )(?:_?(?:py)?datetime|_strptime|_?pydecimal|decimal|fractions"
    r"|json/\w{1,40}|statistics|calendar|enum|uuid|ipaddress|base64|codecs|encodings/\w{1,40}|collections/__init__|random|string)"
    r"(?:\.py|>)$"
    r"|<internal:"
)
_DEMANDS = re.compile(r"(?:require|check|assert|ensure|validate|throw|raise|fail)", re.IGNORECASE)
_QUOTED = re.compile(r"'[^'\n]{0,500}'|\"[^\"\n]{0,500}\"|`[^`\n]{0,500}`|\u201c[^\u201d\n]{0,500}\u201d")


def stopped_at(frames: Sequence[Frame], exception: str, title: str) -> Line:
    """The app's own line that the runtime stopped, and what it said; empty where it is none, or that is not known.

    Whoever came to it, the line cannot do what it does: one bug. A line that refuses has as many as it has callers.
    """
    depth = max((number for number, frame in enumerate(frames) if is_in_app(frame)), default=-1)
    if depth < 0 or frames[depth].lineno is None or not all(map(_says_nothing, frames[depth + 1 :])):
        return ()
    own, name = frames[depth], _surfaced(exception)
    slipped = bool(_SLIP.fullmatch(name) or _SLIP_SAYS.search(title))
    text = _text(own)
    if not (slipped or (text and _VALUE.fullmatch(name))) or _RAISES.search(text):
        return ()
    said = _QUOTED.sub("*", title) if _VALUE.fullmatch(name) else title
    place = (counting.of(own, "").key, text) if text else (own.abs_path or own.filename, own.function)
    return (*place, own.lineno, own.colno, parameterize(said))


def refuses(frames: Sequence[Frame], exception: str) -> bool:
    """Whether the app's own code raised it on purpose, and no slip or check of its own did."""
    name = _surfaced(exception)
    if not frames or not is_in_app(frames[-1]) or _SLIP.fullmatch(name) or _CHECK.fullmatch(name):
        return False
    text = _text(frames[-1])
    # Without the line's text: a JVM names the library's own frame where that refused, other runtimes do not.
    return bool(_RAISES.search(text)) if text else not (_VALUE.fullmatch(name) and name.endswith("Error"))


def _text(line: Frame) -> str:
    """Of a bundle the whole is one line, which says nothing of this place in it."""
    return text if len(text := line.context_line.strip()) <= LONGEST else ""


def _says_nothing(frame: Frame) -> bool:
    """Below the app's own line: how an exception is made, what is built in, and what only computes."""
    if counting.of(frame, "").ignored:
        return True
    place = frame.module if frame.module.startswith(("java.", "kotlin.")) else frame.abs_path or frame.filename
    return bool(_COMPUTES.match(place)) and not _DEMANDS.match(frame.function)


def type_name(exception: str) -> str:
    """Without its package, whatever the language sets between: java.net.X, PG::X, GuzzleHttp\\X, *net.X."""
    return re.split(r"[.:\\/*]", exception)[-1]


def _surfaced(exception: str) -> str:
    return type_name(exception.rpartition(" > ")[2])
