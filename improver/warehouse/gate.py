"""Lets many pass at once, or one alone once the others are out."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from improver.errors import ImproverError

# Whoever comes meanwhile waits too: the loader, for one.
PATIENCE_S = 10.0


class Gate:
    """Whoever is inside may enter again; whoever wants to be alone waits for the rest, who let nobody new in."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside: Counter[int] = Counter()
        self._waiting = 0
        self._alone: int | None = None

    @contextmanager
    def shared(self) -> Iterator[None]:
        me = threading.get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._open_to(me))
            self._inside[me] += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside[me] -= 1
                self._inside += Counter()  # drops those who are out
                self._changed.notify_all()

    @contextmanager
    def alone(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        me = threading.get_ident()
        with self._changed:
            outermost = self._alone != me
            self._enter_alone(me, patience_s)
        try:
            yield
        finally:
            with self._changed:
                if outermost:
                    self._alone = None
                self._changed.notify_all()

    def _enter_alone(self, me: int, patience_s: float) -> None:
        self._waiting += 1
        try:
            if not self._changed.wait_for(lambda: self._empty_but_for(me), patience_s):
                raise ImproverError(
                    "the Warehouse is being read without a pause", hint="try again later", retryable=True
                )
            self._alone = me
        finally:
            self._waiting -= 1
            self._changed.notify_all()

    def _open_to(self, me: int) -> bool:
        if self._alone is not None:
            return self._alone == me
        return not self._waiting or me in self._inside

    def _empty_but_for(self, me: int) -> bool:
        return self._alone in (None, me) and not self._inside.keys() - {me}
