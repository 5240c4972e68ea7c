"""Opens a DuckDB file and takes from it what it must not be able to do; says what is wrong with one that cannot be."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from improver.errors import ImproverError

MEMORY = Path(":memory:")
STORAGE = "v1.5.0"
# What DuckDB says of a file that it cannot make sense of: the rest (locks, permissions, a full disk) is no damage.
DAMAGE = ("checksum", "corrupt", "not a valid duckdb database", "replaying wal", "wal file", "deserializ")
TOO_NEW = ("version number", "storage version", "newer version")
# A query that sorts more than fits in memory may use so much of the disk, and no more.
SPILL = "8GB"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    memory_mb: int
    threads: int
    spill: Path | None = None  # for a database in memory, where to put what is more; one in a file has its own place


class Damaged(ImproverError):
    """The file is there and cannot be understood."""


def connect(file: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    _leave_out()
    config: dict[str, Any] = {
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": str(limits.threads),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        # An automatic checkpoint stalls writers for seconds; the daemon checkpoints in the background.
        "checkpoint_threshold": "2GB",
        "max_temp_directory_size": SPILL,
        # To merge what a checkpoint wrote with what others wrote before takes three times as long, and 300 MB.
        "max_vacuum_tasks": "0",
        # Closing a day would hold all of it in memory otherwise; whoever needs an order asks for it.
        "preserve_insertion_order": "false",
        "allocator_background_threads": "true",
    }
    if file != MEMORY:
        config["storage_compatibility_version"] = STORAGE
    else:
        # By default it would be a folder where the user happens to be.
        config["temp_directory"] = str(limits.spill or "")
    try:
        return duckdb.connect(str(file), config=config)
    except duckdb.Error as error:
        raise _refusal(file, error) from error


def _leave_out() -> None:
    """Modules that are asked for and that nothing here needs."""
    # DuckDB asks for it at the first Arrow table and does as well without: its clients of S3 and others take 12 MB.
    sys.modules.setdefault("pyarrow.dataset", None)  # type: ignore[arg-type]
    # pyarrow looks for them again with each Python number that it is given, which takes it sixty times as long.
    for name in ("pandas", "dateutil"):
        if name not in sys.modules and find_spec(name) is None:
            sys.modules[name] = None  # type: ignore[assignment]


def lock_down(connection: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    """No file but those in these folders, no extension, and no way back."""
    if folders:
        listed = ", ".join("'" + str(folder).replace("'", "''") + "'" for folder in folders)
        connection.execute(f"set allowed_directories = [{listed}]")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _refusal(file: Path, error: duckdb.Error) -> ImproverError:
    said = str(error).lower()
    if "could not set lock" in said:
        return ImproverError(
            f"another process has {file} open",
            hint="stop it, or use the CLI beside the running daemon",
            retryable=True,
        )
    if any(words in said for words in TOO_NEW):
        return ImproverError(
            f"{file} was written by a newer DuckDB: {error}", hint="upgrade improver, or point data_dir elsewhere"
        )
    if any(words in said for words in DAMAGE) or isinstance(error, (duckdb.InternalException, duckdb.FatalException)):
        return Damaged(f"{file} is damaged: {error}", hint="`improver restore FILE` brings back a backup")
    return ImproverError(f"cannot open {file}: {error}", hint="check the disk and the folder's permissions")
