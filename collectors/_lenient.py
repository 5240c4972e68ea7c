"""Reading JSON that anybody may have written: what is not of the type it should be is as good as absent."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

MAX_TEXT = 64 * 1024
SKEW = timedelta(seconds=60)


def text(value: object, limit: int = MAX_TEXT) -> str:
    """A string, or a number as one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:limit]


def whole(value: object) -> int | None:
    """A whole number, also as a string; nothing that no database column holds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1 << 31 else None


def number(value: object) -> float | None:
    """A finite number, also as a string."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def count(value: object) -> int:
    return max(0, whole(value) or 0)


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object, limit: int) -> list[dict[str, Any]]:
    """The objects of a list, at most so many."""
    return [item for item in value if isinstance(item, dict)][:limit] if isinstance(value, list) else []


def strings(value: object, limit: int) -> Iterator[str]:
    if isinstance(value, list):
        yield from filter(None, (text(item) for item in value[:limit]))


def moment(value: object) -> datetime | None:
    """A time as ISO text or as seconds since the epoch."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return _parsed(value)
    except (ValueError, OverflowError, OSError):
        return None


def clamped(value: object, received_at: datetime) -> datetime:
    """When it happened, as its sender says, unless the sender's clock is ahead of ours."""
    happened = moment(value)
    return happened if happened and happened <= received_at + SKEW else received_at


def _parsed(value: str | float) -> datetime:
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        parsed = datetime.fromisoformat(value.strip())
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return datetime.fromtimestamp(float(value), UTC)
