"""Feeds one process and reads its outputs, in one thread and without ever blocking on any of them."""

import os
import selectors
import subprocess
import time
from collections.abc import Callable
from functools import partial
from typing import IO

from improver.sandbox.output import Lines

CHUNK = 65536


class Traffic:
    """`turn` does what can be done now; the caller decides how often, and when to give up."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: bytes,
        on_stdout: Callable[[bytes], None],
        on_stderr: Callable[[bytes], None],
    ) -> None:
        assert process.stdin and process.stdout and process.stderr
        self._selector = selectors.DefaultSelector()
        self._stdin = memoryview(stdin)
        self._open: dict[IO[bytes], Lines] = {}
        self._end = os.pidfd_open(process.pid)
        self._selector.register(self._end, selectors.EVENT_READ, self._note_the_end)
        self._add(process.stdin, selectors.EVENT_WRITE, self._write)
        for stream, sink in ((process.stdout, on_stdout), (process.stderr, on_stderr)):
            self._open[stream] = Lines(sink)
            self._add(stream, selectors.EVENT_READ, self._read)

    def turn(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            key.data()

    def drain(self, patience_s: float) -> None:
        """Read what is left; a survivor that holds a pipe open is not waited for any longer than this."""
        deadline = time.monotonic() + patience_s
        while self._open and (left := deadline - time.monotonic()) > 0:
            self.turn(left)
        for lines in self._open.values():
            lines.close()

    def __enter__(self) -> "Traffic":
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        os.close(self._end)

    def _add(self, stream: IO[bytes], event: int, handle: Callable[[IO[bytes]], None]) -> None:
        os.set_blocking(stream.fileno(), False)
        self._selector.register(stream, event, partial(handle, stream))

    def _note_the_end(self) -> None:
        # The event itself ended the waiting; staying registered would make every later turn a busy one.
        self._selector.unregister(self._end)

    def _read(self, stream: IO[bytes]) -> None:
        data = os.read(stream.fileno(), CHUNK)
        if data:
            self._open[stream].feed(data)
            return
        self._open.pop(stream).close()
        self._drop(stream)

    def _write(self, stream: IO[bytes]) -> None:
        try:
            self._stdin = self._stdin[os.write(stream.fileno(), self._stdin[:CHUNK]) :]
        except BrokenPipeError:
            self._stdin = memoryview(b"")  # it does not want to read any more
        if not self._stdin:
            self._drop(stream)

    def _drop(self, stream: IO[bytes]) -> None:
        self._selector.unregister(stream)
        stream.close()
