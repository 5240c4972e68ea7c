"""How long commands take to start, beside a Python that does nothing."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

RUNS = 10
IMPROVER = str(Path(sys.executable).parent / "improver")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "improver --help": [IMPROVER, "--help"],
    "improver status, no daemon": [IMPROVER, "status"],
}


def measure() -> Iterator[str]:
    yield f"start-up, median of {RUNS} with warm caches:"
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home}
        for name, command in COMMANDS.items():
            seconds = [_timed(command, environment, home) for _ in range(RUNS + 1)][1:]
            yield f"  {name:<30} {1000 * statistics.median(seconds):6.0f} ms"


def _timed(command: list[str], environment: dict[str, str], folder: str) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - begun
