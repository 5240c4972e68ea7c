"""Takes a fix apart, from its hunks to its lines: a part that no test misses is not shown to be needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from improver.gates._hunks import Hunk, fix_of, reverted
from improver.gates._pieces import pieces
from improver.model import Boxed, Change

# How a tree's tests ended, and whether any that is green on the change is not green there.
Ran = tuple[Boxed, bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """`hunks` are tried first, then `pieces` of them."""

    hunks: int
    pieces: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """`unneeded`: the tests stay green without it; `untried`: the limits were reached before."""

    unneeded: tuple[Hunk, ...] = ()
    untried: tuple[Hunk, ...] = ()
    boxed: Boxed | None = None
    seconds: float = 0.0


def mutate(change: Change, runs: Callable[[Path], Ran], limits: Limits) -> Tried:
    fix = fix_of(change)
    # Without the only one it is the base, which is red.
    coarse = _tried(change, fix[: limits.hunks] if len(fix) > 1 else [], runs, limits.seconds)
    untried = [*coarse.untried, *(fix[limits.hunks :] if len(fix) > 1 else [])]
    if coarse.unneeded or not limits.hunks:
        return replace(coarse, untried=tuple(untried))
    known = {(hunk.path, _text(change, hunk)) for hunk in fix}
    fine: list[Hunk] = []
    for hunk in fix:
        for piece in pieces(change, hunk):
            mutant = (hunk.path, _text(change, piece))
            if mutant not in known:
                known.add(mutant)
                fine.append(piece)
    tried = _tried(change, fine[: limits.pieces], runs, limits.seconds - coarse.seconds)
    return replace(tried, untried=(*untried, *tried.untried, *fine[limits.pieces :]))


def _text(change: Change, hunk: Hunk) -> str | None:
    text = change.text(hunk.path)
    return None if text is None or hunk.is_file else hunk.without(text)


def _tried(change: Change, parts: Sequence[Hunk], runs: Callable[[Path], Ran], seconds: float) -> Tried:
    unneeded: list[Hunk] = []
    untried: list[Hunk] = []
    spent, last = 0.0, None
    waiting = list(parts)
    while waiting and spent < seconds:
        batch, waiting = waiting[: change.lanes], waiting[change.lanes :]
        told = change.side_by_side([partial(_without, change, part, runs) for part in batch])
        spent += max((ran[0].seconds for ran in told if ran), default=0.0)
        for part, ran in zip(batch, told, strict=True):
            if ran is None:
                untried.append(part)
            elif not ran[1] and not any(_holds(other, part) for other in unneeded):
                unneeded.append(part)
                last = ran[0]
        waiting = [part for part in waiting if not any(_holds(other, part) for other in unneeded)]
    return Tried(unneeded=tuple(unneeded), untried=(*untried, *waiting), boxed=last, seconds=spent)


def _without(change: Change, part: Hunk, runs: Callable[[Path], Ran]) -> Ran | None:
    tree = reverted(change, part)
    return None if tree is None else runs(tree)


def _holds(whole: Hunk, part: Hunk) -> bool:
    inside = whole.line <= part.line and part.line + part.length <= whole.line + whole.length
    return whole.path == part.path and inside and not whole.is_file
