"""Telemetry of a shop, made by SQL: as much of each table as is asked for, spread evenly over days."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from improver.runtime import Runtime
from improver.warehouse import days

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 14
END = START + timedelta(days=DAYS)
AT_ONCE = 250_000
HERE = Path(__file__).parent
# Of ten spans there is one other Event.
SHARES = {"spans": 1.0, "errors": 0.025, "logs": 0.025, "usage": 0.03, "tool_calls": 0.02}


def write(runtime: Runtime, spans: tuple[int, int], total: int, shares: Mapping[str, float] = SHARES) -> int:
    """The spans from the first number to before the second of `total` in all, and what else belongs to them."""
    for first in range(*spans, AT_ONCE):
        for table, share in shares.items():
            until = int(min(first + AT_ONCE, spans[1]) * share)
            _write(runtime, table, (int(first * share), until), int(total * share))
    runtime.warehouse.telemetry.checkpoint()
    return sum(int(spans[1] * share) - int(spans[0] * share) for share in shares.values())


def _write(runtime: Runtime, table: str, numbers: tuple[int, int], total: int) -> None:
    made = (HERE / f"{table}.sql").read_text()
    with runtime.warehouse.telemetry.transaction() as writer:
        seq = days.newest_seq(writer) + 1
        asked = {"seq": seq, "first": numbers[0], "count": numbers[1] - numbers[0], "total": total}
        writer.execute(made, asked | {"seconds": DAYS * 86400})
        writer.numbers.newest = None
