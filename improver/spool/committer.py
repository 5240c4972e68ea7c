"""Group commit: one thread writes and syncs whatever has come together while the disk was busy."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from improver.errors import ImproverError
from improver.spool.segment import Appender

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Append:
    record: bytes
    done: Future[None] = field(default_factory=Future)


class Committer:
    """`durable(segment, end)` is told what is safe before anybody who waits for it is."""

    def __init__(self, directory: Path, segment_bytes: int, last: int, durable: Callable[[int, int], None]) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._last = last
        self._durable = durable
        self._changed = threading.Condition()
        self._waiting: list[_Append] = []
        self._appender: Appender | None = None
        self._thread: threading.Thread | None = None
        self._sealing = False
        self._closed = False

    def submit(self, record: bytes) -> Future[None]:
        append = _Append(record=record)
        with self._changed:
            if self._closed:
                raise ImproverError("the Spool is closed", hint="improver is stopping: try again later", retryable=True)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
                self._thread.start()
            self._waiting.append(append)
            self._changed.notify()
        return append.done

    def waiting_bytes(self) -> int:
        with self._changed:
            return sum(len(append.record) for append in self._waiting)

    def seal(self, number: int) -> bool:
        """Whether nothing more will be appended to this segment; if something could be, it is closed soon."""
        with self._changed:
            if self._appender is None or self._appender.number != number:
                return True
            self._sealing = True
            self._changed.notify()
            return False

    def close(self) -> None:
        """Commit what is waiting, then stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while (group := self._next()) is not None:
            # An append whose caller went away is dropped: it was never acked.
            self._commit([append for append in group if append.done.set_running_or_notify_cancel()])
        self._retire()

    def _next(self) -> list[_Append] | None:
        """What to commit together, about a segment at most; None when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._sealing or self._closed)
            if self._sealing:
                self._retire()
            if self._closed and not self._waiting:
                return None
            size, count = 0, 0
            while count < len(self._waiting) and size < self._segment_bytes:
                size += len(self._waiting[count].record)
                count += 1
            group, self._waiting = self._waiting[:count], self._waiting[count:]
            return group

    def _commit(self, group: list[_Append]) -> None:
        if not group:
            return
        try:
            appender = self._writable()
            end = appender.append(append.record for append in group)
        except OSError as error:
            # Nobody knows what the disk made of the file after an error: the next group starts another.
            self._retire()
            _fail(group, self._directory, error)
            return
        self._last = appender.number
        self._durable(appender.number, end)
        for append in group:
            append.done.set_result(None)

    def _writable(self) -> Appender:
        if self._appender and self._appender.end >= self._segment_bytes:
            self._retire()
        if self._appender is None:
            appender = Appender(self._directory, self._last + 1)
            with self._changed:
                self._appender = appender
            return appender
        return self._appender

    def _retire(self) -> None:
        with self._changed:
            appender, self._appender, self._sealing = self._appender, None, False
        if appender:
            appender.close()


def _fail(group: list[_Append], directory: Path, error: OSError) -> None:
    log.error("the Spool could not be written", extra={"error": error.strerror, "appends": len(group)})
    for append in group:
        append.done.set_exception(
            ImproverError(
                f"cannot write to the Spool {directory}: {error.strerror}",
                hint="free some disk space; senders are told to try again later",
                retryable=True,
            )
        )
