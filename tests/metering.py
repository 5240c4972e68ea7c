"""Meters for tests: one with more than anybody spends, and one with a purse that is watched."""

from improver.config.settings import Price
from improver.sandbox import Left, Meter, Spent

PLENTY = 10**9
CHEAP = Price(input=1, output=10, cache_read=0.1, cache_write=1.25)


def unmetered() -> Meter:
    return Meter({}, lambda: [Left(budget="this Attempt", usd=PLENTY, unpriced=PLENTY)], lambda _: None)


class Purse:
    """What is left of one budget, and what was spent of it."""

    def __init__(self, *, usd: float = PLENTY, unpriced: int = PLENTY) -> None:
        self.usd = usd
        self.unpriced = unpriced
        self.spent: list[Spent] = []
        self.meter = Meter({"priced*": CHEAP}, self.left, self.spent.append)

    def left(self) -> list[Left]:
        usd = self.usd - sum(spent.usd for spent in self.spent)
        return [Left(budget="this Attempt", usd=usd, unpriced=self.unpriced - sum(s.unpriced for s in self.spent))]
