"""Runs one input under limits of time and memory, and says what went wrong, so that two of a kind are known as one."""

import faulthandler
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from bench.fuzz.collecting import Run
from bench.fuzz.samples import ROOT, Sample

MIB = 1 << 20
SECONDS = 5.0  # of processor time: a busy machine makes no input slow
MEMORY_MB = 512
# A call that never comes back to Python ends the process after so many of them.
STUCK = 24


class TooSlow(BaseException):
    """Raised from outside, in the middle of whatever takes so long; a decoder must not catch it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crash:
    """`kind` is the same for all inputs that fail in the same way."""

    kind: str
    said: str
    stack: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What an input broke, if anything, and what it took: processor time, and memory at its most."""

    crash: Crash | None
    seconds: float
    megabytes: float


def examine(run: Run, sample: Sample, seconds: float = SECONDS) -> Examined:
    _forget_peak()
    begun, before = time.process_time(), _peak()
    crash = None
    with _timed(seconds), _bounded(MEMORY_MB):
        try:
            run(sample)
        except TooSlow:
            crash = Crash(kind="slow", said=f"more than {seconds:g} s of processor time")
        except MemoryError as error:
            crash = Crash(kind=f"MemoryError at {_place(error)}", said=f"more than {MEMORY_MB} MB")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
            kind = f"{type(error).__name__} at {_place(error)}"
            crash = Crash(kind=kind, said=_last_line(error), stack=_stack(error))
    took = time.process_time() - begun
    if took > seconds:
        crash = crash or Crash(kind="slow", said=f"{took:.1f} s of processor time")
    return Examined(crash=crash, seconds=took, megabytes=(_peak() - before) / MIB)


def confirmed(run: Run, sample: Sample, crash: Crash, seconds: float = SECONDS) -> bool:
    """Whether it happens once more, and at a time when nothing else is measured."""
    again = examine(run, sample, seconds).crash
    return again is not None and again.kind == crash.kind


def _forget_peak() -> None:
    """From now on, the most memory that this process has held is what it holds now."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


@contextmanager
def _bounded(megabytes: int) -> Iterator[None]:
    """Allocations fail above what this process has now and so much more."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + megabytes * MIB, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    faulthandler.dump_traceback_later(seconds * STUCK, exit=True)
    before = signal.signal(signal.SIGPROF, _stop)
    # A few tenths more: what ends by itself a little late is measured, not torn apart.
    signal.setitimer(signal.ITIMER_PROF, seconds + 0.3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        faulthandler.cancel_dump_traceback_later()


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    sys.settrace(None)
    raise TooSlow


def _place(error: BaseException) -> str:
    """The innermost function of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [one for one in frames if one.filename.startswith(str(ROOT)) and "/bench/" not in one.filename
            and "/.venv/" not in one.filename]  # fmt: skip
    one = (ours or frames)[-1]
    return f"{one.filename.removeprefix(f'{ROOT}/')}:{one.name}"


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()[:300]


def _stack(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
