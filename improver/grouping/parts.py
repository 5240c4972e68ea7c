"""What a grouping key is made of, line by line."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One line of a grouping key; `ignored` says why it was left out, and is empty for what was hashed."""

    what: str  # "type", "frame", "message" or "client"
    text: str
    ignored: str = ""
