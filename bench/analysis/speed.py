"""How long the analysis takes, whole and of an increment: `python -m bench.analysis.speed [SPANS | --full]`."""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.analysis import made
from improver import plugins
from improver.analysis import error_hours, route_hours
from improver.config import Settings
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.stages import cluster, detect, rank
from improver.warehouse import Scratch

SPANS, FULL = 1_000_000, 10_000_000
INCREMENT = 100_000
# What is asked of the full size: 10 M spans and 1 M other Events, on two cores.
FULL_S, INCREMENT_S = 60, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """How long one analysis took, and the CPU time of it, of all cores together, whole and by its parts."""

    seconds: float
    cpu_s: float
    parts: defaultdict[str, float]


def main(words: list[str]) -> int:
    spans = FULL if "--full" in words else int(words[0]) if words else SPANS
    small, large = (_printed(measure(count)) for count in (spans // 10, spans))
    sys.stdout.write(f"ten times as much takes {large / small:.1f} × as much CPU time (linear: 10)\n")
    return 0


def _printed(measured: Iterator[str | float]) -> float:
    """Print the lines; the last of it is the CPU time that the whole analysis took."""
    for line in measured:
        if not isinstance(line, str):
            return line
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    raise AssertionError("nothing was measured")


def measure(spans: int) -> Iterator[str | float]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        owned_runtime(Settings(data_dir=Path(folder) / "data")) as opened,
    ):
        runtime = replace(opened, clock=lambda: made.END)
        begun = time.perf_counter()
        events = made.write(runtime, (0, spans), spans)
        yield f"{events:,} Events, {spans:,} of them spans, over {made.DAYS} days (made in {_since(begun):.0f} s)"
        limits = (f" (at most {FULL_S})", f" (at most {INCREMENT_S})") if spans == FULL else ("", "")
        whole = _analysed(runtime)
        yield _line("all of them", whole) + limits[0]
        added = made.write(runtime, (spans, spans + round(INCREMENT / sum(made.SHARES.values()))), spans)
        more = _analysed(runtime)
        yield _line(f"{added:,} more", more) + limits[1]
        idle = _analysed(runtime)
        yield _line("nothing more", idle)
    yield f"  {'CPU seconds':<24} {'all':>9} {'more':>9} {'nothing':>9}"
    for name, seconds in sorted(whole.parts.items(), key=lambda part: -part[1]):
        yield f"  {name:<24} {seconds:8.2f}s {more.parts[name]:8.3f}s {idle.parts[name]:8.3f}s"
    yield whole.cpu_s


def _line(what: str, spent: Spent) -> str:
    return f"  {what:<24} {spent.seconds:8.2f} s, {spent.cpu_s:8.2f} s of CPU"


def _since(begun: float) -> float:
    return time.perf_counter() - begun


def _analysed(runtime: Runtime) -> Spent:
    begun, busy = time.perf_counter(), time.process_time()
    with _parts() as parts:
        detect.run(runtime)
        with _counted(parts, "(findings)"):
            cluster.run(runtime)
            rank.run(runtime)
    spent = Spent(seconds=_since(begun), cpu_s=time.process_time() - busy, parts=parts)
    parts["(the rest: writing)"] = spent.cpu_s - sum(parts.values())
    return spent


@contextmanager
def _parts() -> Iterator[defaultdict[str, float]]:
    """What the parts of the detect stage take, as long as this is open."""
    parts: defaultdict[str, float] = defaultdict(float)

    def guarded(kind: str, name: str, call: Callable[[], Any]) -> Any:
        with _counted(parts, name):
            return plugins_guarded(kind, name, call)

    plugins_guarded = plugins.guarded
    places: list[tuple[Any, str, Any]] = [
        (plugins, "guarded", guarded),
        (Scratch, "create", _timed(parts, "(windows)", Scratch.create)),
        *((module, "fold", _timed(parts, f"({name})", module.fold)) for name, module in _folds().items()),
    ]
    before = [(place, name, getattr(place, name)) for place, name, _ in places]
    for place, name, instead in places:
        setattr(place, name, instead)
    try:
        yield parts
    finally:
        for place, name, was in before:
            setattr(place, name, was)


def _folds() -> dict[str, ModuleType]:
    return {"route hours": route_hours, "error hours": error_hours}


def _timed(parts: defaultdict[str, float], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        with _counted(parts, name):
            return call(*given)

    return timed


@contextmanager
def _counted(parts: defaultdict[str, float], name: str) -> Iterator[None]:
    """Where others use the machine too, CPU time says more than the clock."""
    busy = time.process_time()
    yield
    parts[name] += time.process_time() - busy


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
