"""Repeated runs, and how steady the machine was while they were made."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

SPIN = 200_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """`spread` is the inner half of the runs, as a part of the median."""

    seconds: float
    spread: float

    def per_second(self, items: int) -> float:
        return items / self.seconds


def median_of(runs: int, work: Callable[[], float]) -> Timing:
    """`work` returns the seconds that count."""
    return summarised([work() for _ in range(runs)])


def summarised(seconds: list[float]) -> Timing:
    middle = statistics.median(seconds)
    if len(seconds) < 2:
        return Timing(seconds=middle, spread=0.0)
    first, _, third = statistics.quantiles(seconds, n=4, method="inclusive")
    return Timing(seconds=middle, spread=(third - first) / middle)


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


@dataclass(frozen=True, kw_only=True, slots=True)
class Noise:
    """What else went on: `slowest` is how much longer the same work took at its worst than at its best."""

    slowest: float
    stolen: float
    others: float

    def __str__(self) -> str:
        return (
            f"the same small work took up to {self.slowest:.1f} × its best time; "
            f"{self.stolen:.0%} of the processors were taken by the host, {self.others:.0%} were busy before a start"
        )


class Machine:
    """Watched from its making on; `sample` between two measurements, when nothing of ours runs."""

    def __init__(self) -> None:
        self._spins: list[float] = []
        self._busy: list[float] = []
        self._before = _processor_times()
        self.sample()

    def sample(self) -> None:
        before = _processor_times()
        time.sleep(0.2)
        self._busy.append(_share(before, _processor_times(), _busy))
        self._spins += [timed(_spin) for _ in range(3)]

    def noise(self) -> Noise:
        return Noise(
            slowest=max(self._spins) / min(self._spins),
            stolen=_share(self._before, _processor_times(), _stolen),
            others=statistics.mean(self._busy),
        )

    def described(self) -> dict[str, object]:
        noise = self.noise()
        return {"processors": os.cpu_count(), "slowest": noise.slowest, "stolen": noise.stolen, "others": noise.others}


def _spin() -> int:
    return sum(number * number for number in range(SPIN))


def _processor_times() -> list[int]:
    with open("/proc/stat") as file:  # noqa: PTH123
        return [int(word) for word in file.readline().split()[1:9]]


def _busy(times: list[int]) -> int:
    return sum(times) - times[3] - times[4]


def _stolen(times: list[int]) -> int:
    return times[7]


def _share(before: list[int], after: list[int], part: Callable[[list[int]], int]) -> float:
    return (part(after) - part(before)) / max(1, sum(after) - sum(before))
