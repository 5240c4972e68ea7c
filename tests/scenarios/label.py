"""What a scenario is: a story, how it was driven, when it is played, and the Findings that it must give."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.scenarios.stage import Stage

PARTS = ("open", "sealed", "later", "fresh", "unseen")
FAMILIES = ("errors", "logs", "traces", "usage", "agents", "feedback", "across", "story")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One cause. `kinds` and `where` are alternatives: any one of them will do; an empty `pattern` is any pattern.

    `where` is looked for in everything that the Finding says of its place: title, location, route, functions, element.
    `at_most` is how many Findings one cause may become before the rest counts as a false alarm.
    """

    kinds: tuple[str, ...]
    where: tuple[str, ...]
    pattern: str = ""
    at_most: int = 1
    events: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Play:
    """A take, `times` over, evenly but for a seeded jitter between two moments, each copy with ids of its own.

    Times are days before now. Every copy is one of the take's rounds; its visitor is one of `visitors`, whose numbers
    begin at `first_visitor`.
    """

    take: str
    times: int
    since: float
    until: float = 0.0
    visitors: int = 1
    first_visitor: int = 1


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Without plays, everything is played once, as it was recorded, and ends now.

    `expected` must be found; `allowed` may be: it is true, but not the story's point. Anything else is a false alarm.
    `in_order` asks that the expected Findings rank in the order in which they stand here.
    """

    name: str
    family: str
    story: str
    drive: Callable[["Stage"], None]
    expected: tuple[Expected, ...] = ()
    allowed: tuple[Expected, ...] = ()
    plays: tuple[Play, ...] = ()
    in_order: bool = False
    part: str = field(default="", compare=False)


def error(*where: str, events: tuple[int, int] | None = None) -> Expected:
    return Expected(kinds=("error", "crash"), where=where, events=events)


def performance(pattern: str, *where: str, at_most: int = 1) -> Expected:
    return Expected(kinds=("performance",), pattern=pattern, where=where, at_most=at_most)


def friction(pattern: str, *where: str) -> Expected:
    return Expected(kinds=("friction",), pattern=pattern, where=where)


def agent_friction(pattern: str, *where: str) -> Expected:
    return Expected(kinds=("agent_friction",), pattern=pattern, where=where)
