"""The files of closed days: whether each is what it was, and what else lies beside them."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from improver.machine import files
from improver.warehouse.cursors import Reader, Writer

if TYPE_CHECKING:
    from improver.warehouse.database import Database

COLUMNS = ("file", "of", "day", "row_count", "bytes", "checksum", "newest_seq", "newest", "closed_at")
# Says which files count, for the day that the database itself cannot be read.
INDEX = "parts.json"


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:32]


def is_whole(path: Path, row: dict[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == row["bytes"]


def examine(writer: Writer) -> dict[str, str]:
    """Read every file to its end; those that are not what was written, with the reason, count as damaged."""
    damaged = {row["file"]: reason for row in known(writer) if (reason := _reason(writer.folder / row["file"], row))}
    writer.execute("delete from damaged_parts")
    for file, reason in damaged.items():
        writer.execute("insert into damaged_parts values (?, ?)", [file, reason])
    return damaged


def pardon(writer: Writer) -> None:
    """Damaged files that somebody has brought back count again."""
    suspects = writer.rows("select file, bytes, checksum from parts where file in (select file from damaged_parts)")
    for row in suspects:
        if not _reason(writer.folder / row["file"], row):
            writer.execute("delete from damaged_parts where file = $file", {"file": row["file"]})


def damaged(reader: Reader) -> dict[str, str]:
    """Files whose rows are missing from the views, by a look at their sizes, with what `examine` found."""
    found = {row["file"]: row["reason"] for row in reader.rows("select file, reason from damaged_parts")}
    for row in known(reader):
        if not is_whole(reader.folder / row["file"], row):
            found[row["file"]] = _reason(reader.folder / row["file"], row)
    return dict(sorted(found.items()))


def known(reader: Reader) -> list[dict[str, Any]]:
    return reader.rows(f"select {', '.join(COLUMNS)} from parts order by day, file")


def publish(database: "Database") -> None:
    """Keep the list of files beside them too."""
    with database.reading() as reader:
        files.write(database.days / INDEX, json.dumps(known(reader), default=str, indent=1).encode())


def adopt(writer: Writer) -> int:
    """Take the files on the list into a new database; how many rows they hold."""
    index = writer.folder / INDEX
    listed = json.loads(index.read_text()) if index.exists() else []
    for row in listed:
        times = {name: datetime.fromisoformat(row[name]) for name in ("newest", "closed_at")}
        whole = row | times | {"day": date.fromisoformat(row["day"])}
        writer.execute(f"insert into parts values ({', '.join('?' * len(COLUMNS))})", [whole[name] for name in COLUMNS])
    return sum(row["row_count"] for row in listed)


def sweep(database: "Database") -> int:
    """Unlink files that no transaction committed, or that were replaced or dropped, while nobody reads them."""
    if not _strangers(database):
        return 0
    publish(database)
    with database.alone():
        strangers = _strangers(database)
        for path in strangers:
            path.unlink()
    return len(strangers)


def _strangers(database: "Database") -> list[Path]:
    with database.reading() as reader:
        ours = {row["file"] for row in known(reader)}
    return [path for path in database.days.glob("*.parquet*") if path.name not in ours]


def _reason(path: Path, row: dict[str, Any]) -> str:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != row["bytes"]:
        return f"has {path.stat().st_size:,} bytes instead of {row['bytes']:,}"
    return "" if checksum(path) == row["checksum"] else "does not match its checksum"
