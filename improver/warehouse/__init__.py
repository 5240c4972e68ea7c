"""The two databases: telemetry (big, rebuildable) and state (small, precious)."""

from pathlib import Path

from improver.config.settings import Warehouse as Limits
from improver.warehouse.database import MEMORY, Database, Reader, Scratch, Writer

__all__ = ["Database", "Reader", "Scratch", "Warehouse", "Writer"]


class Warehouse:
    def __init__(self, telemetry: Database, state: Database) -> None:
        self.telemetry = telemetry
        self.state = state

    @classmethod
    def open(cls, data_dir: Path, limits: Limits) -> "Warehouse":
        return cls(
            Database(data_dir / "telemetry.duckdb", "telemetry", memory_mb=limits.memory_mb, threads=limits.threads),
            Database(data_dir / "state.duckdb", "state", memory_mb=256, threads=1),
        )

    @classmethod
    def in_memory(cls, limits: Limits) -> "Warehouse":
        return cls(
            Database(MEMORY, "telemetry", memory_mb=limits.memory_mb, threads=limits.threads),
            Database(MEMORY, "state", memory_mb=256, threads=1),
        )

    def close(self) -> None:
        self.telemetry.close()
        self.state.close()
