"""The audit log: what was decided and done, and whether anybody changed that record."""

from collections import deque

from improver.model import Chain, Entry
from improver.runtime import Runtime


def audit(runtime: Runtime, *, about: str = "", limit: int = 100) -> list[Entry]:
    """Its newest Entries, oldest first; `about` is how the id of a Finding or an Attempt begins."""
    return list(deque((entry for entry in runtime.audit.entries() if _concerns(entry, about)), maxlen=limit))


def audit_chain(runtime: Runtime, *, contains: str = "") -> Chain:
    """Whether every Entry follows from the one before; `contains` is a hash that was written down elsewhere."""
    return runtime.audit.verify(contains)


def _concerns(entry: Entry, about: str) -> bool:
    return entry.about.startswith(about) or entry.detail.get("finding", "").startswith(about or " ")
