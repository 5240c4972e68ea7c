"""Keeps the data folder from growing for ever."""

import shutil
from datetime import timedelta

from improver.model import Attempt
from improver.runtime import Runtime
from improver.stages import ingest
from improver.warehouse import events, records

TELEMETRY = (*events.TABLES.values(), "payloads", "quarantine")
KEEP_ATTEMPTS = timedelta(days=90)
DERIVED = timedelta(days=60)  # Sightings, and routes by the hour
FORGOTTEN_LOOKS = "delete from looked where rowid not in (select max(rowid) from looked group by detector, version)"
KEEP_MAPS = timedelta(days=365)


def checkpoint(runtime: Runtime) -> None:
    for database in (runtime.warehouse.telemetry, runtime.warehouse.state):
        database.checkpoint()


def retain(runtime: Runtime) -> None:
    """Drop raw telemetry, digested segments and Attempts' folders past their time."""
    now = runtime.clock()
    naive = now.replace(tzinfo=None)
    oldest = naive - timedelta(days=runtime.settings.warehouse.keep_days)
    with runtime.warehouse.telemetry.transaction() as writer:
        for table in TELEMETRY:
            writer.execute(f"delete from {table} where received_at < $oldest", {"oldest": oldest})
        writer.execute("delete from rejections where recorded_at < $oldest", {"oldest": oldest})
        writer.execute("delete from sightings where occurred_at < $oldest", {"oldest": naive - DERIVED})
        writer.execute("delete from route_hours where hour < $oldest", {"oldest": naive - DERIVED})
        writer.execute(FORGOTTEN_LOOKS)
        writer.execute("delete from offsets where rowid < (select max(rowid) from offsets)")
    reached = ingest.position(runtime)
    if reached:
        runtime.spool.release(reached, now - timedelta(hours=runtime.settings.spool.keep_hours))
    _drop_old_attempts(runtime)
    runtime.maps.drop(now - KEEP_MAPS)


def _drop_old_attempts(runtime: Runtime) -> None:
    """Transcripts and gate output; what an Attempt came to stays in the records."""
    before = (runtime.clock() - KEEP_ATTEMPTS).replace(tzinfo=None)
    with runtime.warehouse.state.reading() as reader:
        old = records.select(reader, Attempt, "ended_at < $before", {"before": before})
    for attempt in old:
        shutil.rmtree(runtime.data.attempts / attempt.id, ignore_errors=True)
