"""Hunts in several processes, one decoder in each: a crash, a hang or too much memory ends only that one."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.fuzz.decoders import decoders
from bench.fuzz.hunt import Budget, Hunt, Score
from bench.fuzz.samples import ROOT

UNLIMITED = 1 << 62
SPARE = 90.0  # what a process may take beyond its time before it is ended


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What one process is to do, after the other."""

    names: tuple[str, ...]
    folder: str
    seed: int
    seconds: float
    inputs: int = UNLIMITED


def campaign(names: Sequence[str], *, folder: Path, seed: int, seconds: float, at_once: int) -> list[Score]:
    """Each decoder gets the same share of the time. Crashers are left in the folder."""
    each = seconds * at_once / len(names)
    orders = [Order(names=(name,), folder=str(folder / name), seed=seed, seconds=each) for name in names]
    running: list[tuple[Order, subprocess.Popen[bytes], float]] = []
    scores: list[Score] = []
    waiting = orders[::-1]
    while waiting or running:
        while waiting and len(running) < at_once:
            order = waiting.pop()
            running.append((order, _started(order), time.monotonic()))
        time.sleep(0.2)
        for one in [one for one in running if _over(*one)]:
            running.remove(one)
            scores += _scores(one[0])
            left = _mourned(one[0], one[1].wait(), time.monotonic() - one[2])
            waiting += [left] if left else []
    return _joined(scores)


def together(order: Order) -> list[Score]:
    """All in this process."""
    Path(order.folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        known = decoders(Path(scratch))
        budget = Budget(seconds=order.seconds, inputs=order.inputs)
        return [Hunt(name, known[name], Path(order.folder), order.seed).run(budget) for name in order.names]


def obey(told: str) -> None:
    """The whole of a process that was started for an order."""
    record = json.loads(told)
    together(Order(**{**record, "names": tuple(record["names"])}))
    # Not through whatever closes things at the end: the memory for it may be gone.
    os._exit(0)


def crashers(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*-*.json"))


def _started(order: Order) -> subprocess.Popen[bytes]:
    Path(order.folder).mkdir(parents=True, exist_ok=True)
    with (Path(order.folder) / "said.txt").open("ab") as said:
        command = [sys.executable, "-m", "bench.fuzz", "--obey", json.dumps(asdict(order))]
        return subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)


def _over(order: Order, process: subprocess.Popen[bytes], begun: float) -> bool:
    if process.poll() is None and time.monotonic() - begun > order.seconds + SPARE:
        process.kill()
    return process.poll() is not None


def _mourned(order: Order, code: int, took: float) -> Order | None:
    """A process that ended otherwise was ended by its input, which is kept; the rest of its time is another's."""
    if code == 0:
        return None
    (name,) = order.names
    current = Path(order.folder) / "current.json"
    if current.exists():
        record = json.loads(current.read_text()) | {"error": f"the process ended with {code}"}
        current.with_name(f"{name}-ended-{order.seed}.json").write_text(json.dumps(record))
    left = order.seconds - took
    if left < 2:
        return None
    return replace(order, seed=order.seed + 1, seconds=left)


def _scores(order: Order) -> list[Score]:
    files = (Path(order.folder) / f"{name}.score" for name in order.names)
    return [Score(**json.loads(file.read_text())) for file in files if file.exists()]


def _joined(scores: list[Score]) -> list[Score]:
    """Several processes for one decoder count as one."""
    whole: dict[str, Score] = {}
    for score in scores:
        known = whole.setdefault(score.decoder, score)
        if known is score:
            continue
        known.inputs, known.seconds = known.inputs + score.inputs, known.seconds + score.seconds
        known.lines, known.possible = max(known.lines, score.lines), max(known.possible, score.possible)
        known.slowest, known.peak_mb = max(known.slowest, score.slowest), max(known.peak_mb, score.peak_mb)
    return list(whole.values())
