"""Reading JSON that anybody may have written: what is not of the type it should be is as good as absent."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from improver.inflate import TooLarge

MAX_TEXT = 64 * 1024
# Objects and lists, and all values, in one body: three bytes of JSON can take a hundred in memory.
MAX_CONTAINERS = 750_000
MAX_VALUES = 3_000_000
SKEW = timedelta(seconds=60)


def bounded(body: bytes) -> bytes:
    """The same JSON, unless it holds too much: going by its punctuation, before anything is read."""
    if len(body) <= MAX_CONTAINERS:
        return body
    containers = body.count(b"{") + body.count(b"[")
    if containers > MAX_CONTAINERS or containers + body.count(b",") > MAX_VALUES:
        raise TooLarge(f"more than {MAX_CONTAINERS} objects and lists in one request", hint="send less at a time")
    return body


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


def written(value: object, limit: int = MAX_TEXT) -> str:
    """A text as it is, and anything else as JSON in one form."""
    if value is None or isinstance(value, str):
        return (value or "")[:limit]
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)[:limit]


def unpacked(value: object) -> object:
    """What a text of JSON says; any other text, and anything else, is what it is."""
    if not isinstance(value, str) or not value[:1000].lstrip().startswith(("{", "[")):
        return value
    try:
        return json.loads(value[:MAX_TEXT])
    except (ValueError, RecursionError):
        return value


def canonical(value: object) -> str:
    """The same arguments are the same text, whether they came as JSON or as text that is JSON."""
    try:
        return written(unpacked(value))
    except RecursionError:
        # What could just be read is too deep to be written: it stays the text that it was.
        return text(value)


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
