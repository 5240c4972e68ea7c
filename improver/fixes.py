"""What the app's own users are told was fixed: written when a change is seen running, read by the receiver."""

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from improver.model.user import pseudonym

log = logging.getLogger(__name__)

KEPT = 200  # messages per Target
ANSWERED = 50  # messages at once


def user_hash(target: str, user: str) -> str:
    """A user in the file is a hash: the file is answered to anybody with a public key."""
    return hashlib.sha256(f"{target}\0{user}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def load(path: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def announce(path: Path, target: str, fix_id: str, message: str, at: datetime, users: Sequence[str]) -> None:
    """Add one message for these users, once, whole or not at all."""
    everything = load(path)
    known = everything.get(target, [])
    if any(fix["id"] == fix_id for fix in known):
        return
    hashes = [user_hash(target, user) for user in users]
    fix = {"id": fix_id, "message": message, "at": at.isoformat(), "users": hashes}
    everything[target] = [*known, fix][-KEPT:]
    unfinished = path.with_suffix(".tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(everything, file)
    unfinished.replace(path)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """What a user is told, and who is."""

    said: Mapping[str, str]
    at: datetime
    users: frozenset[str]


class Fixes:
    """The messages for the app's users; their file is read again only when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, ...] = ()
        self._told: dict[str, list[Fix]] = {}

    def of(self, target: str, since: datetime | None, user: str) -> list[Mapping[str, str]]:
        """Newest first; with a user, what concerns that user or nobody in particular."""
        hashed = user_hash(target, pseudonym(user))
        told = [
            fix.said
            for fix in self._current().get(target, [])
            if (since is None or fix.at > since) and (not user or not fix.users or hashed in fix.users)
        ]
        return told[:ANSWERED]

    def _current(self) -> dict[str, list[Fix]]:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._told = {target: _newest_first(rows) for target, rows in load(self._path).items()}
            except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
                log.error("the file of fixes cannot be read; what was read before stands", extra={"error": str(error)})
        return self._told


def _newest_first(rows: list[dict[str, Any]]) -> list[Fix]:
    told = [
        Fix(
            said={name: str(row.get(name, "")) for name in ("id", "message", "at", "route")},
            at=moment(row["at"]),
            users=frozenset(row.get("users", ())),
        )
        for row in rows
    ]
    return sorted(told, key=lambda fix: fix.at, reverse=True)


def moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
