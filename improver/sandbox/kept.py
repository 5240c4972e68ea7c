"""A started command and its leash."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from improver.sandbox import cgroup
from improver.sandbox.order import Order
from improver.sandbox.wrapped import Workbench, Wrapped

KEEPER = Path(__file__).with_name("keeper.py")
PATIENCE_S = 20.0  # longer than the keeper's own


class Kept:
    """Entering starts the command; leaving it ends whatever is left below it, however deep."""

    process: subprocess.Popen[bytes]

    def __init__(self, wrapped: Wrapped, order: Order, bench: Workbench) -> None:
        self._wrapped = wrapped
        self._order = order
        self._bench = bench
        self._leash: int | None = None

    def __enter__(self) -> "Kept":
        held, self._leash = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), *self._options(held), *self._wrapped.argv],
                cwd=self._order.tree,
                env=dict(self._wrapped.env),
                pass_fds=(held, self._bench.breach.fileno(), *self._wrapped.descriptors),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError:
            self.let_go()
            raise
        finally:
            os.close(held)
        return self

    def _options(self, held: int) -> tuple[str, ...]:
        order = self._order
        limits = {
            **asdict(order.limits),
            "folders": [str(folder) for folder in (order.tree, *order.writable)],
            "in_memory": self._wrapped.in_memory,
            "cgroup": str(cgroup.delegated() or ""),
        }
        return (str(held), str(self._bench.breach.fileno()), str(self._bench.folder), json.dumps(limits))

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def ask(self) -> None:
        """To end by itself; whether it does is its own affair."""
        if self._leash is None:
            return
        try:
            os.write(self._leash, b"t")
        except BrokenPipeError:
            return  # it has ended already

    def let_go(self) -> None:
        """The keeper sees its leash slack and kills everything below it."""
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None

    def __exit__(self, *_: object) -> None:
        self.let_go()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
