"""What the audit log says: one Entry for each decision, and two for each effect outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from improver.model.glossed import Glossed


class Act(Glossed):
    SAID = "said", "a person asked for something"
    SKIPPED = "skipped", "a Finding is not attempted, and why"
    CLAIMED = "claimed", "an Attempt was decided on: how far it may go, and why"
    BRIEFED = "briefed", "an Agent is about to be started with these exact bytes"
    MOVED = "moved", "an Attempt or a Finding went from one state to the next"
    WILL = "will", "an effect outside is about to be made"
    DID = "did", "the effect was made"
    COULD_NOT = "could_not", "the effect was refused or failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`hash` is of everything else here, `previous` the hash of the Entry before: nothing can change unseen."""

    number: int
    at: datetime
    act: Act
    about: str  # the id of what it is about: a Finding, an Attempt, a Target
    detail: Mapping[str, str] = field(default_factory=dict)
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """What a check of the whole log found."""

    entries: int
    head: str  # the hash of the last sound Entry
    problem: str = ""  # where and how it breaks
    contains: bool | None = None  # whether a hash that was asked for is one of its Entries'

    @property
    def sound(self) -> bool:
        return not self.problem and self.contains is not False
