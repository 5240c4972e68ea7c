"""Detectors' SQL against the same asked by hand: `python -m bench.analysis.by_hand [SPANS]`; at most 1.5 × as long.

Each is timed over the same rows in one run: a Detector's query over the window that all of its scope share, by hand the
least SQL that finds the same over the table itself. What the window, or counting what came in, takes is its `share`.
That is taken once for each row that comes in, where what is asked by hand reads all of them each time: below is a later
pass, after a tenth more came in, against all that is there then, asked by hand.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.analysis import made
from improver import plugins
from improver.analysis import error_hours, route_hours, windows
from improver.config import Settings
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.stages import detect
from improver.warehouse import Reader, Scratch

SPANS = 400_000
# Enough of each table that no query is over before it has begun.
SHARES = {"spans": 1.0, "errors": 0.25, "usage": 0.5, "tool_calls": 0.25}
MORE = 0.1  # of what was there
MOST = 1.5
OF_ROUTES = 3  # Detectors that ask for the routes' hours: slower, failing more, hardly used any more
ROUNDS = 3
QUERIES = Path(__file__).parent / "by_hand_sql"


def main(words: list[str]) -> int:
    for line in measure(int(words[0]) if words else SPANS):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


def measure(spans: int) -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        owned_runtime(Settings(data_dir=Path(folder) / "data")) as opened,
    ):
        runtime = replace(opened, clock=lambda: made.END)
        events = made.write(runtime, (0, spans), spans, SHARES)
        yield f"{events:,} Events; CPU milliseconds, the median of {ROUNDS}"
        yield from _asked_in_a_pass(runtime, detect.NEVER)
        before = {scope: _newest(runtime, scope) for scope in windows.SCOPES.values()}
        events = made.write(runtime, (spans, round(spans * (1 + MORE))), spans, SHARES)
        yield f"{events:,} more; by hand all of them are read anew"
        yield from _asked_in_a_pass(runtime, *(windows.Look(seq=seq, at=made.END) for seq in before.values()))


def _asked_in_a_pass(runtime: Runtime, *looks: windows.Look) -> Iterator[str]:
    """What each scope, in their order, was last looked at; one Look is that of all."""
    heads = f"{'query':>8} {'share':>8} {'by hand':>8} {'query':>6} {'whole':>6}"
    yield f"  {'':<20} {heads}  (at most {MOST} × by hand)"
    for scope, last in zip(windows.SCOPES.values(), itertools.cycle(looks), strict=False):
        yield from _of_scope(runtime, scope, last)
    yield from _of_counts(runtime)


def _of_scope(runtime: Runtime, scope: windows.Scope, last: windows.Look) -> Iterator[str]:
    telemetry = runtime.warehouse.telemetry
    newest = _newest(runtime, scope)
    opening = [_opening(runtime, scope, last, newest) for _ in range(ROUNDS)]
    names = [name for name in plugins.names("detectors") if _is_of(name, scope)]
    yield f"  (window {scope.rows}: {1000 * median(opening):.0f}, for {len(names)} Detectors)"
    with windows.opened(telemetry, scope, last, newest, made.END) as window:
        for name in names:
            if (by_hand := QUERIES / f"{name}.sql").exists():
                yield _row(
                    name, _detecting(window, name), _asking(runtime, by_hand.read_text()), median(opening) / len(names)
                )


def _newest(runtime: Runtime, scope: windows.Scope) -> int:
    return windows.ends(runtime.warehouse.telemetry, scope, 0)[-1]


def _is_of(name: str, scope: windows.Scope) -> bool:
    return windows.SCOPES.get(getattr(plugins.load("detectors", name), "OVER", "")) == scope


def _opening(runtime: Runtime, scope: windows.Scope, last: windows.Look, newest: int) -> float:
    busy = time.process_time()
    with windows.opened(runtime.warehouse.telemetry, scope, last, newest, made.END):
        return time.process_time() - busy


def _of_counts(runtime: Runtime) -> Iterator[str]:
    """What is counted as it comes in: the fold of what is new, and what the Detectors then ask of it."""
    telemetry = runtime.warehouse.telemetry
    folding = (("latency_regression", route_hours.fold, OF_ROUTES), ("errors", error_hours.fold, 1))
    for name, fold, shared in folding:
        plugin = plugins.load("detectors", name)
        busy = time.process_time()
        fold(telemetry, made.END)
        folded = (time.process_time() - busy) / shared

        with telemetry.reading() as reader:
            cursor = Asked(reader)
            plugin.detect(cursor, plugin.Config(), made.END)
        yield _row(name, cursor.spent, _asking(runtime, (QUERIES / f"{name}.sql").read_text()), folded)


class Asked:
    """A Detector's cursor, and what its queries take: what it makes of their rows is no SQL."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.spent = 0.0

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        busy = time.process_time()
        try:
            return self._reader.rows(sql, parameters)
        finally:
            self.spent += time.process_time() - busy


def _detecting(window: Scratch, name: str) -> float:
    plugin = plugins.load("detectors", name)
    return _asked(lambda: window.table(plugin.QUERY, plugin.Config().model_dump()))


def _asking(runtime: Runtime, query: str) -> float:
    with runtime.warehouse.telemetry.scratch() as scratch:
        return _asked(lambda: scratch.table(query, {}))


def _asked(ask: Callable[[], object]) -> float:
    spent = []
    for _ in range(ROUNDS):
        busy = time.process_time()
        ask()
        spent.append(time.process_time() - busy)
    return median(spent)


def _row(name: str, query: float, by_hand: float, share: float) -> str:
    ours = query + share
    verdict = "" if ours <= MOST * by_hand else "  above"
    spent = f"{1000 * query:8.0f} {1000 * share:8.0f} {1000 * by_hand:8.0f}"
    return f"  {name:<20} {spent} {query / by_hand:6.2f} {ours / by_hand:6.2f}{verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
