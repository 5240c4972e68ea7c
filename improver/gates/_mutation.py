"""Takes the hunks of a fix away one by one: a test that stays green without one does not show that it is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from improver.gates._hunks import Hunk, fix_of, reverted
from improver.model import Boxed, Change

# How a tree's tests ended, and whether any that is green on the change is not green there.
Ran = tuple[Boxed, bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    hunks: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """`unneeded`: the tests stay green without it; `untried`: the limits were reached before."""

    unneeded: tuple[Hunk, ...] = ()
    untried: tuple[Hunk, ...] = ()
    boxed: Boxed | None = None


def mutate(change: Change, runs: Callable[[Path], Ran], limits: Limits) -> Tried:
    fix = fix_of(change)
    if len(fix) < 2:
        return Tried()  # without the only one it is the base, which is red
    unneeded: list[Hunk] = []
    untried = list(fix[limits.hunks :])
    spent, last = 0.0, None
    for hunk in fix[: limits.hunks]:
        tree = reverted(change, hunk) if spent < limits.seconds else None
        if tree is None:
            untried.append(hunk)
            continue
        boxed, red = runs(tree)
        spent += boxed.seconds
        if not red:
            unneeded.append(hunk)
            last = boxed
    return Tried(unneeded=tuple(unneeded), untried=tuple(untried), boxed=last)
