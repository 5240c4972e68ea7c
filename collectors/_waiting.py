"""How long an API wants to be left alone."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

MAX_WAIT = timedelta(days=1)
DEFAULT_WAIT = timedelta(minutes=5)


def wait(retry_after: str, now: datetime) -> timedelta:
    """Seconds or a date, as HTTP allows."""
    if retry_after.isdecimal():
        return min(timedelta(seconds=int(retry_after[:9])), MAX_WAIT)
    try:
        return min(max(parsedate_to_datetime(retry_after) - now, timedelta()), MAX_WAIT)
    except (ValueError, TypeError):
        return DEFAULT_WAIT
