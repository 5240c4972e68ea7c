"""Whose the occurrences of a Finding were, and what they cost: counted, weighed and shrunk; pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from improver.statistics import weight

PRIOR = 10  # as many occurrences as what was assumed weighs
ENOUGH = 10  # occurrences whose end is known, before a Finding has a price of its own
SHARE_HITS, SHARE_USERS = 0.5, 50.0  # what is assumed of a share before it is known: one in a hundred


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """So many who met it so many times each."""

    traffic: str  # a word for what no person did, else ""
    named: bool  # whether they were users or sessions, and not only traces or minutes
    times: int
    people: int
    minutes: float = 0.0  # measured, of all of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Impact:
    """What Crowds come to. `weighed` is people's occurrences, those that one repeats weighing less."""

    times: int = 0
    artificial: Mapping[str, int] = field(default_factory=dict)
    weighed: float = 0.0
    most: int = 0  # times of the one who met it most
    users: int = 0  # who are named
    minutes: float = 0.0
    weighed_minutes: float = 0.0

    @property
    def people(self) -> int:
        return self.times - sum(self.artificial.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposed:
    """How many users met a Finding's route, and how many there were at all."""

    route: int = 0
    everywhere: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """What followed occurrences of those who could be watched afterwards."""

    times: int = 0
    minutes: float = 0.0
    buckets: Mapping[int, int] = field(default_factory=dict)  # of those followed by a success

    @property
    def succeeded(self) -> int:
        return sum(self.buckets.values())

    @property
    def median_minutes(self) -> float:
        """Of those followed by a success: the middle of the bucket where half of them are reached."""
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if 2 * seen >= self.succeeded:
                return float(2 ** ((bucket + 0.5) / 4)) / 60
        return 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """Minutes that one occurrence costs, and why."""

    minutes: float
    because: str


def impact(crowds: Iterable[Crowd]) -> Impact:
    """What no person met counts once, however often it was: it stays to be seen, and ranks low."""
    found = reduce(_with, crowds, Impact())
    if found.people or not found.times:
        return found
    return replace(found, weighed=1.0, weighed_minutes=found.minutes / found.times)


def _with(so_far: Impact, crowd: Crowd) -> Impact:
    times = crowd.times * crowd.people
    artificial = dict(so_far.artificial)
    if crowd.traffic:
        artificial[crowd.traffic] = artificial.get(crowd.traffic, 0) + times
    part = 0.0 if crowd.traffic else weight(crowd.times) / crowd.times
    return Impact(
        times=so_far.times + times,
        artificial=artificial,
        weighed=so_far.weighed + times * part,
        most=so_far.most if crowd.traffic else max(so_far.most, crowd.times),
        users=so_far.users + crowd.people * (crowd.named and not crowd.traffic),
        minutes=so_far.minutes + crowd.minutes,
        weighed_minutes=so_far.weighed_minutes + crowd.minutes * part,
    )


def price(assumed: float, of_kind: Ends, of_finding: Ends, gave_up: float) -> Price:
    """What was assumed, corrected by all of the kind, and that by the Finding's own where there are enough."""
    usual = rounded(_shrunk(assumed, of_kind))
    if of_finding.times >= ENOUGH:
        return Price(minutes=rounded(_shrunk(usual, of_finding)), because=_said(of_finding, usual, gave_up))
    if of_kind.times >= ENOUGH:
        return Price(minutes=usual, because=f"of all of its kind, {_said(of_kind, assumed, gave_up)}")
    return Price(minutes=assumed, because="assumed, as too few who met it were seen before or afterwards")


def _shrunk(assumed: float, ends: Ends) -> float:
    return (ends.minutes + PRIOR * assumed) / (ends.times + PRIOR) if ends.times >= ENOUGH else assumed


def _said(ends: Ends, assumed: float, gave_up: float) -> str:
    median = f"median {ends.median_minutes:.2g} min; " if ends.succeeded else ""
    return (
        f"{ends.succeeded:,} of {ends.times:,} were followed by a success ({median}at most {gave_up:g} count);"
        f" the usual {assumed:g} min weighs as {PRIOR} more"
    )


def share(hits: int, of: int) -> float:
    """The part that was hit, shrunk: of three users, all three say little."""
    return (hits + SHARE_HITS) / (max(hits, of) + SHARE_USERS)


def rounded(value: float, digits: int = 2) -> float:
    """Digits that matter: what changes a little stays what it was."""
    return float(f"{value:.{digits}g}")


def richest(impacts: Sequence[Impact]) -> Impact | None:
    """The same told by several counts as often as by the one that told most."""
    return max(impacts, key=lambda one: (one.times, one.weighed), default=None)
