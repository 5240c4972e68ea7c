"""Backups: the state of every day, and the whole of the data folder in one file, each read back before it counts."""

import json
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from improver.errors import ImproverError
from improver.machine import files
from improver.runtime import Runtime
from improver.warehouse.copies import inspect, listed
from improver.warehouse.names import BY_DAY, PAYLOADS
from improver.warehouse.parts import checksum

KEEP_DAILY = 7
TRIES = 3
FORMAT = 1
MANIFEST = "manifest.json"
# What belongs to a backup besides the databases. Attempts' transcripts and the Spool do not.
BESIDES = ("keys.toml", "fixes.json", "audit.jsonl", "specs", "sourcemaps")


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    name: str
    bytes: int
    checksum: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What is in a backup, so that it can be compared."""

    format: int
    created_at: str
    rows: dict[str, dict[str, int]]
    members: tuple[Member, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    file: str
    bytes: int
    created_at: datetime
    events: int
    rows: dict[str, dict[str, int]]


def daily(runtime: Runtime) -> Path:
    """The state of today, beside those of the days before."""
    now = runtime.clock()
    folder = _folder(runtime)
    fresh = runtime.warehouse.state.copies / f"state-{secrets.token_hex(4)}.duckdb"
    runtime.warehouse.state.copy(fresh)
    inspect(fresh)
    kept = folder / f"state-{now:%Y-%m-%d}.duckdb"
    files.replace(fresh, kept)
    for old in sorted(folder.glob("state-2*.duckdb"))[:-KEEP_DAILY]:
        old.unlink()
    return kept


def backup(runtime: Runtime, *, file: str = "") -> Backup:
    """Everything in one file, as of now, while the daemon goes on; it is read back before it counts."""
    now = runtime.clock()
    target = Path(file) if file else _folder(runtime) / f"improver-{now:%Y-%m-%dT%H-%M-%S}.tar"
    if target.exists():
        raise ImproverError(f"{target} exists", hint="name another file: a backup is never written over")
    staging = runtime.warehouse.telemetry.copies / f"backup-{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    try:
        rows = _stage(runtime, staging)
        manifest = Manifest(format=FORMAT, created_at=now.isoformat(), rows=rows, members=tuple(_members(staging)))
        _pack(staging, manifest, target)
    finally:
        shutil.rmtree(staging)
    return described(target, manifest)


def described(file: Path, manifest: Manifest) -> Backup:
    return Backup(
        file=str(file),
        bytes=file.stat().st_size,
        created_at=datetime.fromisoformat(manifest.created_at),
        events=_events(manifest),
        rows=manifest.rows,
    )


def _events(manifest: Manifest) -> int:
    hot = {table for table in BY_DAY if table != PAYLOADS}
    return sum(manifest.rows["telemetry"].get(f"hot_{table}", 0) + manifest.rows["days"].get(table, 0) for table in hot)


def _folder(runtime: Runtime) -> Path:
    folder = runtime.data.root / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _stage(runtime: Runtime, staging: Path) -> dict[str, dict[str, int]]:
    warehouse = runtime.warehouse
    warehouse.state.copy(staging / "state.duckdb")
    parts = _stage_telemetry(runtime, staging)
    for name in BESIDES:
        source = runtime.data.root / name
        if source.is_dir():
            shutil.copytree(source, staging / name)
        elif source.is_file():
            shutil.copy2(source, staging / name)
    return {
        "telemetry": inspect(staging / "telemetry.duckdb"),
        "state": inspect(staging / "state.duckdb"),
        "days": {table: sum(rows for _, of, rows in parts if of == table) for table in BY_DAY},
    }


def _stage_telemetry(runtime: Runtime, staging: Path) -> list[tuple[str, str, int]]:
    """A copy of the database with just the files that it names; once more if one was replaced meanwhile."""
    telemetry = runtime.warehouse.telemetry
    copy, folder = staging / "telemetry.duckdb", staging / "days"
    for _ in range(TRIES):
        telemetry.copy(copy)
        sql = "select file, of, row_count from parts where file not in (select file from damaged_parts)"
        parts: list[tuple[str, str, int]] = [(str(file), str(of), int(rows)) for file, of, rows in listed(copy, sql)]
        folder.mkdir(mode=0o700)
        try:
            for file, *_ in parts:
                _link(telemetry.days / file, folder / file)
        except FileNotFoundError:
            shutil.rmtree(folder)
            copy.unlink()
            continue
        return parts
    raise ImproverError("days were closed or dropped again and again", hint="try again later", retryable=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # not every file system has links
        shutil.copy2(source, target)


def _members(folder: Path) -> Iterator[Member]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield Member(name=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, checksum=checksum(path))


def _pack(staging: Path, manifest: Manifest, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.partial")
    try:
        private = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(private, "wb") as out, tarfile.open(fileobj=out, mode="w") as tar:
            (staging / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
            for name in (MANIFEST, *(member.name for member in manifest.members)):
                tar.add(staging / name, name, recursive=False)
        files.replace(fresh, target)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        problem = f"cannot write {target}: {error.strerror}"
        raise ImproverError(problem, hint="name a file that can be written") from error
