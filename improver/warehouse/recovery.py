"""Opens a database that may be damaged: without its last writes, from a backup, or empty; what is damaged is kept."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from improver.errors import ImproverError
from improver.machine import files
from improver.warehouse import days, parts
from improver.warehouse.connecting import Damaged, Limits
from improver.warehouse.copies import inspect
from improver.warehouse.database import Database, log_of

FOLDER = "damaged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Damage:
    """A database that could not be opened as it was."""

    schema: str
    problem: str
    kept: Path
    lost: str


def open_telemetry(file: Path, limits: Limits) -> tuple[Database, Damage | None]:
    """In the worst case of the files of closed days alone: the Spool gives what it still has."""
    return _open(file, "telemetry", limits, lambda: "what was received since the last closed day", _adopt)


def open_state(file: Path, limits: Limits) -> tuple[Database, Damage | None]:
    """In the worst case of the newest backup that can be read."""
    return _open(file, "state", limits, lambda: _from_backup(file), lambda database: None)


def _open(
    file: Path,
    schema: str,
    limits: Limits,
    replace: Callable[[], str],
    complete: Callable[[Database], None],
) -> tuple[Database, Damage | None]:
    try:
        return Database(file, schema, limits), None
    except Damaged as damage:
        problem = damage.message
    kept = file.parent / FOLDER / f"{schema}-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}"
    kept.mkdir(parents=True, mode=0o700)
    if log_of(file).exists():
        as_of = datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.exists() else None
        _put_aside(log_of(file), kept)
        try:
            lost = f"what was written after {as_of:%Y-%m-%d %H:%M:%S} UTC" if as_of else "what was written last"
            return Database(file, schema, limits), Damage(schema=schema, problem=problem, kept=kept, lost=lost)
        except Damaged as damage:
            problem = damage.message
    _put_aside(file, kept)
    _put_aside(log_of(file), kept)
    lost = replace()
    database = Database(file, schema, limits)
    complete(database)
    return database, Damage(schema=schema, problem=problem, kept=kept, lost=lost)


def _put_aside(path: Path, folder: Path) -> None:
    if path.exists():
        path.rename(folder / path.name)
        files.sync(folder / path.name)


def _adopt(database: Database) -> None:
    with database.transaction() as writer:
        parts.adopt(writer)
        days.lay_views(writer)


def _from_backup(file: Path) -> str:
    for backup in sorted(file.parent.glob("backups/state-2*.duckdb"), key=lambda b: b.name, reverse=True):
        try:
            inspect(backup)
        except ImproverError:
            continue  # an older one may do
        shutil.copyfile(backup, file)
        files.sync(file)
        made = datetime.fromtimestamp(backup.stat().st_mtime, UTC)
        return f"Findings, Specs, Attempts and Outcomes as they changed after {made:%Y-%m-%d %H:%M} UTC ({backup.name})"
    return "all Findings, Specs, Attempts and Outcomes: no backup can be read"
