"""The exceptions in what a program printed, in whatever language, and whatever else stands around them."""

import re
from dataclasses import dataclass, replace

from improver.collectors import _native_stacks, _php_stacks, _rust_stacks
from improver.collectors._printed_trees import starts
from improver.collectors._stacks import chain_of, known_as, surfaced
from improver.collectors._tracebacks import short
from improver.model import Frame, Raised

MAX_ABOVE = 20
MAX_LINE = 8192

_TRACEBACK = "Traceback (most recent call last):"
_GO = re.compile(r"(?:\S{1,30} ){0,4}?(panic|fatal error)( serving \S{1,100})?: (.*)")
_GO_PLACE = re.compile(r"\t\S{1,1024}\.go:\d{1,9}(?: \+0x[0-9a-f]{1,16})?")
_GOROUTINE = re.compile(r"goroutine \d{1,9} \[")
_RUBY = re.compile(r"(\S[^:]{0,1000}:\d{1,9}:in [`'][^']{1,300}'): (.*?) ?\(([A-Z]\w{0,80}(?:::\w{1,80}){0,10})\)$")
_RAILS = re.compile(r"(?:\A|(?<=\n))([A-Z]\w{0,80}(?:::\w{1,80}){0,10}) \((.*)\):?\Z", re.DOTALL)
# Ruby's own Logger: MESSAGE (TYPE)
_RUBY_LOGGER = re.compile(r"(.*) \(([A-Z]\w{0,80}(?:::\w{1,80}){0,10})\)\Z", re.DOTALL)
# Sidekiq's logger: TYPE: MESSAGE
_RUBY_TYPED = re.compile(r"([A-Z]\w{0,80}(?:::\w{1,80}){0,10}(?:Error|Exception|Invalid|NotFound)): (.*)\Z", re.DOTALL)
_RUBY_FRAME = re.compile(r"\s*(?:from )?\S[^:]{0,1000}:\d{1,9}:in [`']")
_AT = re.compile(r"\s+at \S")
_SUPPRESSED = re.compile(r"(\s*)Suppressed: ")
_TYPED = re.compile(
    r"(?:Uncaught |Unhandled exception. |Exception in thread \"[^\"]{1,200}\" )?[A-Za-z_$][\w$.]{0,300}(?:: |$)"
    r"|\[\w{0,100}Error: "
)
# Node puts an error's code behind its type, and its name behind that of a class called otherwise.
_CODE = re.compile(
    r"(?<![\w$.])([A-Za-z_$][\w$.]{0,300}) \[(?:[A-Z0-9_]{1,100}|(\w{0,100}(?:Error|Exception)))\](?=: |$)"
)
_ERROR = r"(?:[A-Za-z_$][\w$]{0,80}[.\\]){0,12}[A-Z][\w$]{0,80}(?<=Error|ption|wable)(?:: |$)"
_NAMED_SO = re.compile(
    rf"(?:Uncaught |Unhandled exception. |Exception in thread \"[^\"]{{1,200}}\" )?(?:{_ERROR}|Error(?:: |$))"
    r"|(?:[A-Za-z_$][\w$]{0,80}\.){1,12}[A-Z]\w{0,80}: "
)
# What a logger was given beside the exception stands in front of it.
_WITHIN = re.compile(rf"(?<=[\s:|>])(?:Uncaught )?(?:{_ERROR}|Error: |\[\w{{0,100}}Error: )")
_PLATFORMS = {
    "py": "python", "js": "node", "mjs": "node", "cjs": "node", "ts": "node", "tsx": "node", "jsx": "node",
    "java": "java", "kt": "java", "scala": "java", "go": "go", "rb": "ruby", "cs": "csharp", "php": "php",
    "c": "native", "cc": "native", "cpp": "native", "cxx": "native", "h": "native", "m": "native", "mm": "native",
    "so": "native", "dll": "native", "dylib": "native", "rs": "rust",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """`chain` has the exception that surfaced last; `above` is what was said before its stack."""

    chain: tuple[Raised, ...]
    above: str = ""
    crashed: bool = False


def failure_in(text: str) -> Failure | None:
    """None where there is no stack."""
    for look in (_python, _go, _php, _rust, _ruby, _rails, _compiled, _traced, _others):
        if failure := look(text):
            return failure
    return None


def chain_in(text: str, *, kind: str = "", said: str = "") -> tuple[Raised, ...]:
    """As far as a record says by itself what was raised, that counts."""
    if text and (failure := failure_in(text)):
        return known_as(failure.chain, short(kind), said)
    chain = chain_of(text, kind=kind or "error", said=said) if text else _bare(kind, said)
    return chain if kind else tuple(replace(raised, synthetic=raised.type == "error") for raised in chain)


def platform_of(chain: tuple[Raised, ...]) -> str:
    endings = (frame.filename.rpartition(".")[2] for raised in reversed(chain) for frame in reversed(raised.frames))
    return next((_PLATFORMS[ending] for ending in endings if ending in _PLATFORMS), "")


def _bare(kind: str, said: str) -> tuple[Raised, ...]:
    return (Raised(type=short(kind), value=said),) if kind else ()


def _python(text: str) -> Failure | None:
    above, found, _ = text.partition(_TRACEBACK)
    chain = chain_of(text) if found else ()
    return Failure(chain=chain, above=above.strip().removesuffix("+ Exception Group").strip()) if chain else None


def _go(text: str) -> Failure | None:
    """A panic's own goroutine comes first; the others were only there."""
    lines = text.split("\n")
    at, panic = next(((n, found) for n, line in enumerate(lines) if (found := _GO.match(line))), (0, None))
    begin = next((n for n, line in enumerate(lines) if n >= at and _GOROUTINE.match(line)), None)
    if panic is None or begin is None:
        return None
    end = next((n for n in range(begin, len(lines)) if not lines[n].strip()), len(lines))
    said = panic[3].removesuffix(" [recovered]")
    kind = "runtime error" if said.startswith("runtime error: ") else panic[1]
    stack = "\n".join(line for line in lines[begin:end] if not line.startswith("exit status "))
    chain = chain_of(stack, kind=kind, said=said.removeprefix("runtime error: "))
    # Go's panics have no type: this is what the runtime calls them.
    chain = tuple(replace(raised, synthetic=True) for raised in chain)
    return Failure(chain=chain, above="\n".join(lines[:at]), crashed=not panic[2] and said == panic[3])


def _php(text: str) -> Failure | None:
    above, chain = _php_stacks.told(text)
    return Failure(chain=chain, above=above) if chain else None


def _rust(text: str) -> Failure | None:
    if "panicked at " not in text and _rust_stacks.HEADING not in text.lower():
        return None
    above, chain = _rust_stacks.told(text)
    return Failure(chain=chain, above=above, crashed="thread 'main'" in text and not above) if chain else None


def _traced(text: str) -> Failure | None:
    """What Go's loggers and errors print below a message: function and place by turns, without a goroutine."""
    lines = text.split("\n")
    place = next((n for n, line in enumerate(lines) if _GO_PLACE.fullmatch(line)), 0)
    if not place:
        return None
    chain = chain_of("\n".join(lines[place - 1 :]), kind="error", said="\n".join(lines[: place - 1]).strip())
    return Failure(chain=tuple(replace(raised, synthetic=True) for raised in chain)) if chain else None


def _ruby(text: str) -> Failure | None:
    """The innermost frame and the message share a line; causes follow, each in the same way."""
    lines = text.split("\n")
    heads = [(n, found) for n, line in enumerate(lines) if (found := _RUBY.match(line.strip()))]
    if not heads:
        return None
    chain: list[Raised] = []
    for (begin, found), end in zip(heads, [n for n, _ in heads[1:]] + [len(lines)], strict=True):
        stack = "\n".join([found[1], *lines[begin + 1 : end]])
        chain += chain_of(stack, kind=found[3], said=found[2])[-1:]
    return Failure(chain=tuple(reversed(chain)), above="\n".join(lines[: heads[0][0]]).strip())


def _rails(text: str) -> Failure | None:
    lines = text.split("\n")
    begin = next((n for n, line in enumerate(lines) if _RUBY_FRAME.match(line)), None)
    if begin is None:
        return None
    above = "\n".join([line for line in lines[:begin] if line.strip()][-MAX_ABOVE:])[-MAX_LINE:]
    kind, said, before = _named_in_ruby(above)
    return Failure(chain=chain_of("\n".join(lines[begin:]), kind=kind, said=said), above=before)


def _named_in_ruby(above: str) -> tuple[str, str, str]:
    """Type and message of what was raised, and what else stands there."""
    if found := _RAILS.search(above):
        return found[1], found[2], above[: found.start()].strip()
    if found := _RUBY_LOGGER.match(above):
        return found[2], found[1], ""
    if found := _RUBY_TYPED.match(above):
        return found[1], found[2], ""
    return "error", "", above


def _compiled(text: str) -> Failure | None:
    chain = _native_stacks.chain_in(text) or _native_stacks.died_of(text[-MAX_LINE:])
    return Failure(chain=chain, crashed=True) if chain else None


def _others(text: str) -> Failure | None:
    """Java, JavaScript and .NET: "at" frames below what was raised."""
    lines = _without_suppressed(text.split("\n"))
    first = next((n for n, line in enumerate(lines) if _AT.match(line)), 0)
    if not first:
        return None
    above = range(first - 1, max(first - MAX_ABOVE, 0) - 1, -1)
    begin = next((n for n in above if _headed(lines[n])), first - 1)
    before, head = _headed(lines[begin]) or ("", lines[begin])
    below = lines[begin + 1 : first]
    inner = next((n for n, line in enumerate(below) if starts(line)), len(below))
    message = below[:inner]
    chain = chain_of("\n".join([head, *below[inner:], *lines[first:]]))
    if not chain:
        return None
    chain = known_as(chain, "", "\n".join([surfaced(chain).value, *message]).strip())
    crashed = head.startswith("Exception in thread ") or any(line.startswith("Node.js v") for line in lines[first:])
    return Failure(chain=chain, above=_said_above([*lines[:begin], before]), crashed=crashed)


def _headed(line: str) -> tuple[str, str] | None:
    """What stands before the exception in the line that names it, and what names it."""
    line = _CODE.sub(lambda found: found[2] or found[1], line)
    if not _NAMED_SO.match(line) and not line[:1].isspace() and (found := _WITHIN.search(line)):
        return line[: found.start()].rstrip(), line[found.start() :]
    return ("", line) if _NAMED_SO.match(line) or _TYPED.match(line) else None


def _said_above(lines: list[str]) -> str:
    """Without the line of code that Node shows."""
    return "" if any(not line.strip("^~ ") and line.strip() for line in lines) else "\n".join(lines).strip()


def _without_suppressed(lines: list[str]) -> list[str]:
    kept, depth = [], None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        depth = None if depth is not None and indent <= depth else depth
        if found := _SUPPRESSED.match(line):
            depth = len(found[1])
        if depth is None:
            kept.append(line)
    return kept


def frame_of(file: str, function: str, lineno: int | None) -> Frame:
    return Frame(filename=file, abs_path=file if file.startswith("/") else "", function=function, lineno=lineno)
