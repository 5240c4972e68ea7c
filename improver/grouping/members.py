"""Exception groups: what several raised is told once, and what only holds it says nothing about its cause."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from improver.grouping.parts import Part
from improver.model import Raised

HOLDS = "only holds what others raised"
AGAIN = "raised more than once"


def once(chain: Sequence[Raised], told: Sequence[list[Part]]) -> list[Part]:
    """The parts of each of the chain, as one list: those of members in an order that does not depend on who failed
    first, each once, and none of the groups."""
    if not any(raised.member for raised in chain):
        return [part for parts in told for part in parts]
    pairs = list(zip(chain, told, strict=True))
    inner = [part for raised, parts in pairs if raised.member for part in parts]
    placed = any(part.what == "frame" and not part.ignored for part in inner)
    left_out = ("type", "frame") if placed else ("type",)
    found: list[Part] = []
    for inside, same in groupby(pairs, key=lambda one: bool(one[0].member)):
        run = list(same)
        found += _distinct(run) if inside else _outside(run, left_out)
    return found


def ends(chain: Sequence[Raised]) -> list[Raised]:
    """Of each member the exception that surfaced; empty where there is no group, or something was raised after it."""
    if not chain or not chain[-1].member:
        return []
    last = {raised.member: raised for raised in chain if raised.member}
    return list(last.values())


def _outside(told: Sequence[tuple[Raised, list[Part]]], left_out: tuple[str, ...]) -> list[Part]:
    """Where no member says where it was raised, the group's own stack does."""
    return [
        replace(part, ignored=part.ignored or HOLDS) if raised.group and part.what in left_out else part
        for raised, parts in told
        for part in parts
    ]


def _distinct(told: Sequence[tuple[Raised, list[Part]]]) -> list[Part]:
    counted: dict[tuple[str, ...], list[Part]] = {}
    again: list[Part] = []
    for _, same in groupby(told, key=lambda one: one[0].member):
        parts = [part for _, of_one in same for part in of_one]
        counting = tuple(f"{part.what} {part.text}" for part in parts if not part.ignored)
        if counting in counted:
            again += [replace(part, ignored=part.ignored or AGAIN) for part in parts]
        counted.setdefault(counting, parts)
    return [*(part for key in sorted(counted) for part in counted[key]), *again]
