"""A person's word that an Attempt is to end: a file, so that whoever drives it sees it at once."""

import threading

from improver.model import Attempt
from improver.runtime import Runtime

WORD = "CANCELLED"


class Halt(threading.Event):
    """Set when improver stops, or when a person cancels this Attempt."""

    def __init__(self, runtime: Runtime, attempt: Attempt) -> None:
        super().__init__()
        self._stop = runtime.stop
        self._file = runtime.data.attempts / attempt.id / WORD

    def is_set(self) -> bool:
        return self._stop.is_set() or self._file.exists()


def cancel(runtime: Runtime, attempt: Attempt) -> None:
    folder = runtime.data.attempts / attempt.id
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / WORD).touch()


def cancelled(runtime: Runtime, attempt: Attempt) -> bool:
    return (runtime.data.attempts / attempt.id / WORD).exists()


def halted(runtime: Runtime, attempt: Attempt) -> bool:
    """Whether the step that it is in is to be left as it is: `attempts` knows how it goes on from there, if it does."""
    return Halt(runtime, attempt).is_set()
