"""How much one sender may send in a minute."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime


class Quota:
    """Counted by key id within each minute of the clock; what comes without a key counts together, under ""."""

    def __init__(self, per_minute: int, clock: Callable[[], datetime]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._minute = 0
        self._taken: Counter[str] = Counter()

    def takes(self, key_id: str) -> bool:
        """Whether one more fits; if it does, it is counted."""
        minute = int(self._clock().timestamp() // 60)
        if minute != self._minute:
            self._minute, self._taken = minute, Counter()
        if self._taken[key_id] >= self._per_minute:
            return False
        self._taken[key_id] += 1
        return True
