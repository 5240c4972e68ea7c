"""What a generator makes: a request's body, and the ids by which its items can be found again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Whose key a request shows; `project` is the number in a Sentry DSN."""

    key: str
    project: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    body: bytes
    ids: tuple[str, ...]


class Source(Protocol):
    path: str
    headers: Mapping[str, str]
    items: int  # that one request carries

    def make(self, now_ns: int) -> Made: ...
