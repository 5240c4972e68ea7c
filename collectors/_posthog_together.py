"""Bodies of PostHog's SDKs decoded together: plain usage as rows, one by one only what is more than its columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from improver.collectors import _posthog_rows as usage_rows
from improver.collectors._posthog_body import MAX_EVENT, Body, is_too_large
from improver.collectors._posthog_events import MAX_NAME, RECORDINGS, Sending, events, events_in
from improver.collectors._posthog_rows import Plain
from improver.model import Batch, Event, Rows, UsageEvent

# What these make is no usage, or not always.
OTHERS = frozenset(("$exception", "$mcp_tool_call", "$ai_span", "$ai_generation", *RECORDINGS))
# Too few to be worth columns.
FEW = 8
# Halves of surrogate pairs are in no column, and no calendar has every date that looks like one.
UNTOLD = (UnicodeError, pa.ArrowException)


@dataclass
class Together:
    events: list[Event] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    rows: list[Rows] = field(default_factory=list)

    def add(self, found: Sequence[Event], ordinal: int) -> int:
        """The ordinal after these."""
        self.events += found
        self.ordinals += range(ordinal, ordinal + len(found))
        return ordinal + len(found)


def decode(bodies: Sequence[tuple[Sending, Body]]) -> Batch:
    """`bodies` are those of all Payloads, in their order."""
    made = Together()
    plain: list[Plain] = []
    for number, (sending, body) in enumerate(bodies):
        ordinal = 0
        for record in body.events:
            if _is_plain(record, body):
                plain.append((record, number, ordinal))
                ordinal += 1
            elif isinstance(found := events_in(record, sending, body), str):
                made.rejected[found] += 1
            else:
                ordinal = made.add(found, ordinal)
    _place(made, plain, [sending for sending, _ in bodies])
    return Batch(
        events=tuple(made.events), ordinals=tuple(made.ordinals), rejected=made.rejected, rows=tuple(made.rows)
    )


def _is_plain(record: object, body: Body) -> bool:
    """Whether it makes one UsageEvent, whatever else it says."""
    if not isinstance(record, dict) or not isinstance(record.get("properties"), dict):
        return False
    name = record.get("event")
    if not isinstance(name, str) or name in OTHERS or name != name.strip() or not 0 < len(name) <= MAX_NAME:
        return False
    return body.size <= MAX_EVENT or _is_small(record)


def _is_small(record: object) -> bool:
    try:
        return not is_too_large(record)
    except RecursionError:
        return False


def _place(made: Together, plain: list[Plain], sendings: Sequence[Sending]) -> None:
    """Halved, as long as some of them cannot be told as columns, until those are few."""
    if len(plain) <= FEW:
        return _place_singly(made, plain, sendings)
    try:
        return _place_rows(made, plain, sendings)
    except UNTOLD:
        middle = len(plain) // 2
        _place(made, plain[:middle], sendings)
        return _place(made, plain[middle:], sendings)


def _place_rows(made: Together, plain: list[Plain], sendings: Sequence[Sending]) -> None:
    columns = pa.table(usage_rows.columns(usage_rows.told(plain, sendings)))
    made.rows.append(Rows(kind=UsageEvent, columns=columns, records=[record for record, _, _ in plain]))


def _place_singly(made: Together, plain: list[Plain], sendings: Sequence[Sending]) -> None:
    for record, number, ordinal in plain:
        made.add([event for event in events(record, sendings[number]) if isinstance(event, Event)], ordinal)
