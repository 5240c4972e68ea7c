"""Which frames of one stack count: not what recurs, nor what is a library's, nor what is far from a native crash."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from improver.grouping import frames
from improver.grouping.frames import Counted
from improver.model import Frame

NATIVE_FRAMES = 3
RECURSION = "recursion"
LONGEST_CYCLE = 4


def seen(stack: Sequence[Frame], platform: str) -> list[Counted]:
    """Every frame, outermost first, those that say nothing and those that recur marked."""
    return _without_recursion(_without_callbacks([frames.of(frame, platform) for frame in stack]))


def overflown(stack: list[Counted]) -> list[Counted]:
    """How far it went before there was no stack left is chance: what called itself, or each other, is the cause."""
    counting = [one for one in stack if not one.ignored or one.ignored == RECURSION]
    times = Counter(one.key for one in counting)
    most = max(times.values(), default=0)
    if most < 2 or all(one.guessed_native for one in counting):
        return stack
    ring = {key for key, often in times.items() if 2 * often >= most}
    kept = {one.key: index for index, one in enumerate(stack) if one.key in ring and not one.ignored}
    rest = [
        replace(one, ignored=one.ignored or "only where the stack ran over")
        for index, one in enumerate(stack)
        if index not in kept.values()
    ]
    return [*rest, *(stack[kept[key]] for key in sorted(kept))]


def own(stack: list[Counted]) -> list[Counted]:
    """The same, with libraries' frames marked."""
    marked = [one if one.ignored or one.own else replace(one, ignored="a library's") for one in stack]
    counting = [one for one in marked if not one.ignored]
    return _near_the_crash(marked) if all(one.guessed_native for one in counting) else marked


def _near_the_crash(stack: list[Counted]) -> list[Counted]:
    """Nobody told own code from libraries here, and the ways that lead to a native crash are many."""
    left = NATIVE_FRAMES
    kept: list[Counted] = []
    for one in reversed(stack):
        far = not one.ignored and not left
        left -= bool(not one.ignored and left)
        kept.append(replace(one, ignored="far from the crash") if far else one)
    return kept[::-1]


def _without_callbacks(stack: list[Counted]) -> list[Counted]:
    """Engines disagree on the names of a script's anonymous functions: only the innermost says more than it hides."""
    innermost = max((index for index, one in enumerate(stack) if one.own and not one.ignored), default=-1)
    silent = {i for i, one in enumerate(stack) if one.script and one.nameless and not one.ignored} - {innermost}
    return [replace(one, ignored="anonymous") if index in silent else one for index, one in enumerate(stack)]


def _without_recursion(stack: list[Counted]) -> list[Counted]:
    """A cycle of a few frames that repeats is kept once: how deep a recursion was says nothing about its cause."""
    told = list(stack)
    kept: list[int] = []
    for index, one in enumerate(stack):
        if one.ignored:
            continue
        kept.append(index)
        for length in range(1, LONGEST_CYCLE + 1):
            if _repeats(stack, kept, length):
                for again in kept[-length:]:
                    told[again] = replace(stack[again], ignored=RECURSION)
                del kept[-length:]
                break
    return told


def _repeats(stack: list[Counted], kept: list[int], length: int) -> bool:
    if len(kept) < 2 * length:
        return False
    return all(stack[kept[-n]].key == stack[kept[-n - length]].key for n in range(1, length + 1))
