"""Brings back a backup: everything in it is compared first, and what it replaces is kept."""

import json
import shutil
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.machine import files
from improver.upkeep.backups import BESIDES, FORMAT, MANIFEST, Backup, Manifest, described
from improver.warehouse.copies import forget_positions, inspect, listed
from improver.warehouse.parts import checksum

STAGED = "restoring"
READY = "READY"  # written when all was compared: from then on the exchange is finished, whatever happens
DATABASES = ("telemetry.duckdb", "state.duckdb")
LOGS = tuple(f"{name}.wal" for name in DATABASES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    backup: Backup
    replaced: str  # where what was there before is now


def restore(data: DataDir, file: Path, now: datetime) -> Restored:
    """Only while no daemon runs; the Spool stays, and what it still has besides is digested at the next start."""
    with data.owned():
        staged = data.root / STAGED
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(mode=0o700)
        try:
            manifest = _unpack(file, staged)
            _compare(manifest, staged)
        except ImproverError:
            shutil.rmtree(staged)
            raise
        forget_positions(staged / "telemetry.duckdb")
        (staged / "days").mkdir(exist_ok=True)
        files.write(staged / READY, f"replaced-{now:%Y-%m-%dT%H-%M-%S}".encode())
        return Restored(backup=described(file, manifest), replaced=str(finish(data)))


def finish(data: DataDir) -> Path | None:
    """Exchange what was compared for what is there; where the latter is now."""
    staged = data.root / STAGED
    if not (staged / READY).exists():
        shutil.rmtree(staged, ignore_errors=True)
        return None
    replaced = data.root / (staged / READY).read_text()
    replaced.mkdir(exist_ok=True, mode=0o700)
    for name in (*LOGS, *DATABASES, "days", *BESIDES):
        fresh, place = staged / name, data.root / name
        if name not in LOGS and not fresh.exists():
            continue  # exchanged before a crash, or not in the backup
        if place.exists():
            place.rename(replaced / name)
        if fresh.exists():
            fresh.rename(place)
    files.sync(replaced)
    shutil.rmtree(staged)
    return replaced


def _why(error: Exception) -> str:
    """Without the path, which is said already."""
    return str(error.strerror or error) if isinstance(error, OSError) else str(error)


def _unpack(file: Path, folder: Path) -> Manifest:
    try:
        with tarfile.open(file, "r:") as tar:
            tar.extractall(folder, filter="data")
        manifest = TypeAdapter(Manifest).validate_python(json.loads((folder / MANIFEST).read_text()))
    except (OSError, tarfile.TarError, ValueError, ValidationError) as error:
        raise ImproverError(
            f"{file} is no backup that can be read: {_why(error)}", hint="name a file that `improver backup` wrote"
        ) from error
    if manifest.format != FORMAT:
        raise ImproverError(f"{file} is a backup of format {manifest.format}", hint="upgrade improver first")
    return manifest


def _compare(manifest: Manifest, folder: Path) -> None:
    for member in manifest.members:
        path = folder / member.name
        if not path.is_file() or path.stat().st_size != member.bytes or checksum(path) != member.checksum:
            raise ImproverError(f"{member.name} is not what was backed up", hint="name another backup")
    for name in DATABASES:
        found = inspect(folder / name)
        if found != manifest.rows[Path(name).stem]:
            raise ImproverError(f"{name} does not hold what was backed up", hint="name another backup")
    telemetry = folder / "telemetry.duckdb"
    damaged = {file for (file,) in listed(telemetry, "select file from damaged_parts")}
    named = {file for (file,) in listed(telemetry, "select file from parts")} - damaged
    if lacking := sorted(file for file in named if not (folder / "days" / file).is_file()):
        raise ImproverError(f"the backup lacks files of closed days: {', '.join(lacking)}", hint="name another backup")
