"""Where an item's CPU time goes between Spool and Warehouse: each step alone, one after the other."""

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import generate, in_process
from improver import dedupe, pipeline, plugins
from improver.config import Settings
from improver.machine import memory
from improver.model import Payload
from improver.opening import owned_runtime
from improver.placing import Placer
from improver.runtime import Runtime
from improver.stages import ingest
from improver.warehouse import events

FORMATS = ("otlp", "otlp-json", "sentry", "posthog")
RUNS = 3


class Clock:
    """The process's CPU seconds by step: DuckDB's threads count too."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.process_time()
        yield
        self.seconds[name] += time.process_time() - begun


def measured(name: str) -> dict[str, float]:
    """Microseconds an item, by step: the least of some runs."""
    payloads = in_process.made(name)
    items = len(payloads) * generate.source(name, in_process.SENDER, 1).items
    runs = [_once(name, payloads) for _ in range(RUNS)]
    return {step: 1e6 * min(run[step] for run in runs) / items for step in runs[0]}


def _once(name: str, payloads: list[Payload]) -> dict[str, float]:
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with owned_runtime(Settings(data_dir=Path(folder))) as runtime:
            _digest(runtime, payloads, clock)
        with owned_runtime(Settings(data_dir=Path(folder) / "whole")) as runtime:
            runtime.spool.append_now(payloads)
            with clock.step("all of it by the loader"):
                pipeline.digest(runtime)
    return clock.seconds


def _digest(runtime: Runtime, payloads: list[Payload], clock: Clock) -> None:
    """As the loader does, but nothing beside anything else."""
    runtime.spool.append_now(payloads)
    position = None
    while True:
        with clock.step("read the Spool, bound the batch"):
            read = runtime.spool.read(position, ingest.BATCH_BYTES)
            portions = list(ingest.portions(read))
        if not read:
            break
        for portion in portions:
            _land(runtime, [payload for _, payload in portion], clock)
        position = read[-1][0]
    _check_point(runtime, clock)


def _land(runtime: Runtime, payloads: list[Payload], clock: Clock) -> None:
    plugin = plugins.load("collectors", payloads[0].collector)
    with clock.step("decode"):
        batch = getattr(plugin, "decode_together", plugin.decode)(payloads, None)
    with clock.step("scrub, group, ids, JSON"):
        tables = Placer(runtime, payloads).tables(batch)
    with clock.step("insert and commit"), runtime.warehouse.telemetry.transaction() as writer:
        events.append(writer, dedupe.without_duplicates(writer, tables), events.next_seq(writer))
    with clock.step("checkpoint"):
        runtime.warehouse.telemetry.fold_log()


def _check_point(runtime: Runtime, clock: Clock) -> None:
    with clock.step("checkpoint"):
        runtime.warehouse.telemetry.checkpoint()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.steps", description=__doc__)
    parser.add_argument("formats", nargs="*", choices=[*FORMATS, []], metavar="FORMAT", help=", ".join(FORMATS))
    memory.share()
    for name in parser.parse_args().formats or FORMATS:
        sys.stdout.write(f"{name}: CPU of an item, µs\n")
        for step, micros in measured(name).items():
            sys.stdout.write(f"  {step:<32} {micros:8.1f}\n")


if __name__ == "__main__":
    main()
