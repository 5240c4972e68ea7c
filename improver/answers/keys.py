"""The keys that senders show; never the secrets themselves."""

from dataclasses import dataclass
from datetime import UTC, datetime

from improver.keys import Key
from improver.runtime import Runtime


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """One line of `improver keys --json`: a contract, keys are only ever added.

    `last_used` is as of the newest Payload that showed it, as far back as telemetry is kept.
    """

    id: str
    target: str
    trust: str
    created: datetime
    last_used: datetime | None
    revoked_at: datetime | None
    origins: tuple[str, ...]


def keys(runtime: Runtime) -> list[KeyRow]:
    """The keys that senders show, oldest first, with when each was last used."""
    rows = runtime.warehouse.telemetry.rows("select key_id, max(received_at) as newest from payloads group by 1")
    used = {row["key_id"]: row["newest"].replace(tzinfo=UTC) for row in rows}
    return [_row(key, used.get(key.id)) for key in runtime.keys.all()]


def _row(key: Key, last_used: datetime | None) -> KeyRow:
    return KeyRow(
        id=key.id,
        target=key.target,
        trust=key.trust.value,
        created=key.created,
        last_used=last_used,
        revoked_at=key.revoked_at,
        origins=key.origins,
    )
