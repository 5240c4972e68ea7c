"""Which tables are kept by the day: where their open days are, and how their files are called."""

import secrets
from datetime import date

PAYLOADS = "payloads"
# Each is a view over `hot_…` and the files of its closed days.
BY_DAY = (
    "errors",
    "spans",
    "sessions",
    "logs",
    "usage",
    "tool_calls",
    "remarks",
    "metrics",
    "check_ins",
    PAYLOADS,
)


def place_of(table: str) -> str:
    """Where rows of a table are written to."""
    return hot(table) if table in BY_DAY else table


def hot(table: str) -> str:
    return f"hot_{table}"


def file_name(table: str, day: date) -> str:
    """Never used twice, so that a file is either whole and known or nobody's."""
    return f"{table}-{day:%Y-%m-%d}-{secrets.token_hex(4)}.parquet"
