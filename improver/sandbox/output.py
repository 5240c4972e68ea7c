"""What a command prints: cut into lines as it comes, and kept within a limit."""

from collections.abc import Callable

LONGEST_LINE = 8 * 1024 * 1024  # a longer one arrives in pieces


class Lines:
    """Bytes in, whole lines out."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        whole, newline, rest = data.rpartition(b"\n")
        if newline:
            self._rest += whole
            for line in bytes(self._rest).split(b"\n"):
                self._sink(line)
            self._rest.clear()
        self._rest += rest
        if len(self._rest) > LONGEST_LINE:
            self.close()

    def close(self) -> None:
        if self._rest:
            self._sink(bytes(self._rest))
            self._rest.clear()


class Excerpt:
    """The head and the tail of everything added: `limit` bytes at most."""

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0

    def add(self, line: bytes) -> None:
        data = line + b"\n"
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._half:
            self._trim()

    def text(self) -> str:
        self._trim()
        gap = f"\n… {self._dropped} bytes left out …\n".encode() if self._dropped else b""
        return (self._head + gap + self._tail).decode(errors="replace")

    def _trim(self) -> None:
        surplus = max(0, len(self._tail) - self._half)
        self._dropped += surplus
        del self._tail[:surplus]
