"""The two databases: telemetry (big, rebuildable) and state (small, precious)."""

import shutil
from dataclasses import replace
from pathlib import Path

from improver.config.settings import Warehouse as Settings
from improver.warehouse import parts, recovery
from improver.warehouse.connecting import MEMORY, Limits
from improver.warehouse.cursors import Reader, Scratch, Writer
from improver.warehouse.database import Database
from improver.warehouse.recovery import Damage

__all__ = ["Damage", "Database", "Reader", "Scratch", "Warehouse", "Writer"]

STATE = Limits(memory_mb=128, threads=1)


class Warehouse:
    def __init__(self, telemetry: Database, state: Database, damage: list[Damage] | None = None) -> None:
        self.telemetry = telemetry
        self.state = state
        self.damage = damage or []  # what was found when they were opened

    @classmethod
    def open(cls, data_dir: Path, settings: Settings) -> "Warehouse":
        for folder in (data_dir / "days", data_dir / "copies"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in (data_dir / "copies").iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        telemetry, first = recovery.open_telemetry(data_dir / "telemetry.duckdb", _limits(settings))
        state, second = recovery.open_state(data_dir / "state.duckdb", STATE)
        parts.sweep(telemetry)
        return cls(telemetry, state, [damage for damage in (first, second) if damage])

    @classmethod
    def in_memory(cls, settings: Settings, spill: Path | None = None) -> "Warehouse":
        limits = replace(_limits(settings), spill=spill)
        return cls(Database(MEMORY, "telemetry", limits), Database(MEMORY, "state", STATE))

    def compact(self) -> int:
        """Write both files anew; the bytes saved. What was deleted can be read from the disk until then."""
        with self.telemetry.alone():
            with self.telemetry.transaction() as writer:
                # Only the newest place in the Spool counts, and rows may change their order.
                writer.execute("delete from offsets where rowid < (select max(rowid) from offsets)")
            return self.telemetry.compact() + self.state.compact()

    def close(self) -> None:
        self.telemetry.close()
        self.state.close()


def _limits(settings: Settings) -> Limits:
    return Limits(memory_mb=settings.memory_mb, threads=settings.threads)
