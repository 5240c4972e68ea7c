"""Stacks of compiled code as sanitizers, debuggers and kernels print them: the first one is that of the crash."""

import re

from improver.model import Frame, Raised

MAX_LINE = 4096
MAX_LINES = 5000
MAX_FRAMES = 250

_NOWHERE = frozenset(("(<unknown module>)", "<unknown module>", "<null>", "??:0", "??"))
_NUMBERED = re.compile(r"(?:\[[ 0-9.]{1,20}\] )?\s{0,40}#(\d{1,4}):?\s{1,10}(.{1,4000})")
_ADDRESS = re.compile(r"(?:pc )?(?:0x)?[0-9a-f]{6,16}(?: in)?\s{1,4}|0x[0-9a-f]{1,16}(?: in)?\s{1,4}|in ")
_AT = re.compile(r"(.{1,3000}?) (?:at|from) (\S{1,1000}?)(?::(\d{1,9}))?(?::\d{1,9})?")
_SOURCE = re.compile(r"(.{1,3000}?) ((?:[A-Za-z]:)?[^\s:()]{1,1000}?)(?::(\d{1,9}))(?::\d{1,9})?")
_LIBRARY = re.compile(r"(?:(.{1,3000}?)\s{1,4})?\((\S{1,1000}?)\+(0x[0-9a-f]{1,16})\)(?: \(BuildId: \w{1,64}\))?")
_ANDROID = re.compile(r"(/\S{1,500}|\S{1,200}\.so)(?: \((.{1,3000}?)(?:\+\d{1,9})?\))?(?: \(BuildId: \w{1,64}\))?")
_KERNEL = re.compile(
    r"\s{0,8}(?:\[[ 0-9.]{1,20}\]\s{0,8})?(?:\[<[ 0-9a-f]{1,16}>\] )?\s{0,8}"
    r"([A-Za-z_][\w.]{1,200})\+0x[0-9a-f]{1,8}/0x[0-9a-f]{1,8}(?: (\S{1,500}?):(\d{1,9}))?.{0,300}"
)
_DEBUGGER = re.compile(
    r"(?:[0-9a-f]{2,4} )?[0-9a-f`]{8,17} [0-9a-f`]{8,17} ([\w.]{1,100}!.{1,2000}?)(?:\+0x[0-9a-f]{1,16})?"
    r"(?: \[(.{1,500}) @ (\d{1,9})\])?"
)
_SANITIZER = re.compile(r"(?:==\d{1,9}==\s?)?(?:ERROR|WARNING): (\w{1,40}Sanitizer|libFuzzer): (.{1,300})")
_RUNTIME = re.compile(r"\S{1,1000}:\d{1,9}(?::\d{1,9})?: runtime error: (.{1,1000})")
_SIGNAL = re.compile(r"(?:Program received signal|Fatal signal \d{1,3} \(|signal \d{1,3} \()\s?(SIG[A-Z]{2,8})")
_CHECK = re.compile(
    r".{0,300}?\b(D?Check failed|D?CHECK failed|Assertion failed|Fatal error in|ASSERT)\b:? ?(.{0,500})"
)
# What the C++ and the C library say last, when nobody prints a stack.
_TERMINATED = re.compile(
    r"terminate called after throwing an instance of '([^'\n]{1,300})'(?:\s{0,4}\n\s{0,8}what\(\): {0,3}(.{0,1000}))?"
)
_ASSERTED = re.compile(r"(?:^|(?<=\s))(\S{1,500}):(\d{1,9}): (\S.{0,500}?): Assertion `(.{1,500}?)' failed\.")
_WHAT = re.compile(r"[A-Za-z][A-Za-z-]{2,60}")


def chain_in(text: str) -> tuple[Raised, ...]:
    """What was reported first, with the first stack after it; nothing where there is no such stack."""
    lines = [line[:MAX_LINE].rstrip() for line in text.split("\n", MAX_LINES)[:MAX_LINES]]
    kind, said = _headline(lines)
    frames = _first_stack(lines)
    return (Raised(type=kind, value=said, frames=tuple(reversed(frames))),) if frames else ()


def died_of(text: str) -> tuple[Raised, ...]:
    """The exception that nobody caught, or the assertion that failed; nothing where neither is told."""
    if found := _TERMINATED.search(text):
        return (Raised(type=found[1], value=found[2] or ""),)
    if found := _ASSERTED.search(text):
        frame = _named(found[3], found[1], found[2])
        return (Raised(type="Assertion failed", value=found[4], frames=(frame,)),)
    return ()


def _headline(lines: list[str]) -> tuple[str, str]:
    for line in lines:
        if found := _SANITIZER.match(line):
            what = _WHAT.search(found[2].removeprefix("attempting "))
            return what[0] if what else found[1], found[2]
        if found := _RUNTIME.match(line):
            return "runtime error", found[1]
        if found := _CHECK.match(line):
            return found[1], found[2]
        if found := _SIGNAL.search(line):
            return found[1], line.strip()
    return "crash", ""


def _first_stack(lines: list[str]) -> list[Frame]:
    """Innermost first; a line between two frames does not end a stack, a frame numbered 0 begins another."""
    frames: list[Frame] = []
    last = -1
    for line in lines:
        if found := _NUMBERED.fullmatch(line):
            number = int(found[1])
            if number == 0 and last > 0:
                break
            if number == 0 or (frames and number >= last):  # what a fuzzer says of its progress is numbered too
                frames.append(_numbered(found[2]))
                last = number
        elif frame := _kernel(line) or _debugger(line):
            frames.append(frame)
        if len(frames) >= MAX_FRAMES:
            break
    return frames


def _numbered(told: str) -> Frame:
    told = _ADDRESS.sub("", told, count=1).strip() if _ADDRESS.match(told) else told.strip()
    told = told.removesuffix(" ??:?").removesuffix(" ??:0")
    if told in _NOWHERE:
        return Frame()
    for pattern in (_LIBRARY, _AT, _SOURCE):
        if found := pattern.fullmatch(told):
            return _named(found[1] or "", found[2], found[3] or "")
    if found := _ANDROID.fullmatch(told):
        return _named(found[2] or "", found[1], "")
    return _named(told, "", "")


def _named(function: str, file: str, number: str) -> Frame:
    """A frame without a symbol is known by where it is in its library."""
    offset = number if number.startswith("0x") else ""
    return Frame(
        filename=file,
        abs_path=file if file.startswith("/") else "",
        function=function or (f"{file.rpartition('/')[2]}+{offset}" if offset else ""),
        lineno=int(number) if number.isdecimal() else None,
    )


def _kernel(line: str) -> Frame | None:
    found = _KERNEL.fullmatch(line.removeprefix("RIP: "))
    return _named(found[1], found[2] or "", found[3] or "") if found else None


def _debugger(line: str) -> Frame | None:
    found = _DEBUGGER.fullmatch(line)
    return _named(found[1], found[2] or "", found[3] or "") if found else None
