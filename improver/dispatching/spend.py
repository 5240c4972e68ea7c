"""What models cost: a line per request in a file per day, so that budgets outlive a restart."""

# Files and not state.duckdb: a line is written while an answer streams, and must not wait for a checkpoint.

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from improver.model import AgentReport, Attempt
from improver.runtime import Runtime
from improver.sandbox import Left, Meter, Spent

KEPT = timedelta(days=90)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum:
    """`unpriced` are tokens of models whose price nobody knows; `estimated` requests were not counted by the API."""

    usd: float = 0.0
    tokens: int = 0
    unpriced: int = 0
    requests: int = 0
    estimated: int = 0


def meter(runtime: Runtime, attempt: Attempt) -> Meter:
    """Holds one Attempt to its budget, and to the day's."""
    return Meter(runtime.settings.models, partial(left, runtime, attempt), partial(note, runtime, attempt))


def told(runtime: Runtime, attempt: Attempt, report: AgentReport) -> dict[str, float | int | None]:
    """What an Attempt cost by our own count; where its Agent has a model of its own, by what it says."""
    spent = of(runtime, attempt)
    if not spent.requests:
        return {"usd": report.usd, "tokens": report.tokens}
    return {"usd": report.usd if spent.unpriced else spent.usd, "tokens": spent.tokens}


def note(runtime: Runtime, attempt: Attempt, spent: Spent) -> None:
    now = runtime.clock().astimezone(UTC)
    usage = asdict(spent.usage)
    line = {
        "at": now.isoformat(), "attempt": attempt.id, "target": attempt.target, "usd": spent.usd,
        "unpriced": spent.unpriced, "tokens": spent.usage.tokens, **usage,
    }  # fmt: skip
    runtime.data.spend.mkdir(mode=0o700, exist_ok=True)
    with _file(runtime.data.spend, now.date()).open("a") as file:
        file.write(json.dumps(line) + "\n")


def of(runtime: Runtime, attempt: Attempt) -> Sum:
    """All that one Attempt has cost, over all its starts."""
    day, today = attempt.claimed_at.astimezone(UTC).date(), _today(runtime)
    lines: list[Mapping[str, Any]] = []
    while day <= today:
        lines += [line for line in _lines(runtime.data.spend, day) if line["attempt"] == attempt.id]
        day += timedelta(days=1)
    return _sum(lines)


def today(runtime: Runtime, target: str = "") -> Sum:
    lines = _lines(runtime.data.spend, _today(runtime))
    return _sum([line for line in lines if not target or line["target"] == target])


def left(runtime: Runtime, attempt: Attempt) -> list[Left]:
    """What the Attempt's own budget, and the day's, still have."""
    dispatch, spent = runtime.settings.dispatch, of(runtime, attempt)
    own = Left(budget="this Attempt", usd=dispatch.usd - spent.usd, unpriced=dispatch.tokens - spent.unpriced)
    return [own, *left_today(runtime, attempt.target)]


def left_today(runtime: Runtime, target: str) -> list[Left]:
    """Over all Targets, and for the one if it has a budget of its own."""
    dispatch, spent = runtime.settings.dispatch, today(runtime)
    found = [
        Left(budget="today", usd=dispatch.usd_per_day - spent.usd, unpriced=dispatch.tokens_per_day - spent.unpriced)
    ]
    own = runtime.settings.targets.get(target)
    if own and (own.usd_per_day is not None or own.tokens_per_day is not None):
        usd = dispatch.usd_per_day if own.usd_per_day is None else own.usd_per_day
        tokens = dispatch.tokens_per_day if own.tokens_per_day is None else own.tokens_per_day
        mine = today(runtime, target)
        found.append(Left(budget=f"{target} today", usd=usd - mine.usd, unpriced=tokens - mine.unpriced))
    return found


def drop(folder: Path, now: datetime) -> None:
    """Days that no budget looks at any more."""
    oldest = (now.astimezone(UTC) - KEPT).date().isoformat()
    for file in folder.glob("*.jsonl"):
        if file.stem < oldest:
            file.unlink(missing_ok=True)


def _today(runtime: Runtime) -> date:
    return runtime.clock().astimezone(UTC).date()


def _file(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}.jsonl"


def _lines(folder: Path, day: date) -> Iterator[Mapping[str, Any]]:
    try:
        text = _file(folder, day).read_text()
    except FileNotFoundError:
        return
    # A crash can cut the last line only; the next one then begins on it, and both are lost.
    for line in text.splitlines():
        if line.startswith("{") and line.endswith("}") and line.count("{") == 1:
            yield json.loads(line)


def _sum(lines: list[Mapping[str, Any]]) -> Sum:
    return Sum(
        usd=sum(line["usd"] for line in lines),
        tokens=sum(line["tokens"] for line in lines),
        unpriced=sum(line["unpriced"] for line in lines),
        requests=len(lines),
        estimated=sum(line["estimated"] for line in lines),
    )
