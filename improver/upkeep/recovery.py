"""After a Warehouse was rebuilt or restored: digests what the Spool still has, and says what is lost."""

import logging

from improver.model import Payload
from improver.runtime import Runtime
from improver.spool import Position
from improver.stages import ingest
from improver.upkeep import losses
from improver.warehouse import Damage

log = logging.getLogger(__name__)


def recover(runtime: Runtime) -> None:
    """Before anything else: a Warehouse that does not know its place in the Spool may hold some of it already."""
    telemetry = runtime.warehouse.telemetry
    rebuilt = runtime.digested() is None
    newest = telemetry.value("select max(received_at) from payloads") if rebuilt else None
    oldest = runtime.spool.received_after(Position()) if rebuilt else None
    digested = catch_up(runtime) if rebuilt and telemetry.value("select count(*) from payloads") else 0
    for damage in runtime.warehouse.damage:
        lost = f"Lost: {damage.lost}."
        if damage.schema == "telemetry" and not rebuilt:
            lost = f"Lost: {damage.lost}, but for what the Spool still has of that: it is digested again."
        elif damage.schema == "telemetry":
            since = f"{newest:%Y-%m-%d %H:%M:%S} UTC" if newest else "the beginning"
            until = f"{oldest[0]:%Y-%m-%d %H:%M:%S} UTC" if oldest else "now"
            lost = f"Lost: Events received between {since} and {until}, and the quarantine."
            lost += f" Digested again from the Spool: {digested:,} Payloads."
        _note(damage, [damage.problem, lost])


def catch_up(runtime: Runtime) -> int:
    """Digest those Payloads of the Spool that the Warehouse has not; how many."""
    digested = 0
    while read := runtime.spool.read(runtime.digested(), ingest.BATCH_BYTES):
        for portion in ingest.portions(read):
            missing = _missing(runtime, [payload for _, payload in portion])
            digested += len(missing)
            ingest.load(runtime, missing, upto=portion[-1][0])
    return digested


def _missing(runtime: Runtime, payloads: list[Payload]) -> list[Payload]:
    rows = runtime.warehouse.telemetry.rows(
        "select payload_id from payloads where list_contains($ids, payload_id)", {"ids": [one.id for one in payloads]}
    )
    held = {row["payload_id"] for row in rows}
    return [one for one in payloads if one.id not in held]


def _note(damage: Damage, said: list[str]) -> None:
    (damage.kept / losses.NOTE).write_text("\n".join(said) + "\n")
    log.error("a damaged database was replaced", extra={"kept": str(damage.kept), "said": " ".join(said)})
