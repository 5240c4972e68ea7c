"""Keeps the data folder from growing for ever."""

import logging
import shutil
from datetime import timedelta

from improver.analysis import error_hours, rollups
from improver.dispatching import spend
from improver.errors import ImproverError
from improver.model import Attempt
from improver.runtime import Runtime
from improver.warehouse import Reader, days, parts, records

log = logging.getLogger(__name__)

# What is sent again comes within an hour: by then a day has all of its Events, and none is looked for in its files.
GRACE = timedelta(hours=2)
# The hot file is written anew when more than half of it, and so much, is not needed.
WASTE = 64 << 20
DERIVED = timedelta(days=60)  # Sightings, and routes by the hour
FORGOTTEN_LOOKS = "delete from looked where rowid not in (select max(rowid) from looked group by detector, version)"
KEEP_MAPS = timedelta(days=365)


def checkpoint_state(runtime: Runtime) -> None:
    """Findings are written anew at each pass: what they were need not stay. Short of room, telemetry follows."""
    runtime.warehouse.state.checkpoint()
    if runtime.spool.needs_room():
        checkpoint(runtime)


def checkpoint(runtime: Runtime) -> None:
    """Fold the logs into the files; digested segments go past their time, and before it where room is short."""
    reached = runtime.digested()
    runtime.warehouse.state.checkpoint()
    # Not before: a log can be damaged by what kills the machine, and then its rows are digested once more.
    if runtime.warehouse.telemetry.checkpoint() and reached:
        kept_since = runtime.clock() - timedelta(hours=runtime.settings.spool.keep_hours)
        runtime.spool.release(reached, kept_since)


def close_days(runtime: Runtime) -> int:
    """Turn days that are over into files, and give back the room they took; how many rows."""
    now, telemetry = runtime.clock(), runtime.warehouse.telemetry
    rollups.fill(runtime)
    closed = days.close(telemetry, (now - GRACE).replace(tzinfo=None), now)
    parts.publish(telemetry)
    parts.sweep(telemetry)
    if closed:
        log.info("days were closed", extra={"rows": closed})
    telemetry.checkpoint()
    if telemetry.free_bytes() > max(WASTE, telemetry.file.stat().st_size // 2):
        runtime.warehouse.compact()
    return closed


def verify_days(runtime: Runtime) -> None:
    """Read every file of a closed day and every table, so that damage is known before somebody needs it."""
    with runtime.warehouse.telemetry.transaction() as writer:
        damaged = parts.examine(writer)
        days.lay_views(writer)
    if damaged:
        named = "; ".join(f"{file} {reason}" for file, reason in damaged.items())
        raise ImproverError(f"closed days are damaged: {named}", hint="bring the files back from a backup")
    for database in (runtime.warehouse.telemetry, runtime.warehouse.state):
        if unreadable := database.unreadable():
            named = "; ".join(f"{table}: {problem}" for table, problem in unreadable.items())
            raise ImproverError(
                f"tables of {database.file.name} cannot be read: {named}",
                hint="`improver restore FILE` brings back a backup; `improver export` saves other tables first",
            )


def retain(runtime: Runtime) -> None:
    """Drop raw telemetry, quarantined Payloads and Attempts' folders past their time."""
    now, telemetry = runtime.clock(), runtime.warehouse.telemetry
    naive = now.replace(tzinfo=None)
    kept_since = now - timedelta(days=runtime.settings.warehouse.keep_days)
    oldest = kept_since.replace(tzinfo=None)
    rollups.fill(runtime)
    days.drop(telemetry, oldest)
    with telemetry.transaction() as writer:
        writer.execute("delete from quarantine where received_at < $oldest", {"oldest": oldest})
        too_much = _too_much_in_quarantine(writer, runtime.settings.spool.max_mb << 20)
        writer.delete("quarantine", too_much, column="payload_id")
        writer.execute("delete from rejections where recorded_at < $oldest", {"oldest": oldest})
        writer.execute("delete from sightings where occurred_at < $oldest", {"oldest": naive - DERIVED})
        writer.execute("delete from route_hours where hour < $oldest", {"oldest": naive - DERIVED})
        error_hours.drop(writer, oldest)
        writer.execute(FORGOTTEN_LOOKS)
        writer.execute("delete from offsets where rowid < (select max(rowid) from offsets)")
    runtime.quarantine.drop(too_much)
    runtime.quarantine.drop_before(kept_since)
    parts.publish(telemetry)
    parts.sweep(telemetry)
    checkpoint(runtime)
    _drop_old_attempts(runtime)
    spend.drop(runtime.data.spend, now)
    runtime.maps.drop(now - KEEP_MAPS)


def _too_much_in_quarantine(reader: Reader, max_bytes: int) -> list[str]:
    """The oldest Payloads there, once all together take more than the Spool may."""
    sizes = "select payload_id, sum(bytes) over (order by received_at desc, payload_id) as held from quarantine"
    rows = reader.rows(f"select payload_id from ({sizes}) where held > $max", {"max": max_bytes})
    return [row["payload_id"] for row in rows]


def _drop_old_attempts(runtime: Runtime) -> None:
    """Transcripts and gate output; what an Attempt came to stays in the records."""
    before = (runtime.clock() - timedelta(days=runtime.settings.dispatch.keep_days)).replace(tzinfo=None)
    with runtime.warehouse.state.reading() as reader:
        old = records.select(reader, Attempt, "ended_at < $before", {"before": before})
    for attempt in old:
        shutil.rmtree(runtime.data.attempts / attempt.id, ignore_errors=True)
