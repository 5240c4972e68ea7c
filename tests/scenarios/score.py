"""How well Findings meet their labels: precision and recall, and every miss and false alarm by name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from tests.scenarios.label import Expected, Scenario

# What says nothing of the place.
PLACELESS = frozenset(
    {
        "id", "kind", "pattern", "fingerprint", "status", "trend", "skipped", "target", "environment", "sources",
        "skipped_because", "trust", "release", "evidence", "suspects", "attempts", "outcomes", "spec", "code",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Score:
    """Of one scenario: `right` counts Findings, `met` expectations; what went wrong is in words."""

    scenario: str
    right: int
    met: int
    expected: int
    missed: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Total:
    scenarios: int
    right: int
    met: int
    expected: int
    alarms: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.alarms) if self.right + self.alarms else 1.0

    @property
    def recall(self) -> float:
        return self.met / self.expected if self.expected else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.2f} ({self.right} of {self.right + self.alarms})"
            f"  recall {self.recall:.2f} ({self.met} of {self.expected})  in {self.scenarios} scenarios"
        )


def total(scores: Sequence[Score]) -> Total:
    return Total(
        scenarios=len(scores),
        right=sum(one.right for one in scores),
        met=sum(one.met for one in scores),
        expected=sum(one.expected for one in scores),
        alarms=sum(len(one.alarms) for one in scores),
    )


def score(scenario: Scenario, found: Sequence[Any]) -> Score:
    """`found` is best first; each has a `row`, and a `view` that says more of its place.

    A Finding answers one expectation only: two causes that were merged into one Finding are one miss.
    """
    fits = [[n for n, one in enumerate(found) if meets(one, expected)] for expected in scenario.expected]
    first = assigned(fits)
    right = _right(scenario, fits, first)
    harmless = {n for n, one in enumerate(found) if any(meets(one, allowed) for allowed in scenario.allowed)}
    missed = [_said(expected) for n, expected in enumerate(scenario.expected) if n not in first]
    if scenario.in_order and not _in_order(first, len(fits)):
        missed.append("the order: " + ", ".join(str(first.get(n, "-")) for n in range(len(fits))))
    whole = len(fits) + scenario.in_order
    return Score(
        scenario=scenario.name,
        right=len(right),
        met=whole - len(missed),
        expected=whole,
        missed=tuple(missed),
        alarms=tuple(_described(one) for n, one in enumerate(found) if n not in right | harmless),
    )


def meets(one: Any, expected: Expected) -> bool:
    if _word(one.row.kind) not in expected.kinds:
        return False
    if expected.pattern and _word(getattr(one.row, "pattern", "")) != expected.pattern:
        return False
    if expected.events and not expected.events[0] <= one.row.events <= expected.events[1]:
        return False
    place = "\n".join((*_words(one.row), *_words(one.view))).casefold()
    return any(where.casefold() in place for where in expected.where)


def assigned(fits: Sequence[Sequence[int]]) -> dict[int, int]:
    """Expectation → Finding, as many as there can be, each Finding once (augmenting paths)."""
    owner: dict[int, int] = {}

    def place(expectation: int, tried: set[int]) -> bool:
        for finding in fits[expectation]:
            if finding in tried:
                continue
            tried.add(finding)
            if finding not in owner or place(owner[finding], tried):
                owner[finding] = expectation
                return True
        return False

    for expectation in range(len(fits)):
        place(expectation, set())
    return {expectation: finding for finding, expectation in owner.items()}


def _right(scenario: Scenario, fits: Sequence[Sequence[int]], first: dict[int, int]) -> set[int]:
    """The Findings that answer an expectation, and further ones of the same as far as it allows."""
    right = set(first.values())
    for number, expected in enumerate(scenario.expected):
        further = [finding for finding in fits[number] if finding not in right]
        right.update(further[: expected.at_most - 1] if number in first else ())
    return right


def _in_order(first: dict[int, int], expectations: int) -> bool:
    places = [first[n] for n in range(expectations) if n in first]
    return len(places) == expectations and places == sorted(places)


def _words(value: Any) -> Iterator[str]:
    """Every text in it that could name a place."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name not in PLACELESS:
                yield from _words(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _words(one)


def _word(value: Any) -> str:
    return str(getattr(value, "value", value))


def _said(expected: Expected) -> str:
    return f"{'/'.join(expected.kinds)} {expected.pattern} at {' or '.join(expected.where)}".replace("  ", " ")


def _described(one: Any) -> str:
    row = one.row
    what = " ".join(filter(None, (_word(row.kind), _word(getattr(row, "pattern", "")))))
    return f"{what}: {row.title!r} at {row.location or getattr(one.view, 'route', '') or '?'} ({row.events} events)"
