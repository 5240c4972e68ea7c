"""Panics and backtraces as Rust prints them: what raised a panic, and what told of it, is left out."""

import re
from collections.abc import Sequence

from improver.collectors._tracebacks import both_ends
from improver.model import Frame, Raised

MAX_LINE = 4096
MAX_LINES = 5000
MAX_SAID = 20
HEADING = "stack backtrace:"
_PANICKED = re.compile(
    r"(?P<before>.{0,400}?)(?:thread '(?P<thread>[^'\n]{0,200})'(?: \(\d{1,12}\))? )?panicked at "
    r"(?:'(?P<old>.*)', )?(?P<file>\S[^\n:]{0,1023}):(?P<line>\d{1,9}):\d{1,9}(?P<colon>:?)(?: |$)?(?P<said>.*)",
    re.DOTALL,
)
_FRAME = re.compile(r"\s{0,8}(\d{1,4}): {1,8}(?:0x[0-9a-f]{1,16} - )?(\S.{0,3000})")
_PLACE = re.compile(r"\s{4,60}at (\S.{0,1023}?):(\d{1,9})(?::\d{1,9})?")
_CRATE_HASH = re.compile(r"\[[0-9a-f]{8,16}\]")
# The outermost of these was called by what panicked; whatever it called tells of the panic.
_RAISES = re.compile(
    r"(?:__rustc::)?rust_(?:begin_unwind|panic\w{0,40})$|core::panicking::|std::panicking::(?:begin_panic|rust_panic)"
    r"|core::(?:option|result)::(?:unwrap|expect)_failed"
)
# What is below it is the runtime's, and printed or not as one asks for it.
_BEGINS = re.compile(r"std::sys(?:_common)?::backtrace::__rust_begin_short_backtrace|std::rt::lang_start")
_NOTES = ("note: ", "help: ")


def chain_in(text: str) -> tuple[Raised, ...]:
    return told(text)[1]


def told(text: str) -> tuple[str, tuple[Raised, ...]]:
    """What was said above, and the panic or error with its backtrace; of several panics the first."""
    lines = [line[:MAX_LINE].rstrip() for line in text.split("\n", MAX_LINES)[:MAX_LINES]]
    heading = next((n for n, line in enumerate(lines) if line.strip().lower() == HEADING), len(lines))
    at = next((n for n, line in enumerate(lines[:heading]) if "panicked at " in line), None)
    frames = _frames(lines[heading + 1 :] or lines)
    if at is None:
        return _returned([line for line in lines[:heading] if line.strip()], frames)
    said = [line for line in lines[at:heading] if not line.startswith(_NOTES)]
    found = _PANICKED.fullmatch("\n".join(said[:MAX_SAID]).strip())
    if not found or not (found["colon"] or found["old"] is not None):
        return "", ()
    place = Frame(filename=found["file"], lineno=int(found["line"]))
    raised = Raised(
        type="panic", value=(found["old"] or found["said"]).strip(), frames=frames or (place,), synthetic=True
    )
    return "\n".join([*lines[:at], found["before"]]).strip(" :\n"), (raised,)


def _returned(said: Sequence[str], frames: tuple[Frame, ...]) -> tuple[str, tuple[Raised, ...]]:
    """An error that `main` returned, or a logger was given: what led to it is listed below it, without a type."""
    if not any(frame.filename for frame in frames):
        return "", ()
    value = said[0].strip().removeprefix("Error: ") if said and not _FRAME.fullmatch(said[0]) else ""
    return "", (Raised(type="Error", value=value, frames=frames, synthetic=True),)


def _frames(lines: Sequence[str]) -> tuple[Frame, ...]:
    frames: list[Frame] = []
    for line in lines:
        if found := _FRAME.fullmatch(line):
            if found[1] == "0" and frames:
                break
            frames.append(Frame(function=_CRATE_HASH.sub("", found[2])))
        elif (place := _PLACE.fullmatch(line)) and frames and not frames[-1].filename:
            file = place[1].removeprefix("./")
            frames[-1] = Frame(
                function=frames[-1].function, filename=file, lineno=int(place[2]),
                abs_path=file if file.startswith("/") else "", in_app=False if file.startswith("/rustc/") else None,
            )  # fmt: skip
        elif frames and line.strip():
            break
    begin = max((n + 1 for n, frame in enumerate(frames) if _RAISES.match(frame.function)), default=0)
    end = next((n for n, frame in enumerate(frames) if n >= begin and _BEGINS.match(frame.function)), len(frames))
    return both_ends(frames[begin:end][::-1])
