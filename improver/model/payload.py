"""Bytes as received, and what a Collector says about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from improver.model.autonomy import TrustLabel
from improver.model.event import Event

if TYPE_CHECKING:
    import pyarrow as pa

# The Target, service and environment of what `improver doctor` sends: it counts nowhere, and is taken back.
DOCTOR = "improver-doctor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """One request, file or line, exactly as it came; `path` tells a Collector which of its formats it is."""

    id: str
    collector: str
    path: str
    received_at: datetime
    body: bytes
    key_id: str = ""
    trust: TrustLabel = TrustLabel.PUBLIC
    content_type: str = ""
    content_encoding: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What a Collector may look at before the ack: header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftFile:
    """A file in the folder that a polling Collector reads, as the programs leave it that it hears of."""

    name: str
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""  # a stable reason word, counted; empty on success


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Many Events of one kind as columns, for formats that bring a lot of them.

    `columns` are the fields of the kind but for `payload_id` and `data`, and `payload` and `ordinal`: which of the
    decoded Payloads brought an Event, and its place among that one's. `data` are the parts of the clients' own records
    by name: pairs (a list of `key`, `text`, `whole`, `real`, `flag`), JSON that many share (a dictionary), or text.
    What is empty is left out of a record. Or there are `records`, whole, as Python reads them. Nothing of it has been
    scrubbed.
    """

    kind: type[Event]
    columns: "pa.Table"
    data: "Mapping[str, pa.Array]" = field(default_factory=dict)
    records: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What a Collector made of some Payloads: Events, and how many items it left out, by reason word.

    Where there are `rows` besides, `ordinals` are the Events' places among all that their Payloads brought.
    """

    events: tuple[Event, ...]
    rejected: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[Rows, ...] = ()
    ordinals: tuple[int, ...] = ()

    @classmethod
    def of(cls, events: list[Event], rejected: Mapping[str, int] | None = None) -> "Batch":
        return cls(events=tuple(events), rejected=rejected or {})


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    """Payloads a polling Collector found, and the state that its next poll is given once they are durable.

    `rejected` counts what it found and could not take, by reason word.
    """

    payloads: tuple[Payload, ...]
    state: Mapping[str, object]
    rejected: Mapping[str, int] = field(default_factory=dict)
