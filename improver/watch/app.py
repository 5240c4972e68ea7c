"""One run of the app: a process group of its own, whose stderr is passed on and remembered."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from improver.errors import ImproverError
from improver.watch.signals import Signals

TAIL = 64 * 1024
LOOK_S = 0.05  # how often a draining process group is looked at


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a run ended: with an exit code, or by a signal."""

    code: int | None
    signal: int | None
    seconds: float

    @property
    def well(self) -> bool:
        return self.code == 0

    @property
    def exit_code(self) -> int:
        """What a shell would say."""
        return 128 + self.signal if self.signal else self.code or 0

    def __str__(self) -> str:
        return f"was ended by {signal_name(self.signal)}" if self.signal else f"ended with exit code {self.code}"


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class App:
    def __init__(self, argv: tuple[str, ...], *, env: Mapping[str, str], run: str, commit: str, release: str) -> None:
        self.run = run
        self.commit = commit
        self.release = release
        self._started = time.monotonic()
        self._ending: Ending | None = None
        self._tail = bytearray()
        self._readable, writable = os.pipe()
        try:
            self._process = _start(argv, env, writable)
        finally:
            os.close(writable)
        self._pump = threading.Thread(target=self._pass_on, name="stderr", daemon=True)
        self._pump.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def ending(self) -> Ending | None:
        """How the app ended; None while it runs."""
        code = self._process.poll()
        return None if code is None else self._ended(code)

    def stop(self, number: int, drain_seconds: float, signals: Signals) -> Ending:
        """Ask the whole group to end, and kill what is left when the time is over or a person asks twice."""
        until = time.monotonic() + drain_seconds
        self._signal(number)
        while self._group_lives() and time.monotonic() < until and not signals.impatient:
            signals.wait(LOOK_S)
        return self.finish()

    def finish(self) -> Ending:
        """Leave nothing of its group behind, and take in the last of its stderr."""
        self._signal(signal.SIGKILL)
        ending = self._ended(self._process.wait())
        # A process that left the group may hold the pipe open: we don't wait for it.
        self._pump.join(timeout=1)
        return ending

    def stderr_tail(self) -> str:
        return self._tail.decode(errors="replace")

    def _ended(self, code: int) -> Ending:
        if self._ending is None:
            killed = -code if code < 0 else None
            self._ending = Ending(code=None if killed else code, signal=killed, seconds=self.seconds)
        return self._ending

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            # Gone; or, on some systems, only unreaped processes are left.
            return False
        return True

    def _group_lives(self) -> bool:
        return self._process.poll() is None or self._signal(0)

    def _pass_on(self) -> None:
        listening = True
        while chunk := os.read(self._readable, 65536):
            self._tail += chunk
            del self._tail[:-TAIL]
            listening = listening and _write(chunk)
        os.close(self._readable)


def _start(argv: tuple[str, ...], env: Mapping[str, str], stderr: int) -> "subprocess.Popen[bytes]":
    # A session of its own: signals reach its whole group, and Ctrl-C reaches it through us only.
    try:
        return subprocess.Popen(argv, env=dict(env), stderr=stderr, start_new_session=True)
    except OSError as error:
        hint = "give the command after `--`, as in `improver watch -- python app.py`"
        raise ImproverError(f"cannot start {argv[0]!r}: {error.strerror}", hint=hint) from error


def _write(chunk: bytes) -> bool:
    """Pass bytes on as they are; False when nobody reads our stderr any more."""
    try:
        while chunk:
            chunk = chunk[os.write(2, chunk) :]
    except OSError:
        return False
    return True
