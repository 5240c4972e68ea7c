"""When a scheduled job is due: crontabs as cron means them, and intervals."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from improver.errors import ImproverError

# Cron's own order: 0 is Sunday, and so is 7.
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
NICKNAMES = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
# The longest that each may be: a job is never called missed too early.
UNITS = {
    "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1),
    "month": timedelta(days=31), "year": timedelta(days=366),
}  # fmt: skip
MAX_LENGTH = 200
MAX_INTERVAL = 10_000
# A date that never comes, such as 30 February, is not looked for until the end of time.
YEARS_AHEAD = 8

_PART = re.compile(r"(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:/([0-9]{1,3}))?")
HINT = 'a crontab such as "0 3 * * mon", or an interval such as "10 minute"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """`text` is a crontab of five fields, or a number and a unit."""

    text: str
    timezone: tzinfo = UTC

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time it is due after this moment; None if never in the next years."""
        interval = _interval(self.text)
        if interval:
            return moment + interval
        trigger = _trigger(self.text, self.timezone, moment.year)
        due: datetime | None = trigger.get_next_fire_time(None, moment + timedelta(microseconds=1))
        return due.astimezone(UTC) if due else None


def timezone_of(name: str) -> tzinfo:
    """The zone of this name, else UTC."""
    try:
        return ZoneInfo(name[:MAX_LENGTH]) if name else UTC
    except (ValueError, OSError, KeyError):
        return UTC


def _interval(text: str) -> timedelta | None:
    number, _, unit = text.strip().partition(" ")
    if unit not in UNITS or not number.isdecimal():
        return None
    if len(number) > 5 or not 1 <= int(number) <= MAX_INTERVAL:
        raise ImproverError(f"{text[:40]!r} is no interval", hint=HINT)
    return int(number) * UNITS[unit]


def _trigger(text: str, timezone: tzinfo, year: int) -> CronTrigger | OrTrigger:
    fields = NICKNAMES.get(text.strip(), text[:MAX_LENGTH]).lower().replace("?", "*").split()
    if len(fields) != 5:
        raise ImproverError(f"{text[:40]!r} is no crontab of five fields", hint=HINT)
    minute, hour, day, month, weekday = fields
    years = f"{year}-{year + YEARS_AHEAD}"
    shared = {"minute": minute, "hour": hour, "month": month, "timezone": timezone, "year": years}
    try:
        # Cron runs on either where both are given; the library's own trigger would want both at once.
        if not day.startswith("*") and not weekday.startswith("*"):
            return OrTrigger([CronTrigger(day=day, **shared), CronTrigger(day_of_week=_weekdays(weekday), **shared)])
        return CronTrigger(day=day, day_of_week=_weekdays(weekday), **shared)
    except (ValueError, TypeError) as error:
        raise ImproverError(f"{text[:40]!r} is no crontab: {error}", hint=HINT) from error


def _weekdays(field: str) -> str:
    """By their names: the library counts from Monday, cron from Sunday."""
    if field == "*":
        return field
    chosen = {day for part in field.split(",") for day in _days(part)}
    return ",".join(DAYS[day] for day in sorted(chosen))


def _days(part: str) -> range | list[int]:
    found = _PART.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} names no weekdays")
    first, last, step = found[1], found[2], int(found[3] or 1)
    if step < 1:
        raise ValueError(f"{part!r} steps nowhere")
    if first == "*":
        return range(0, 7, step)
    begin = _day(first)
    end = _day(last) if last else (6 if found[3] else begin)
    # "fri-mon" goes over the end of the week.
    return [day % 7 for day in range(begin, end + (7 if end < begin else 0) + 1, step)]


def _day(word: str) -> int:
    if word.isdecimal() and int(word) <= 7:
        return int(word)
    if word[:3] not in DAYS or len(word) != 3:
        raise ValueError(f"{word!r} is no weekday")
    return DAYS.index(word)
