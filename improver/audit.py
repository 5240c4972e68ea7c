"""The audit log: a file that only grows, each Entry chained to the one before by its hash."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from improver.errors import ImproverError
from improver.machine import files
from improver.model import Act, Chain, Entry

log = logging.getLogger(__name__)

BEGINNING = "0" * 64
LONGEST_DETAIL = 2_000
_TAIL = 64 << 10


class Broken(Exception):
    """A line that is no Entry, or does not follow from the one before."""


class Audit:
    """One process writes it: the owner of the data folder."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._last: Entry | None = None
        self._opened = False

    def note(self, act: Act, about: str, **detail: object) -> Entry:
        """On the disk when this returns."""
        [entry] = self.note_all(act, {about: detail})
        return entry

    def note_all(self, act: Act, details: Mapping[str, Mapping[str, object]]) -> list[Entry]:
        """One Entry for each thing that it is about, and one wait for the disk."""
        with self._lock, self._written():
            self._open()
            entries = []
            for about, detail in details.items():
                self._last = _next(self._last, self._clock(), act, about, detail)
                entries.append(self._last)
            self._append("".join(f"{_line(entry)}\n" for entry in entries).encode())
        return entries

    @contextmanager
    def effect(self, name: str, about: str, **detail: object) -> Iterator[None]:
        """Written down before it is made, and after; what has only a `will` was cut short and is looked for again."""
        self.note(Act.WILL, about, effect=name, **detail)
        try:
            yield
        except ImproverError as error:
            self.note(Act.COULD_NOT, about, effect=name, because=error.message)
            raise
        self.note(Act.DID, about, effect=name, **detail)

    def entries(self) -> Iterator[Entry]:
        """All that can be read, oldest first; up to the first that is broken."""
        try:
            yield from _sound(self._path)
        except Broken as broken:
            log.warning("the audit log is broken", extra={"where": str(broken)})

    def verify(self, contains: str = "") -> Chain:
        """Whether every Entry follows from the one before; and whether one whose hash was kept elsewhere is there."""
        chain, found = Chain(entries=0, head=BEGINNING), False
        try:
            for entry in _sound(self._path):
                chain = replace(chain, entries=entry.number, head=entry.hash)
                found = found or (bool(contains) and entry.hash.startswith(contains))
        except Broken as broken:
            chain = replace(chain, problem=str(broken))
        return replace(chain, contains=found) if contains else chain

    def head(self) -> str:
        with self._lock, self._written():
            self._open()
            return self._last.hash if self._last else BEGINNING

    def _open(self) -> None:
        """Find the last Entry. A line that was cut short was never answered for: it goes."""
        if self._opened:
            return
        self._path.touch(mode=0o600)
        size = self._path.stat().st_size
        with self._path.open("rb+") as file:
            file.seek(max(0, size - _TAIL))
            tail = file.read()
            whole, newline, torn = tail.rpartition(b"\n")
            if torn:
                log.warning("the audit log's last line was cut short", extra={"bytes": len(torn)})
                file.truncate(size - len(torn))
        if newline:
            self._last = self._read_last(whole.rpartition(b"\n")[2])
        files.sync(self._path)
        self._opened = True

    def _read_last(self, line: bytes) -> Entry:
        """Nothing is chained to what cannot be trusted, and so nothing is done that would have to be."""
        try:
            return _read(line, "the last line")
        except Broken as broken:
            raise ImproverError(
                f"the audit log is damaged: {broken} of {self._path}",
                hint="`improver audit verify` says where it breaks; move the file away, and a new one begins",
            ) from broken

    def _append(self, lines: bytes) -> None:
        with self._path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _written(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._opened, self._last = False, None  # what of it is there is looked for anew
            raise ImproverError(
                f"cannot write the audit log {self._path}: {error.strerror}",
                hint="nothing is done that could not be written down: free some disk space",
                retryable=True,
            ) from error


def _next(last: Entry | None, at: datetime, act: Act, about: str, detail: Mapping[str, object]) -> Entry:
    said = {name: str(value)[:LONGEST_DETAIL] for name, value in detail.items() if value not in ("", None)}
    entry = Entry(
        number=last.number + 1 if last else 1,
        at=at,
        act=act,
        about=about,
        detail=said,
        previous=last.hash if last else BEGINNING,
        hash="",
    )
    return replace(entry, hash=_hash(entry))


def _hash(entry: Entry) -> str:
    return sha256(_canonical(entry).encode()).hexdigest()


def _canonical(entry: Entry) -> str:
    """What is hashed: one way to write it, in ASCII."""
    return json.dumps(
        [entry.number, entry.at.isoformat(), entry.act, entry.about, sorted(entry.detail.items()), entry.previous],
        separators=(",", ":"),
    )


def _line(entry: Entry) -> str:
    return json.dumps(
        {
            "number": entry.number, "at": entry.at.isoformat(), "act": entry.act, "about": entry.about,
            "detail": entry.detail, "previous": entry.previous, "hash": entry.hash,
        }
    )  # fmt: skip


def _sound(path: Path) -> Iterator[Entry]:
    """Every Entry that follows from the one before."""
    previous, number = BEGINNING, 0
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            where = f"entry {number}"
            if not line.endswith(b"\n"):
                raise Broken(f"{where} was cut short")
            entry = _read(line, where)
            if (entry.number, entry.previous) != (number, previous):
                raise Broken(f"{where} does not follow the one before: something was taken out, put in or moved")
            if entry.hash != _hash(entry):
                raise Broken(f"{where} is not what was written")
            previous = entry.hash
            yield entry


def _read(line: bytes, where: str) -> Entry:
    try:
        raw = json.loads(line)
        return Entry(
            number=int(raw["number"]),
            at=datetime.fromisoformat(raw["at"]),
            act=Act(raw["act"]),
            about=str(raw["about"]),
            detail={str(name): str(value) for name, value in raw["detail"].items()},
            previous=str(raw["previous"]),
            hash=str(raw["hash"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Broken(f"{where} cannot be read") from error
