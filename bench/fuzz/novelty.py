"""Which lines of our own code have run: an input that reaches a new one is worth keeping."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bench.fuzz.samples import ROOT

OURS = (f"{ROOT}/improver/", f"{ROOT}/collectors/")
# What is followed of one input: tracing is slow, and later calls of one function rarely differ.
FOLLOWED = 12
LINES = 20_000


class Novelty:
    """Every line that any input has reached so far."""

    def __init__(self) -> None:
        self.lines: set[tuple[str, int]] = set()
        self._calls: dict[CodeType, int] = {}
        self._left = 0

    @contextmanager
    def followed(self) -> Iterator[None]:
        self._calls.clear()
        self._left = LINES
        # MCP's tools run in threads of their own.
        threading.settrace(self._call)
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def possible(self) -> int:
        """How many lines the functions in the files that were reached have in all."""
        return sum(_count(name) for name in {name for name, _ in self.lines})

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        calls = self._calls.get(code, 0)
        if calls >= FOLLOWED or not code.co_filename.startswith(OURS):
            return None
        self._calls[code] = calls + 1
        return self._line

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self.lines.add((frame.f_code.co_filename, frame.f_lineno))
            self._left -= 1
            if self._left == 0:
                sys.settrace(None)
        return self._line


@cache
def _count(name: str) -> int:
    return len(set(_lines(name)))


def _lines(name: str) -> Iterator[int]:
    """Lines of code within functions: the others ran at the import."""
    waiting = [(compile(Path(name).read_text(), name, "exec"), False)]
    while waiting:
        code, inside = waiting.pop()
        # Of classes only the methods: their body ran at the import too.
        inside = inside or bool(code.co_flags & 0x2)
        if inside:
            yield from (line for _, _, line in code.co_lines() if line and line != code.co_firstlineno)
        waiting += [(inner, inside) for inner in code.co_consts if isinstance(inner, CodeType)]
