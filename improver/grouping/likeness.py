"""How alike two stacks are, in one pass over their frames (after FaST: Rodrigues, Aloise, Fernandes, MSR 2022)."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from improver.grouping import stacks
from improver.model import Frame

MERGE = 0.9
SUGGEST = 0.7
_NEARNESS = 1.0  # how much more the innermost frames count
_RARITY = 1.0  # how much less frames count that stand in many stacks
_ORDER = 0.5  # how much a frame at another depth counts less
_NEIGHBOURS = 20  # stacks that share the rarest frames: what one stack is compared with stays bounded

Keys = tuple[str, ...]


def keys(frames: Sequence[Frame]) -> Keys:
    """The frames that count, innermost first: the user's own, else all."""
    seen = stacks.seen(frames, "")
    own = [one.key for one in stacks.own(seen) if not one.ignored]
    return tuple(reversed(own or [one.key for one in seen if not one.ignored]))


class Stacks:
    """Stacks of one type of exception, found again by the frames they share."""

    def __init__(self) -> None:
        self._stacks: dict[str, Keys] = {}
        self._with: dict[str, list[str]] = defaultdict(list)

    def add(self, name: str, stack: Keys) -> None:
        self._stacks[name] = stack
        for key in dict.fromkeys(stack):
            self._with[key].append(name)

    def like(self, stack: Keys) -> list[tuple[float, str]]:
        """Those that are alike enough to say so, the most alike first."""
        found = ((self.likeness(stack, self._stacks[name]), name) for name in self._near(stack))
        return sorted(((value, name) for value, name in found if value >= SUGGEST), key=lambda one: (-one[0], one[1]))

    def mergeable(self, stack: Keys, name: str, likeness: float) -> bool:
        """What broke must be the same function, however alike the ways to it are: a false merge hides a bug.

        A function without a name is known by the one that called it; where that has none either, it may be any other.
        """
        nearest = next((depth for depth, key in enumerate(stack[:2], 1) if not key.endswith("|")), 0)
        return likeness >= MERGE and nearest > 0 and stack[:nearest] == self._stacks[name][:nearest]

    def likeness(self, one: Keys, other: Keys) -> float:
        """1 for the same stack, -1 for stacks with nothing in common."""
        weighed, weighed_there = self._weighed(one, set(one)), self._weighed(other, set(one))
        total = sum(weight for _, weight in (*weighed, *weighed_there))
        waiting: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for depth, (key, weight) in enumerate(weighed):
            waiting[key].append((depth, weight))
        taken: Counter[str] = Counter()
        shared = matched = 0.0
        for depth, (key, weight) in enumerate(weighed_there):
            if taken[key] < len(waiting[key]):
                there, weight_there = waiting[key][taken[key]]
                taken[key] += 1
                matched += weight + weight_there
                shared += (weight + weight_there) * math.exp(-_ORDER * abs(depth - there))
        return round((shared - (total - matched)) / total, 3) if total else 0.0

    def _weighed(self, stack: Keys, new: set[str]) -> list[tuple[str, float]]:
        """The frames with what each is worth; `new` are those of a stack that is not among the known ones."""
        known = len(self._stacks) + 1
        shares = ((key, (len(self._with.get(key, ())) + (key in new)) / known) for key in stack)
        return [
            (key, depth**-_NEARNESS * math.exp(-_RARITY * share)) for depth, (key, share) in enumerate(shares, 1)
        ]

    def _near(self, stack: Keys) -> list[str]:
        rarest = sorted(set(stack) & self._with.keys(), key=lambda key: (len(self._with[key]), key))
        near: dict[str, None] = {}
        for key in rarest:
            near.update(dict.fromkeys(self._with[key][:_NEIGHBOURS]))
            if len(near) >= _NEIGHBOURS:
                break
        return list(near)[:_NEIGHBOURS]
