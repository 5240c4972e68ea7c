"""Bytes on disk for each span and event, everything counted, after the day they came in is closed."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench import in_process
from bench.figure import Figure, Target
from improver.config import Settings
from improver.opening import owned_runtime
from improver.warehouse import days

LOAD_S = 5.0  # about how long it takes to load what is measured
MOST = {"otlp": 400, "sentry": 6000, "posthog": 1000}  # requests
AT_ONCE = 64
TARGETS = {"otlp": Target(at_most=70)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """`open` is the whole file before the day is closed, `used` what is in use of it afterwards."""

    closed: int
    used: int
    open: int


def measure(full: bool = False) -> Iterator[Figure]:
    for name in ("otlp", "sentry", "posthog"):
        loaded = in_process.load(name)
        an_item = loaded.items // in_process.REQUESTS[name]
        requests = int(max(MOST[name] // 6, min(MOST[name], LOAD_S * loaded.rate / an_item)))
        size, wire = _size(name, requests)
        items = requests * an_item
        yield Figure(
            name=f"disk per {'span' if name == 'otlp' else 'event'}, {name}",
            value=(size.closed + size.used) / items,
            unit="B",
            floor=wire / items,
            floor_name="on the wire",
            target=TARGETS.get(name),
            note=f"{items:,} of them: {size.closed / items:.0f} B as Parquet, {size.open / items:.0f} before day close",
        )


def _size(name: str, requests: int) -> tuple[Size, int]:
    """And the bytes that came over the wire."""
    payloads = in_process.made(name, seed=7, requests=requests)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        with owned_runtime(Settings(data_dir=root)) as runtime:
            for begin in range(0, requests, AT_ONCE):
                in_process.digest(runtime, payloads[begin : begin + AT_ONCE])
            telemetry = runtime.warehouse.telemetry
            telemetry.checkpoint()
            before = _bytes(root, "telemetry.duckdb*")
            days.close(telemetry, runtime.clock() + timedelta(days=2), runtime.clock())
            telemetry.checkpoint()
            used = _bytes(root, "telemetry.duckdb*") - telemetry.free_bytes()
        size = Size(closed=_bytes(root, "days/*"), used=used, open=before)
    return size, sum(len(payload.body) for payload in payloads)


def _bytes(folder: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in folder.glob(pattern))
