"""Takes a fix apart, from its hunks to its lines: a part that no test misses is not shown to be needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
    for part in parts:
        if any(_holds(other, part) for other in unneeded):
            continue
        tree = reverted(change, part) if spent < seconds else None
        if tree is None:
            untried.append(part)
            continue
        boxed, red = runs(tree)
        spent += boxed.seconds
        if not red:
            unneeded.append(part)
            last = boxed
    return Tried(unneeded=tuple(unneeded), untried=tuple(untried), boxed=last, seconds=spent)


def _holds(whole: Hunk, part: Hunk) -> bool:
    inside = whole.line <= part.line and part.line + part.length <= whole.line + whole.length
    return whole.path == part.path and inside and not whole.is_file
