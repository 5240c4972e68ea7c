"""Stacks that are nearly the same are found in one pass, and only the surest are called one."""

import time

from improver.grouping.likeness import MERGE, Stacks, keys
from improver.model import Frame

LONG = tuple(f"shop|f{n}" for n in range(30))


def compared(one, other):
    stacks = Stacks()
    stacks.add("one", one)
    return stacks, stacks.like(other)


def test_the_same_stack_is_wholly_alike_and_a_strange_one_not_at_all():
    stacks, found = compared(LONG, LONG)
    assert found == [(1.0, "one")]
    assert stacks.likeness(LONG, ("other|g",)) == -1.0


def test_another_way_to_the_same_failure_is_one_and_another_failure_is_not():
    stacks, [(alike, name)] = compared(LONG, (*LONG[:-1], "job|run"))
    assert alike >= MERGE
    assert stacks.mergeable((*LONG[:-1], "job|run"), name, alike)
    assert not stacks.mergeable(("shop|g", *LONG[1:]), name, 1.0)


def test_a_place_without_a_function_is_known_by_what_called_it_or_not_at_all():
    bundle = ("app|",)
    assert not compared(bundle, bundle)[0].mergeable(bundle, "one", 1.0)
    called = ("pricing|", "pricing|discount")
    stacks, _ = compared(called, called)
    assert stacks.mergeable(called, "one", 1.0)
    assert not stacks.mergeable(("pricing|", "pricing|loyalty"), "one", 1.0)


def test_a_short_stack_that_differs_at_all_is_never_one():
    _, found = compared(("shop|pay", "shop|view"), ("shop|pay", "shop|job"))
    assert not [alike for alike, _ in found if alike >= MERGE]


def test_only_frames_that_count_are_compared_the_innermost_first():
    frames = [
        Frame(filename="/site-packages/flask/app.py", function="run"), Frame(filename="view.py", function="view"),
        Frame(filename="cart.py", function="pay"), Frame(filename="cart.py", function="pay"),
    ]  # fmt: skip
    assert keys(frames) == ("cart|pay", "view|view")


def test_comparing_takes_time_by_the_frames_not_by_the_stacks_known():
    stacks = Stacks()
    for n in range(2000):
        stacks.add(str(n), (f"a|{n}", "b|c", "d|e"))
    begun = time.perf_counter()
    stacks.like(("a|1", "b|c", "d|e"))
    assert stacks.likeness(("x|y",) * 10_000, ("x|y",) * 10_000) == 1.0
    assert time.perf_counter() - begun < 5
