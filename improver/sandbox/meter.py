"""Counts what an Agent spends at its model, while it is spent, and says when it is too much."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from improver.config.settings import Price
from improver.sandbox.prices import cost, price_of
from improver.sandbox.usage import Reading, Usage

UNPRICED = "the tokens for models without a known price"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What one request cost: `unpriced` are its tokens if nobody knows the model's price."""

    usage: Usage
    usd: float
    unpriced: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What one budget still has, requests that are on their way not counted."""

    budget: str  # "this Attempt", "today"
    usd: float
    unpriced: int


class Meter:
    """`left` is asked when a request begins and when one has ended; each one's cost goes to `spend`."""

    def __init__(
        self, prices: Mapping[str, Price], left: Callable[[], Sequence[Left]], spend: Callable[[Spent], None]
    ) -> None:
        self._prices = prices
        self._ask = left
        self._spend = spend
        self._left: Sequence[Left] = ()
        self._open: set[Reading] = set()
        self._over_since = 0.0
        self.over = ""  # which budget ran out, once one did

    @property
    def ignored_s(self) -> float:
        """For how long the Agent has gone on without a model."""
        return time.monotonic() - self._over_since if self.over else 0.0

    @contextmanager
    def reading(self, model: str, asked: int) -> Iterator[Reading]:
        """One paid request, from before it is sent until its answer ended, however that was."""
        reading = Reading(model=model, asked=asked)
        self._open.add(reading)
        try:
            yield reading
        finally:
            reading.end()
            self._spend(self.spent(reading.usage))
            self._open.discard(reading)
            self._left = self._ask()

    def refusal(self, model: str) -> str:
        """Why a request to this model may not pass, if a budget ran out."""
        self._left = self._ask()
        if price_of(model, self._prices) is None and not self.over:
            for left in self._left:
                if left.unpriced <= 0:
                    self._end(f"{UNPRICED} of {left.budget} are spent")
        return self.exhausted()

    def exhausted(self) -> str:
        """The same for those on their way, by what is known already: cheap enough for every piece of an answer."""
        flying = [self.spent(reading.usage) for reading in self._open]
        usd, unpriced = sum(spent.usd for spent in flying), sum(spent.unpriced for spent in flying)
        for left in self._left:
            if self.over:
                break
            if usd >= left.usd:
                self._end(f"the money of {left.budget} is spent")
            elif unpriced and unpriced >= left.unpriced:
                self._end(f"{UNPRICED} of {left.budget} are spent")
        return self.over

    def spent(self, usage: Usage) -> Spent:
        price = price_of(usage.model, self._prices, usage.prompt)
        if price is None:
            return Spent(usage=usage, usd=0.0, unpriced=usage.tokens)
        return Spent(usage=usage, usd=cost(usage, price), unpriced=0)

    def _end(self, reason: str) -> None:
        self.over = reason
        self._over_since = time.monotonic()
