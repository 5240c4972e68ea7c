"""Payloads that could not be understood."""

from dataclasses import dataclass
from datetime import UTC, datetime

from improver.runtime import Runtime


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinedRow:
    """One line of `improver quarantine --json`: a contract, keys are only ever added."""

    id: str
    collector: str
    path: str
    reason: str
    received_at: datetime
    bytes: int


def quarantine(runtime: Runtime, *, limit: int = 200) -> list[QuarantinedRow]:
    """Payloads that could not be understood, newest first, each with the reason."""
    rows = runtime.warehouse.telemetry.rows(
        "select payload_id as id, collector, path, reason, received_at, bytes"
        " from quarantine order by received_at desc, payload_id limit $limit",
        {"limit": max(1, limit)},
    )
    return [QuarantinedRow(**row | {"received_at": row["received_at"].replace(tzinfo=UTC)}) for row in rows]
