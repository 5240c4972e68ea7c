"""Routes as telemetry and source files write them, made comparable, and which handler fits one best."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PARAMETER, REST = "*", "**"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
MOST_SEGMENTS = 40

# `<path:rest>`, `{rest...}`, `{*rest}`, `[...rest]`, `[[...rest]]`, `*rest`, `$` at the end of Remix: what is left.
_REST = re.compile(
    r"<path:[^>]*>|\{\*{1,2}[^}]*\}|\{[^}:]*(?:\.\.\.|:path)\}|\[{1,2}\.\.\.[^\]]*\]{1,2}|\*{1,2}\w*|\$|:\w+\*|:\w+\(\.\*\)"
)
# `<int:id>`, `{id}`, `{id:\d+}`, `:id`, `:id(\d+)`, `[id]`, `[[id]]`, `$id`, `(?P<id>…)`.
_PARAMETER = re.compile(
    r"<[^>]*>|\{[^}]*\}|\[{1,2}[^\]]*\]{1,2}|:[A-Za-z_]\w*(?:\([^)]*\))?[?+]?|\$\w+|\(\?P<\w+>.*\)|\([^?].*\)|\*"
)
# What a request's own path has in such places.
_VALUE = re.compile(r"\d+|[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{2,})*|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
_METHOD = re.compile(rf"({'|'.join(METHODS)})\s+(?=/)", re.IGNORECASE)
_ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,15}://[^/?#]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Handler:
    """What answers a route; `refers` is its name where it stands elsewhere: "views.detail", "orders#show"."""

    method: str  # upper-case; empty for any
    segments: tuple[str, ...]
    file: str
    line: int
    function: str = ""
    refers: str = ""
    whole: bool = False  # nothing is mounted in front of it, as far as its file says


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    method: str
    segments: tuple[str, ...]


def asked(route: str, method: str = "") -> Asked | None:
    """What telemetry calls a route, or None where that is no path."""
    told = route.strip()[:2000]
    if found := _METHOD.match(told):
        method, told = found[1], told[found.end() :]
    told = _ORIGIN.sub("", told, count=1)
    if not told.startswith("/"):
        return None
    return Asked(method=method.upper() if method.upper() in METHODS else "", segments=segments(told, values=True))


def segments(path: str, *, values: bool = False) -> tuple[str, ...]:
    """The parts of a path, parameters alike however they are written; `values` makes numbers and ids parameters too."""
    plain = re.split(r"\?(?![P:<])|#", path.strip().lstrip("^").rstrip("$"), maxsplit=1)[0] if path != "$" else path
    parts = [part for part in _split(plain) if part][:MOST_SEGMENTS]
    return tuple(_segment(part, values) for part in parts)


def _split(path: str) -> list[str]:
    """At slashes, but not at those inside a parameter's own pattern."""
    parts, depth = [""], 0
    for letter in path[:2000]:
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "/" and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _segment(part: str, values: bool) -> str:
    if _REST.fullmatch(part) and part != PARAMETER:
        return REST
    if _PARAMETER.fullmatch(part) or (values and _VALUE.fullmatch(part)):
        return PARAMETER
    return _PARAMETER.sub(PARAMETER, part).replace("\\", "")


def best(wanted: Asked, handlers: Iterable[Handler]) -> tuple[Handler, ...]:
    """Those that fit best: one, or several between which nothing decides."""
    fits = [(fit, handler) for handler in handlers if (fit := _fit(wanted, handler))]
    most = max((fit for fit, _ in fits), default=None)
    found = {(one.file, one.line): one for fit, one in fits if fit == most}
    return tuple(found.values())


def _fit(wanted: Asked, handler: Handler) -> tuple[int, ...] | None:
    """How well: whole paths before ends of paths, words before parameters, a named method before any."""
    if wanted.method and handler.method and wanted.method != handler.method:
        return None
    alike = _alike(wanted.segments, handler.segments)
    if alike is None:
        return None
    covered, words = alike
    rest = len(wanted.segments) - covered
    if rest and (handler.whole or not words):
        return None
    named = bool(wanted.method) and wanted.method == handler.method
    return int(not rest), words, covered, -handler.segments.count(REST), int(named)


def _alike(wanted: Sequence[str], own: Sequence[str]) -> tuple[int, int] | None:
    """How many segments at the end fit, and how many of them word by word; None where one does not."""
    if REST in own:
        head = own[: own.index(REST)]
        whole = len(wanted) >= len(head) and _words(wanted[: len(head)], head)
        return None if whole is False or whole is None else (len(wanted), whole)
    if len(own) > len(wanted):
        return None
    words = _words(wanted[len(wanted) - len(own) :], own)
    return None if words is None else (len(own), words)


def _words(wanted: Sequence[str], own: Sequence[str]) -> int | None:
    words = 0
    for there, here in zip(wanted, own, strict=True):
        if there == here:
            words += here != PARAMETER
        elif here != PARAMETER:
            return None
    return words
