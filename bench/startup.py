"""How long commands and the daemon take to start, beside a Python that does nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.daemon import Daemon, running
from bench.figure import Figure, Target
from bench.timing import Timing, summarised, timed

RUNS = 9
IMPROVER = [str(Path(sys.executable).parent / "improver")]
NOTHING = [sys.executable, "-c", "pass"]


def measure(full: bool = False) -> Iterator[Figure]:
    with running() as daemon:
        config = ["--config", str(daemon.folder / "improver.toml")]
        folder = str(daemon.folder)
        nothing = _timing(NOTHING, folder)
        yield _figure("improver --help", _timing([*IMPROVER, "--help"], folder), nothing, 150)
        status = [*IMPROVER, *config, "status"]
        yield _figure("improver status, beside the daemon", _timing(status, folder), nothing, 400)
        daemon.stop()
        yield _figure("improver status, no daemon", _timing(status, folder), nothing, 400)
        starts = [_restart(daemon) for _ in range(3)]
        yield _figure("daemon: start to first answer", summarised(starts), nothing, None)


def _restart(daemon: Daemon) -> float:
    seconds = daemon.start()
    daemon.stop()
    return seconds


def _timing(command: list[str], folder: str) -> Timing:
    """With warm caches: the first run does not count."""
    environment = {"PATH": os.environ["PATH"], "HOME": folder}
    return summarised([timed(lambda: _run(command, environment, folder)) for _ in range(RUNS + 1)][1:])


def _run(command: list[str], environment: dict[str, str], folder: str) -> None:
    subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)


def _figure(name: str, timing: Timing, nothing: Timing, most_ms: float | None) -> Figure:
    return Figure(
        name=name,
        value=1000 * timing.seconds,
        unit="ms",
        floor=1000 * nothing.seconds,
        floor_name="python -c pass",
        target=Target(at_most=most_ms) if most_ms else None,
        spread=timing.spread,
    )
