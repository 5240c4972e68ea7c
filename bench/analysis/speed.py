"""How long the analysis of many spans takes, all of them and an increment: `python -m bench.analysis.speed [SPANS]`."""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from improver import plugins, windows
from improver.config import Settings
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.stages import detect

SPANS = 1_000_000
INCREMENT = 100_000
AT_ONCE = 250_000
DAYS = 14
TRACES = Path(__file__).parent / "spans.sql"
START = datetime(2026, 11, 1, tzinfo=UTC)


def main(words: list[str]) -> int:
    for line in measure(int(words[0]) if words else SPANS):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


def measure(spans: int) -> Iterator[str]:
    yield f"analysis of {spans:,} spans in traces of ten, over {DAYS} days:"
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, owned_runtime(_settings(Path(folder))) as opened:
        runtime = replace(opened, clock=lambda: START + timedelta(days=DAYS))
        for first in range(0, spans, AT_ONCE):
            _write(runtime, first, min(AT_ONCE, spans - first), spans)
        runtime.warehouse.telemetry.checkpoint()
        yield f"  all of them      {_timed(runtime):7.1f} s"
        _write(runtime, spans, INCREMENT, spans)
        yield f"  {INCREMENT:,} more    {_timed(runtime):7.1f} s"
        yield f"  each over those and what is left of their traces among {windows.SCOPES['traces'].look_back:,} before:"
        for name, seconds in _each(runtime):
            yield f"    {name:<24} {1000 * seconds:7.0f} ms"


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder / "data")


def _write(runtime: Runtime, first: int, spans: int, total: int) -> None:
    with runtime.warehouse.telemetry.transaction() as writer:
        numbers = {"first": first + 10, "spans": spans, "total": total, "seconds": DAYS * 86400}
        writer.execute(TRACES.read_text(), numbers)


def _timed(runtime: Runtime) -> float:
    begun = time.perf_counter()
    detect.run(runtime)
    return time.perf_counter() - begun


def _each(runtime: Runtime) -> Iterator[tuple[str, float]]:
    """Each Detector's query over one window; the first line is the window itself."""
    scope, telemetry = windows.SCOPES["traces"], runtime.warehouse.telemetry
    newest = windows.newest(telemetry, scope)
    last = windows.Look(seq=newest - INCREMENT, at=START)
    begun = time.perf_counter()
    with windows.opened(telemetry, scope, last, newest, START) as window:
        yield "(the window)", time.perf_counter() - begun
        for name in plugins.names("detectors"):
            plugin = plugins.load("detectors", name)
            if getattr(plugin, "OVER", "") == "traces":
                begun = time.perf_counter()
                window.table(plugin.QUERY, plugin.Config().model_dump())
                yield name, time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
