"""The signals that `improver watch` gets: collected, so that its loop acts on them where it stands."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Wakes a waiting loop when a signal to stop comes or a child ends; `asked` lists the former in order."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._before: dict[int, Any] = {}
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def __enter__(self) -> "Signals":
        # Python writes a byte here for each signal: a pipe wakes select(), where an Event could deadlock in a handler.
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in STOPPING:
            # Ignored before we came: somebody ran us under nohup.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._read)
        os.close(self._write)

    @property
    def impatient(self) -> bool:
        return len(self.asked) > 1

    def wait(self, seconds: float) -> None:
        """Until a signal comes or the time is over."""
        if select.select([self._read], [], [], max(0.0, seconds))[0]:
            os.read(self._read, 4096)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.asked.append(number)
