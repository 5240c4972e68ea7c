"""Keeps what was sent to a model: each request's body, and a line that says what it is."""

import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

KEPT_AT_MOST = 64 << 20  # of one Attempt, compressed: an Agent must not fill the disk
FAST = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One request as it left. `body` is the file that holds it, gzipped, within the folder; empty if none does."""

    at: datetime
    method: str
    path: str  # with its query
    bytes: int
    sha256: str
    body: str = ""


class Manifest:
    """A folder of bodies and `sent.jsonl` beside them; a body that was sent before is kept once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sent"
        self._list = folder / "sent.jsonl"
        self._kept = sum(path.stat().st_size for path in self._folder.glob("*.gz"))

    def note(self, at: datetime, method: str, path: str, body: bytes) -> None:
        """Before it is sent: what nobody could write down does not leave."""
        digest = sha256(body).hexdigest()
        line = {
            "at": at.isoformat(), "method": method, "path": path, "bytes": len(body), "sha256": digest,
            "body": self._keep(digest, body) if body else "",
        }  # fmt: skip
        with self._list.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _keep(self, digest: str, body: bytes) -> str:
        name = f"{digest}.gz"
        if (self._folder / name).exists():
            return f"{self._folder.name}/{name}"
        packed = gzip.compress(body, FAST)
        if self._kept + len(packed) > KEPT_AT_MOST:
            return ""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        (self._folder / name).write_bytes(packed)
        self._kept += len(packed)
        return f"{self._folder.name}/{name}"


def sent(folder: Path) -> list[Sent]:
    """What an Attempt's folder says was sent; a last line that was cut by a crash is left out."""
    try:
        lines = (folder / "sent.jsonl").read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    records = [json.loads(line) for line in lines if line.endswith("\n")]
    return [Sent(**{**record, "at": datetime.fromisoformat(record["at"])}) for record in records]
