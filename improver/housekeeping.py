"""Keeps the data folder from growing for ever."""

import shutil
from datetime import timedelta

from improver.model import Attempt
from improver.runtime import Runtime
from improver.stages import ingest
from improver.warehouse import Reader, events, records

TELEMETRY = (*events.TABLES.values(), "payloads", "quarantine")
KEEP_ATTEMPTS = timedelta(days=90)
KEEP_MAPS = timedelta(days=365)


def checkpoint(runtime: Runtime) -> None:
    for database in (runtime.warehouse.telemetry, runtime.warehouse.state):
        database.checkpoint()


def make_room(runtime: Runtime) -> None:
    """Drop digested segments past their time, and while room is short others too, before any sender is turned away."""
    reached = ingest.position(runtime)
    if reached:
        runtime.spool.release(reached, runtime.clock() - timedelta(hours=runtime.settings.spool.keep_hours))


def retain(runtime: Runtime) -> None:
    """Drop raw telemetry, quarantined Payloads and Attempts' folders past their time."""
    now = runtime.clock()
    oldest = (now - timedelta(days=runtime.settings.warehouse.keep_days)).replace(tzinfo=None)
    with runtime.warehouse.telemetry.transaction() as writer:
        for table in TELEMETRY:
            writer.execute(f"delete from {table} where received_at < $oldest", {"oldest": oldest})
        too_much = _too_much_in_quarantine(writer, runtime.settings.spool.max_mb << 20)
        writer.delete("quarantine", too_much, column="payload_id")
        writer.execute("delete from rejections where recorded_at < $oldest", {"oldest": oldest})
        writer.execute("delete from offsets where rowid < (select max(rowid) from offsets)")
    runtime.quarantine.drop(too_much)
    runtime.quarantine.drop_before(now - timedelta(days=runtime.settings.warehouse.keep_days))
    _drop_old_attempts(runtime)
    runtime.maps.drop(now - KEEP_MAPS)


def _too_much_in_quarantine(reader: Reader, max_bytes: int) -> list[str]:
    """The oldest Payloads there, once all together take more than the Spool may."""
    sizes = "select payload_id, sum(bytes) over (order by received_at desc, payload_id) as held from quarantine"
    rows = reader.rows(f"select payload_id from ({sizes}) where held > $max", {"max": max_bytes})
    return [row["payload_id"] for row in rows]


def _drop_old_attempts(runtime: Runtime) -> None:
    """Transcripts and gate output; what an Attempt came to stays in the records."""
    before = (runtime.clock() - KEEP_ATTEMPTS).replace(tzinfo=None)
    with runtime.warehouse.state.reading() as reader:
        old = records.select(reader, Attempt, "ended_at < $before", {"before": before})
    for attempt in old:
        shutil.rmtree(runtime.data.attempts / attempt.id, ignore_errors=True)
