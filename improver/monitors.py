"""Scheduled jobs that did not check in when they were due: each missed time becomes one Event."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from improver.errors import ImproverError
from improver.model import CheckInEvent, Payload, TrustLabel
from improver.model.ids import digest
from improver.runtime import Runtime
from improver.schedules import Schedule, timezone_of
from improver.warehouse import Writer, events

log = logging.getLogger(__name__)

EVERY_S = 60
MISSED = "missed"
# A job may begin a little before its time: clocks differ.
EARLY = timedelta(seconds=30)
# Who was not there himself cannot say that somebody else did not come.
ABSENT = timedelta(seconds=3 * EVERY_S)
DEFAULT_MARGIN_M = 1
MAX_MARGIN_M = 40_320
MAX_MONITORS = 1000
MAX_SLOTS = 100  # in one go: the rest follows
REMEMBERED_AS = "monitors"

LAST = """
select target, environment, monitor, max(occurred_at) as last_at, arg_max(service, occurred_at) as service,
    arg_max(release, occurred_at) as release, arg_max(collector, occurred_at) as collector,
    arg_max(trust, occurred_at) as trust, arg_max(schedule, occurred_at) filter (schedule <> '') as schedule,
    arg_max(data, occurred_at) filter (schedule <> '') as data
from check_ins group by target, environment, monitor having count(*) filter (schedule <> '') > 0
order by last_at desc limit $limit
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Monitor:
    """What is known of a scheduled job since it last checked in, or last did not."""

    schedule: Schedule
    margin: timedelta
    last_at: datetime


def missed(monitor: Monitor, now: datetime, watched_since: datetime) -> Iterator[datetime]:
    """The times when it was due, with its margin over, and nobody had come; oldest first, only while we watched."""
    due = monitor.schedule.next_after(monitor.last_at + EARLY)
    for _ in range(MAX_SLOTS):
        if due is None or due + monitor.margin >= now:
            return
        if due >= watched_since:
            yield due
        due = monitor.schedule.next_after(max(due, watched_since - timedelta(microseconds=1)))


def note_missed(runtime: Runtime) -> int:
    """Look at every monitor once; how many times were missed."""
    now = runtime.clock()
    since = _watched_since(runtime, now)
    rows = runtime.warehouse.telemetry.rows(LAST, {"limit": MAX_MONITORS})
    found = [(row, due) for row in rows for due in _missed(row, now, since)]
    if found:
        with runtime.warehouse.telemetry.transaction() as writer:
            _insert(writer, [_placed(row, due, now) for row, due in found])
    if rows:
        _remember(runtime, now, since)
    return len(found)


def _missed(row: Mapping[str, Any], now: datetime, since: datetime) -> list[datetime]:
    config = _config(row)
    last_at = row["last_at"].replace(tzinfo=UTC)
    schedule = Schedule(text=row["schedule"], timezone=timezone_of(str(config.get("timezone") or "")))
    try:
        return list(missed(Monitor(schedule=schedule, margin=_margin(config), last_at=last_at), now, since))
    except ImproverError as error:
        log.debug("a monitor's schedule cannot be read", extra={"error": error.message})
        return []


def _config(row: Mapping[str, Any]) -> dict[str, Any]:
    config = json.loads(row["data"]).get("monitor_config")
    return config if isinstance(config, dict) else {}


def _margin(config: Mapping[str, Any]) -> timedelta:
    margin = config.get("checkin_margin")
    known = isinstance(margin, int) and not isinstance(margin, bool) and 0 < margin <= MAX_MARGIN_M
    return timedelta(minutes=margin if known else DEFAULT_MARGIN_M)  # type: ignore[arg-type]


def _placed(row: Mapping[str, Any], due: datetime, now: datetime) -> events.Placed:
    """Its id is that of the time which was missed, so it can only be there once."""
    identity = digest(MISSED, row["target"], row["environment"], row["monitor"], due.isoformat(), length=32)
    payload = Payload(
        id=identity,
        collector=row["collector"],
        path="",
        received_at=now,
        body=b"",
        trust=TrustLabel(row["trust"]),
    )
    event = CheckInEvent(
        payload_id=identity,
        occurred_at=due,
        service=row["service"],
        environment=row["environment"],
        release=row["release"],
        monitor=row["monitor"],
        status=MISSED,
        schedule=row["schedule"],
        data={"monitor_config": _config(row)},
    )
    return events.Placed(event=event, payload=payload, ordinal=0, target=row["target"])


def _insert(writer: Writer, placed: list[events.Placed]) -> None:
    events.forget(writer, [one.payload.id for one in placed])
    events.append(writer, events.tables(placed), events.next_seq(writer))


def _watched_since(runtime: Runtime, now: datetime) -> datetime:
    """The last time that we were away ended then; after a first look it is now."""
    stored = runtime.warehouse.state.value(
        "select state from poll_states where collector = $name", {"name": REMEMBERED_AS}
    )
    told = {name: datetime.fromisoformat(at) for name, at in json.loads(stored or "{}").items()}
    return told["since"] if told and now - told["until"] <= ABSENT else now


def _remember(runtime: Runtime, now: datetime, since: datetime) -> None:
    state = json.dumps({"since": since.isoformat(), "until": now.isoformat()})
    with runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from poll_states where collector = $name", {"name": REMEMBERED_AS})
        writer.execute("insert into poll_states values ($name, $state)", {"name": REMEMBERED_AS, "state": state})
