"""Mutation of JSON: types swapped, keys doubled, values as no JSON writer writes them, subtrees moved and repeated."""

import json
import random
from collections.abc import Iterator
from typing import Any

from bench.fuzz import odd

MAX_SLOTS = 4000


class Pairs(list[list[Any]]):
    """An object, whose keys need not be unique."""


class Raw(str):
    """Text that stands in the JSON as it is."""


def parsed(text: bytes | str) -> Any:
    """Raises ValueError or RecursionError for what is none."""
    return json.loads(text, object_pairs_hook=lambda pairs: Pairs(map(list, pairs)))


def written(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{written(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def mutate(root: Any, rng: random.Random, other: Any) -> Any:
    """One change somewhere in the tree; `other` is one to take parts from."""
    holder = [root]
    slots = list(_slots(holder))
    container, at = rng.choice(slots)
    value = container[at]
    if isinstance(value, str) and not isinstance(value, Raw) and value[:1] in ("{", "[") and rng.random() < 0.6:
        container[at] = _inside(value, rng, other)
        return holder[0]
    rng.choice((_odd, _odd, _odd, _wrapped, _removed, _repeated, _taken, _named, _doubled, _altered, _altered))(
        container, at, rng, other
    )
    return holder[0] if holder else Raw(odd.literal(rng))


def _slots(holder: list[Any]) -> Iterator[tuple[list[Any], int]]:
    """Places of values: a list with an index in it. A pair's value is in its second place."""
    waiting, found = [holder], 0
    while waiting and found < MAX_SLOTS:
        container = waiting.pop()
        for at, inner in enumerate(container):
            place = (inner, 1) if isinstance(container, Pairs) else (container, at)
            value = place[0][place[1]]
            yield place
            found += 1
            if isinstance(value, list) and value:
                waiting.append(value)


def _inside(value: str, rng: random.Random, other: Any) -> Any:
    """JSON in a text of JSON."""
    try:
        return written(mutate(parsed(value), rng, other))
    except (ValueError, RecursionError):
        return Raw(odd.literal(rng))


def _odd(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    container[at] = Raw(odd.literal(rng))


def _wrapped(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    value = container[at]
    container[at] = rng.choice(([value], Pairs([[odd.text(rng), value]]), [value, value]))


def _removed(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    value = container[at]
    if isinstance(value, list) and value:
        del value[rng.randrange(len(value))]
    else:
        container[at] = None


def _repeated(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    value = container[at]
    if isinstance(value, list) and value:
        one = rng.choice(value)
        size = len(written(one)) + 1
        times = min(rng.choice((2, 5, 101, 101, 1001, 20_000)), max(1, 400_000 // size))
        value += [one] * times


def _taken(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    donor, place = rng.choice(list(_slots([other])))
    # A copy: written in two places, it must not be changed in both, nor hold itself.
    container[at] = Raw(written(donor[place]))


def _named(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    """A key that our decoders know, in place of another."""
    value = container[at]
    if isinstance(value, Pairs) and value:
        rng.choice(value)[0] = odd.text(rng)
    else:
        container[at] = odd.text(rng)


def _doubled(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    value = container[at]
    if isinstance(value, Pairs) and value:
        key = rng.choice(value)[0] if rng.random() < 0.5 else odd.text(rng)
        value.append([key, Raw(odd.literal(rng))])
    else:
        container[at] = Raw(odd.literal(rng))


def _altered(container: list[Any], at: int, rng: random.Random, other: Any) -> None:
    value = container[at]
    if isinstance(value, bool) or not isinstance(value, str | int | float) or isinstance(value, Raw):
        container[at] = Raw(odd.literal(rng))
    elif isinstance(value, str):
        cut = rng.randint(0, len(value))
        container[at] = value[:cut] + odd.text(rng) + value[cut + rng.choice((0, 0, 1, 5)) :]
    else:
        container[at] = rng.choice((str(value), -value, value * 1000, [value]))
