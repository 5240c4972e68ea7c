"""Grouping, version 1. Frozen: changing what this returns would split every known Finding in two."""

from dataclasses import dataclass

from improver.grouping import frames
from improver.grouping.messages import parameterize
from improver.model import ErrorEvent, Raised
from improver.model.ids import digest

NUMBER = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouping:
    """`key` decides; `system_key` counts every frame; `because` is what was hashed, for people to read."""

    version: int
    key: str
    system_key: str
    template: str
    because: tuple[str, ...]


def group(error: ErrorEvent) -> Grouping:
    template = parameterize(error.raised[-1].value if error.raised else error.message)
    system = _parts(error.raised, in_app_only=())
    if error.client_fingerprint and error.client_fingerprint != ("{{ default }}",):
        parts = tuple(f"client: {part}" for part in error.client_fingerprint)
    else:
        parts = _parts(error.raised, in_app_only=error.raised) or system or _by_message(error, template)
    return Grouping(
        version=NUMBER, key=digest(*parts), system_key=digest(*(system or parts)), template=template, because=parts
    )


def _by_message(error: ErrorEvent, template: str) -> tuple[str, ...]:
    kind = error.raised[-1].type if error.raised else error.level
    return (f"type: {kind}", f"message: {template}")


def _parts(chain: tuple[Raised, ...], in_app_only: tuple[Raised, ...]) -> tuple[str, ...]:
    """The chain's types and frames; nothing unless at least one frame says where."""
    parts: list[str] = []
    placed = False
    for raised in chain:
        parts.append(f"type: {raised.type}")
        kept = [frame for frame in raised.frames if not in_app_only or frames.is_in_app(frame)]
        keys = _without_recursion([frames.key(frame) for frame in kept])
        placed = placed or bool(keys)
        parts.extend(f"frame: {key}" for key in keys)
    return tuple(parts) if placed else ()


def _without_recursion(keys: list[str]) -> list[str]:
    """Consecutive repeats are one: the depth of a recursion says nothing about its cause."""
    return [key for index, key in enumerate(keys) if key != "|" and (index == 0 or keys[index - 1] != key)]
