"""Exception groups, as trees that SDKs tell or programs print, made chains: the group first, then its members."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from improver.collectors._lenient import mapping, text, whole
from improver.model import Raised

MAX_MEMBERS = 50
# One of those that a group holds says which: exceptions[0], errors[0], InnerExceptions[0].
_MEMBER = re.compile(r"[\w.]{0,100}\[\d{1,9}\]")
_CAUSES = ("__cause__", "__context__", "cause", "InnerException")

Chain = tuple[Raised, ...]


def held(group: Sequence[Raised], members: Iterable[Sequence[Raised]]) -> Chain:
    """The group's chain and those of its members: each once, in an order that is not that in which they failed."""
    leaves = [leaf for member in members for leaf in _leaves(member) if leaf]
    distinct = list({tuple((one.type, one.frames or one.value) for one in leaf): leaf for leaf in leaves}.values())
    if not distinct:
        return tuple(group)
    wrapper = [replace(one, group=True) for one in group[-1:]]
    numbered = [
        replace(one, member=number)
        for number, leaf in enumerate(sorted(distinct, key=_order)[:MAX_MEMBERS], 1)
        for one in leaf
    ]
    return (*group[:-1], *wrapper, *numbered)


def of_mechanisms(records: Sequence[Mapping[str, Any]], raised: Sequence[Raised]) -> Chain:
    """As Sentry's protocol tells the tree, and PostHog's: each exception by its number and that of its parent.

    `raised` is in the order of a chain, and is left as it is where there is no group.
    """
    tree = _Tree([mapping(record.get("mechanism")) for record in records], raised)
    return tree.chain() if tree.groups else tuple(raised)


class _Tree:
    """What was told of one exception by their numbers; those whose parent is not there are on top."""

    def __init__(self, mechanisms: Sequence[Mapping[str, Any]], raised: Sequence[Raised]) -> None:
        numbered = [(whole(mechanism.get("exception_id")), mechanism) for mechanism in mechanisms]
        self._raised = {number: one for (number, _), one in zip(numbered, raised, strict=True) if number is not None}
        self._told = {number: mechanism for number, mechanism in numbered if number is not None}
        complete = len(self._raised) == len(raised)
        self.groups = {n for n, told in self._told.items() if told.get("is_exception_group") is True and complete}
        self._below: dict[int | None, list[int]] = {}
        for number, mechanism in self._told.items():
            self._below.setdefault(self._parent(number, mechanism), []).append(number)

    def _parent(self, number: int, mechanism: Mapping[str, Any]) -> int | None:
        """Numbers grow downwards; a parent that is said to be below its child is none."""
        parent = whole(mechanism.get("parent_id"))
        return parent if parent in self._told and parent is not None and parent < number else None

    def chain(self) -> Chain:
        tops = [self._of(number) for number in sorted(self._below.get(None, ()), reverse=True)]
        return tuple(one for top in tops for one in top)

    def _of(self, number: int) -> Chain:
        below = sorted(self._below.get(number, ()))
        members = [one for one in below if number in self.groups and self._is_member(one)]
        causes = [found for one in below if one not in members for found in self._of(one)]
        own = (*causes, self._raised[number])
        return held(own, map(self._of, members)) if members else own

    def _is_member(self, number: int) -> bool:
        source = text(self._told[number].get("source"))
        return bool(_MEMBER.fullmatch(source)) or source not in _CAUSES


def _leaves(chain: Sequence[Raised]) -> list[Chain]:
    """Of a group within a group only its members count."""
    if not any(one.member for one in chain):
        return [tuple(chain)]
    return [
        tuple(replace(one, member=0) for one in same)
        for number, same in groupby(chain, key=lambda one: one.member)
        if number
    ]


def _order(leaf: Chain) -> tuple[str, ...]:
    last = leaf[-1]
    return (last.type, *(f"{frame.filename}|{frame.function}" for frame in last.frames[-1:]), last.value)
