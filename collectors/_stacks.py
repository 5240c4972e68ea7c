"""Stacks as text, in the way that each language prints them: Python, JavaScript, Java, .NET, Go, Ruby, PHP, Rust."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from improver.collectors import _php_stacks, _rust_stacks
from improver.collectors._printed_trees import tree
from improver.collectors._tracebacks import last_traceback, short
from improver.model import Frame, Raised

MAX_LINE = 2000
MAX_LINES = 5000

_HEADER = re.compile(r"(?:Uncaught |Exception in thread \"[^\"]{1,200}\" )?([A-Za-z_$][\w$.:\\]{0,300}?)(?:: (.*))?")
_RUBY = re.compile(r"(?:from )?([^\s:][^:]{0,1023}):([0-9]{1,9}):in [`']([^']{1,300})'")
_GO_PLACE = re.compile(r"\s+(\S.{0,1023}\.(?:go|s)):([0-9]{1,9})(?: \+0x[0-9a-f]{1,16})?")
# What panics calls this; whatever that called only tells of the panic.
_GO_RAISES = (("", "panic"), ("runtime", "gopanic"))
_GO_CALL = re.compile(r"(?:created by )?(\S{1,500}?)(?:\([^()]{0,500}\))?(?: in goroutine [0-9]{1,12})?")
_JVM_PLACE = re.compile(r"(?:[\w$-]{1,200}\.[a-z]{1,12}(?::[0-9]{1,9})?|Native Method|Unknown Source|<generated>)")
# What a runtime or its usual frameworks brought: neither their paths nor their names are the user's own.
_FOREIGN_MODULES = (
    "java.", "javax.", "jakarta.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "groovy.", "clojure.",
    "org.springframework.", "org.apache.", "org.hibernate.", "io.netty.", "reactor.", "System.", "Microsoft.",
)  # fmt: skip
_FOREIGN_PLACES = ("/go/src/", "/pkg/mod/", "/usr/local/go/", "/gems/", "/usr/lib/ruby/", "/vendor/", "<internal:")


def chain_of(text: str, *, kind: str = "", said: str = "") -> tuple[Raised, ...]:
    """The exceptions of a printed stack, the one that surfaced last; `kind` and `said` are what it is known to be."""
    text = _one_line_message(text, said)
    chain = _read(text)
    # Go's types are known with their package: "*fs.PathError".
    kind = kind if kind.startswith("*") else short(kind)
    if not chain:
        return (Raised(type=kind, value=said),) if kind or said else ()
    return known_as(chain, kind, said)


def known_as(chain: tuple[Raised, ...], kind: str, said: str) -> tuple[Raised, ...]:
    """What surfaced, where that is known better than it was printed: the group itself, not what it holds."""
    at = chain.index(surfaced(chain))
    known = replace(chain[at], type=kind or chain[at].type, value=said or chain[at].value)
    return (*chain[:at], known, *chain[at + 1 :])


def surfaced(chain: tuple[Raised, ...]) -> Raised:
    groups = [raised for raised in chain if raised.group]
    return groups[-1] if groups and chain[-1].member else chain[-1]


@lru_cache(512)
def _read(text: str) -> tuple[Raised, ...]:
    """The same failure is told of again and again."""
    if "Traceback (most recent call last):" in text:
        return last_traceback(text)
    return _php_stacks.chain_in(text) or _rust_stacks.chain_in(text) or _printed(text)


def _one_line_message(text: str, said: str) -> str:
    """A message of many lines could look like frames, or push them out of sight."""
    first = said.partition("\n")[0]
    return text.replace(said, first, 2) if first != said else text


def _printed(text: str) -> tuple[Raised, ...]:
    """Everything but Python prints the innermost frame first, and what surfaced before its causes."""
    lines = [line[:MAX_LINE].rstrip() for line in text.split("\n", MAX_LINES)[:MAX_LINES]]
    found = tree(lines, _frame_of, _raised)
    chain = tuple(map(_as_it_panicked, found.chain())) if found else ()
    return chain if any(raised.frames for raised in chain) else ()


def _as_it_panicked(raised: Raised) -> Raised:
    """Go's stack is taken where a panic was recovered from: what panicked is what called for it."""
    calls = [one.filename.endswith(".go") and (one.module, one.function) in _GO_RAISES for one in raised.frames]
    at = calls.index(True) if True in calls else 0
    return replace(raised, frames=raised.frames[:at]) if at else raised


def _frame_of(line: str, before: str) -> Frame | None:
    return next((found for read in _READERS if (found := read(line, before))), None)


def _raised(header: str) -> Raised:
    found = _HEADER.fullmatch(header.removesuffix(" {"))
    if not found or header.startswith("goroutine "):
        return Raised(type="", value=header)
    return Raised(type=short(found[1]), value=found[2] or "")


def _at(line: str, before: str) -> Frame | None:
    """JavaScript, Java and .NET: "at FUNCTION (PLACE)", each a little differently."""
    stripped = line.strip()
    said = stripped.removeprefix("at ").removesuffix(" {")
    if not stripped.startswith("at ") or not said:
        return None
    function, inside, place = said.partition(" in ")
    if inside and ":line " in place:
        file, _, number = place.rpartition(":line ")
        return _method(function.partition("(")[0], file, number)
    if not said.endswith(")"):
        return _javascript("", said.removeprefix("async "))
    function, _, place = said[:-1].rpartition("(")
    if _JVM_PLACE.fullmatch(place) and not function.endswith(" "):
        file, _, number = place.partition(":")
        return _method(function.rpartition("/")[2], file, number)
    if not place and "." in function:
        return _method(function, "", "")
    return _javascript(function.strip().removeprefix("async "), place)


def _method(function: str, file: str, number: str) -> Frame:
    module, _, name = function.rpartition(".")
    return _frame(file, name or function, number, module=module)


def _javascript(function: str, place: str) -> Frame | None:
    file, number, column = place.rsplit(":", 2) if place.count(":") > 1 else (*place.rpartition(":")[::2], "")
    if not number.isdecimal():
        return _frame(place, function, "") if function else None
    return replace(_frame(file.removeprefix("file://"), function, number), colno=_whole(column))


def _firefox(line: str, before: str) -> Frame | None:
    """Firefox and Safari: FUNCTION@PLACE."""
    function, at, place = line.strip().partition("@")
    if not at or " " in place or not place.rpartition(":")[2].isdecimal():
        return None
    return _javascript(function, place)


def _go(line: str, before: str) -> Frame | None:
    """The place stands below the call."""
    found, call = _GO_PLACE.fullmatch(line), _GO_CALL.fullmatch(before.strip())
    if not found or not call:
        return None
    path, slash, last = call[1].rpartition("/")
    package, dot, function = last.partition(".")
    return _frame(found[1], function or last, found[2], module=f"{path}{slash}{package}" if dot else "")


def _ruby(line: str, before: str) -> Frame | None:
    found = _RUBY.match(line.strip())
    return _frame(found[1], found[3], found[2]) if found else None


def _frame(file: str, function: str, number: str, *, module: str = "") -> Frame:
    foreign = module.startswith(_FOREIGN_MODULES) or any(part in file for part in _FOREIGN_PLACES)
    return Frame(
        filename=file,
        abs_path=file if file.startswith("/") else "",
        module=module,
        function=function,
        lineno=_whole(number),
        in_app=False if foreign else None,
    )


def _whole(number: str) -> int | None:
    return int(number) if number.isdecimal() and len(number) < 10 else None


_READERS: tuple[Callable[[str, str], Frame | None], ...] = (_at, _go, _ruby, _firefox)
