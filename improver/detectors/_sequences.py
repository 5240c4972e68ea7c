"""Sequences that many runs have in common: PrefixSpan with few others in between, closed ones only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

Steps = tuple[str, ...]
# Where a sequence has got to: in which run, and the place of its last step there.
Ends = frozenset[tuple[int, int]]
MOST = 1000  # beginnings that are looked at: agents have few ways, and who invents more wants to keep us busy


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What was called from a beginning to an end, in its order; what can be no step is "" and only takes room."""

    unit: str
    user: str
    steps: Steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Common:
    """`units` are the runs that have these steps, `users` whose they are."""

    steps: Steps
    units: frozenset[str]
    users: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mining:
    """What is looked for: enough runs of enough users, so many steps, and so few others between two of them."""

    units: int
    users: int
    longest: int
    gap: int


def closed(runs: Sequence[Run], asked: Mining) -> list[Common]:
    """Those that no longer one has as many runs of, the most common first."""
    start = frozenset((number, -1) for number in range(len(runs)))
    begun = islice(_begun(runs, asked, (), start), MOST)
    found = [one for steps, ends in begun if (one := _ended(runs, asked, steps, ends))]
    kept = [one for one in found if not any(_within(one, other) for other in found)]
    return sorted(kept, key=lambda one: (-len(one.units), -len(one.steps), one.steps))


def _begun(runs: Sequence[Run], asked: Mining, steps: Steps, ends: Ends) -> Iterator[tuple[Steps, Ends]]:
    """All that enough runs begin with: what is too rare gets no rarer by further steps."""
    if not _enough(runs, ends, asked):
        return
    yield steps, ends
    if len(steps) == asked.longest:
        return
    following: dict[str, set[tuple[int, int]]] = {}
    for number, place in ends:
        for later in range(place + 1, min(place + 2 + asked.gap, len(runs[number].steps))):
            following.setdefault(runs[number].steps[later], set()).add((number, later))
    for step in sorted(following.keys() - {""}):
        yield from _begun(runs, asked, (*steps, step), frozenset(following[step]))


def _ended(runs: Sequence[Run], asked: Mining, steps: Steps, ends: Ends) -> Common | None:
    """Of the runs that are over soon after the last step."""
    over = frozenset((number, place) for number, place in ends if len(runs[number].steps) - place <= asked.gap + 1)
    if not steps or not _enough(runs, over, asked):
        return None
    return Common(steps=steps, units=_units(runs, over), users=_users(runs, over))


def _enough(runs: Sequence[Run], ends: Ends, asked: Mining) -> bool:
    users = _users(runs, ends)
    return len(_units(runs, ends)) >= asked.units and (not users or len(users) >= asked.users)


def _units(runs: Sequence[Run], ends: Ends) -> frozenset[str]:
    return frozenset(runs[number].unit for number, _ in ends)


def _users(runs: Sequence[Run], ends: Ends) -> frozenset[str]:
    return frozenset(runs[number].user for number, _ in ends if runs[number].user)


def _within(one: Common, other: Common) -> bool:
    """A longer one that has all of its steps, in their order, and as many runs."""
    if len(other.steps) <= len(one.steps) or len(other.units) < len(one.units):
        return False
    rest = iter(other.steps)
    return all(step in rest for step in one.steps)
