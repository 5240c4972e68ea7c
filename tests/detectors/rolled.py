"""Routes by the hour, as the roll-up has them, and what a Detector of whole routes makes of them."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pyarrow as pa

from improver.config import Settings
from improver.model import Symptom
from improver.opening import passing_runtime

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, kw_only=True)
class Runs:
    """From so many days ago until so many: as often in every hour, and a share of them failed or was refused."""

    begin: float
    end: float = 0
    each_hour: int = 6
    ms: float = 100
    failed: float = 0.0
    refused: float = 0.0
    route: str = "/search"
    release: str = ""
    awaited: bool = True
    hours: tuple[int, ...] = tuple(range(24))  # of the day

    def rows(self) -> list[dict]:
        found, failures, refusals = [], 0.0, 0.0
        for ago in range(int(self.begin * 24), int(self.end * 24), -1):
            hour = NOW.replace(tzinfo=None) - timedelta(hours=ago)
            if hour.hour not in self.hours:
                continue
            failures += self.each_hour * self.failed
            refusals += self.each_hour * self.refused
            found += [
                self._row(hour, number, *(int(number == 0) * int(told) for told in (failures, refusals)))
                for number in range(self.each_hour)
            ]
            failures -= int(failures)
            refusals -= int(refusals)
        return found

    def _row(self, hour: datetime, number: int, failures: int, refusals: int) -> dict:
        ms = self.ms * (0.9 + 0.2 * ((number + hour.hour * 7) % 10) / 10)
        return {
            "target": "shop", "environment": "production", "service": "web", "route": self.route,
            "release": self.release, "awaited": self.awaited, "hour": hour, "bucket": math.floor(8 * math.log2(ms)),
            "runs": 1, "failures": failures, "refusals": refusals, "upto": 1,
        }  # fmt: skip


def symptoms(detector: ModuleType, *runs: Runs, **settings: object) -> list[Symptom]:
    with passing_runtime(Settings(), clock=lambda: NOW) as runtime:
        telemetry = runtime.warehouse.telemetry
        with telemetry.transaction() as writer:
            writer.append("route_hours", pa.Table.from_pylist([row for one in runs for row in one.rows()]))
        with telemetry.reading() as cursor:
            return list(detector.detect(cursor, detector.Config(**settings), NOW))
