"""When a line was written, in whatever way it says so; what is missing comes from when its file was written."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from improver.collectors._lenient import SKEW, moment, text

_WITHOUT_YEAR = re.compile(
    r"(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(\.\d{1,6})?(?: (\d{4}))?"
)
_GLOG = re.compile(r"(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)")
_HMS = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?P<fraction>\.\d{1,9})?"
_BARE = r"(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d) (?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<fraction>)"
# With two digits for the year or none at all, with dots, or with nothing between.
_IN_PARTS = tuple(
    re.compile(shape)
    for shape in (
        _BARE,
        rf"(?P<year>\d\d)/(?P<month>\d\d)/(?P<day>\d\d) {_HMS}",
        rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)-{_HMS.replace(':(', '[.](')}",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)-"
        r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?P<fraction>:\d{1,3})",
        rf"(?P<year>)(?P<month>\d\d)[-.](?P<day>\d\d) {_HMS}",
    )
)
# As PHP and web servers write it; PHP names its zone.
_DAY_FIRST = re.compile(r"(\d\d)[-/ ]([A-Z][a-z]{2})[-/ ](\d{4})[ :](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?: (\S{1,40}))?")
_MONTH_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4})[.,] (\d{1,2})(:\d\d:\d\d)(?: ([AP]M))?")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,9})?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = timedelta(days=1)


def time_of(value: object, received_at: datetime) -> datetime:
    """Never later than it was received; without a zone it is taken for UTC."""
    happened = _number(value) if _is_number(value) else _written(text(value, 64).strip(), received_at)
    return happened if happened and happened <= received_at + SKEW else received_at


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and (
        isinstance(value, int | float) or (isinstance(value, str) and value.replace(".", "", 1).isdecimal())
    )


def _number(value: object) -> datetime | None:
    """Seconds since the epoch, or thousandths, millionths or billionths of them."""
    try:
        number = float(text(value, 64))
    except ValueError:
        return None
    for limit, unit in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        if number >= limit:
            return moment(number / unit)
    return moment(number)


def _written(value: str, received_at: datetime) -> datetime | None:
    value = value.replace(",", ".")
    if found := _WITHOUT_YEAR.fullmatch(value):
        month, day, clock, fraction, year = found.groups("")
        number = _MONTHS.index(month) + 1 if month in _MONTHS else 0
        return _dated(f"{number:02}-{int(day):02} {clock}{fraction}", year, received_at)
    if (found := _DAY_FIRST.fullmatch(value)) and found[2] in _MONTHS:
        day, month, year, clock, zone = found.groups("")
        return _in_zone(moment(f"{year}-{_MONTHS.index(month) + 1:02}-{day} {clock}{_offset(zone)}"), zone)
    if found := _MONTH_FIRST.fullmatch(value):
        month, day, year, hour, rest, half = found.groups("")
        of_day = int(hour) % 12 + 12 * (half == "PM") if half else int(hour)
        return moment(f"{year}-{month}-{day} {of_day:02}{rest}")
    if found := _GLOG.fullmatch(value):
        return _dated(f"{found[1]}-{found[2]} {found[3]}", "", received_at)
    if found := next((found for shape in _IN_PARTS if (found := shape.fullmatch(value))), None):
        return _of_parts(found, received_at)
    if _CLOCK.fullmatch(value):
        today = moment(f"{received_at:%Y-%m-%d} {value}")
        return today - _DAY if today and today > received_at + SKEW else today
    zoned = value.replace("/", "-").replace(" UTC", "Z")
    day_and_time, space, zone = zoned.rpartition(" ")
    return moment(f"{day_and_time}{zone}" if space and zone[:1] in ("+", "-", "Z") else zoned)


def _offset(zone: str) -> str:
    return zone if zone[:1] in ("+", "-") else ""


def _in_zone(at: datetime | None, zone: str) -> datetime | None:
    if at is None or not zone or _offset(zone):
        return at
    try:
        return at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError):
        return at


def _of_parts(found: re.Match[str], received_at: datetime) -> datetime | None:
    year, month, day, hour, minute, second = found.group("year", "month", "day", "hour", "minute", "second")
    fraction = found["fraction"] or ""
    if fraction.startswith(":"):
        fraction = f".{fraction[1:]:0>3}"
    clock = f"{month}-{day} {hour:0>2}:{minute:0>2}:{second:0>2}{fraction}"
    return _dated(clock, f"20{year}" if len(year) == 2 else year, received_at)


def _dated(rest: str, year: str, received_at: datetime) -> datetime | None:
    if year:
        return moment(f"{year}-{rest}")
    this = moment(f"{received_at.year}-{rest}")
    if this and this > received_at.astimezone(UTC) + _DAY:
        return moment(f"{received_at.year - 1}-{rest}")
    return this
