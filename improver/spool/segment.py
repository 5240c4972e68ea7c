"""One segment file of the Spool: what its records look like, and how they are read back."""

import dataclasses
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from improver.errors import ImproverError
from improver.model import Payload, TrustLabel

MAGIC = b"improver spool 1\n"
# crc32 of what follows it, length of the meta JSON, length of the body
_HEADER = struct.Struct("<III")
_META = tuple(field.name for field in dataclasses.fields(Payload) if field.name != "body")


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place between two records: everything before it has been read."""

    segment: int = 0
    offset: int = 0

    def __str__(self) -> str:
        return f"{self.segment}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        segment, colon, offset = text.partition(":")
        if not (colon and segment.isdecimal() and offset.isdecimal()):
            raise ImproverError(f"not a position in the Spool: {text!r}", hint='a position looks like "12:3456"')
        return cls(int(segment), int(offset))


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """Bytes of a segment that hold no readable record, and why."""

    segment: int
    start: int
    end: int
    reason: str

    @property
    def bytes(self) -> int:
        return self.end - self.start


class Damaged(Exception):
    """A record that cannot be read, where it starts, and where it claims to end."""

    def __init__(self, reason: str, start: int, claimed_end: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.claimed_end = claimed_end


def path_of(directory: Path, number: int) -> Path:
    return directory / f"{number:016d}.seg"


def numbers(directory: Path) -> list[int]:
    """The segments that are there, oldest first."""
    return sorted(int(path.stem) for path in directory.glob("*.seg") if path.stem.isdecimal())


def encode(payload: Payload) -> bytes:
    meta = json.dumps({name: getattr(payload, name) for name in _META}, default=datetime.isoformat).encode()
    lengths = struct.pack("<II", len(meta), len(payload.body))
    crc = zlib.crc32(payload.body, zlib.crc32(meta, zlib.crc32(lengths)))
    return b"".join((struct.pack("<I", crc), lengths, meta, payload.body))


def records(path: Path, start: int, end: int) -> Iterator[tuple[int, Payload]]:
    """Payloads between two offsets, each with the offset after it; raises Damaged at the first that is not whole."""
    with path.open("rb") as file:
        at = max(start, len(MAGIC))
        if end > 0 and file.read(len(MAGIC)) != MAGIC[:end]:
            raise Damaged("not a segment of this version", 0, 0)
        file.seek(at)
        while at < end:
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                raise Damaged("torn record", at, at + _HEADER.size)
            crc, meta_length, body_length = _HEADER.unpack(header)
            after = at + _HEADER.size + meta_length + body_length
            if after > end:
                raise Damaged("torn record", at, after)
            content = file.read(meta_length + body_length)
            if zlib.crc32(content, zlib.crc32(header[4:])) != crc:
                raise Damaged("checksum does not match", at, after)
            try:
                payload = _decode(content[:meta_length], content[meta_length:])
            except (ValueError, KeyError, TypeError) as error:
                raise Damaged(f"cannot be understood: {error}", at, after) from error
            yield after, payload
            at = after


def _decode(meta: bytes, body: bytes) -> Payload:
    """Keys that a newer version may have added are left out."""
    known = {name: value for name, value in json.loads(meta).items() if name in _META}
    received_at, trust = datetime.fromisoformat(known.pop("received_at")), TrustLabel(known.pop("trust"))
    return Payload(**known, received_at=received_at, trust=trust, body=body)


class Appender:
    """The segment that is being written; only the Spool's committer touches it."""

    def __init__(self, directory: Path, number: int) -> None:
        self.number = number
        self.path = path_of(directory, number)
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            _write(self._file, MAGIC)
            os.fsync(self._file)
            _sync_folder(directory)
        except OSError:
            self.path.unlink()
            os.close(self._file)
            raise
        self.end = len(MAGIC)

    def append(self, records: Iterable[bytes]) -> int:
        """Durable when this returns the new end; after an error not a byte of them stays."""
        size = self.end
        try:
            # Together: after each call of the system, another thread may keep Python for a while.
            size += _write(self._file, b"".join(records))
            _sync_data(self._file)
        except OSError:
            os.ftruncate(self._file, self.end)
            raise
        self.end = size
        return size

    def close(self) -> None:
        os.close(self._file)
        if self.end == len(MAGIC):
            self.path.unlink()


def _write(file: int, data: bytes) -> int:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]
    return len(data)


def _sync_data(file: int) -> None:
    # Where there is no fdatasync (macOS), fsync does more than is needed.
    getattr(os, "fdatasync", os.fsync)(file)


def _sync_folder(directory: Path) -> None:
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def mend(directory: Path, number: int) -> tuple[int, Loss | None]:
    """After a crash: where the segment's records end. A torn tail is cut off; damage before more bytes is left."""
    path = path_of(directory, number)
    size = path.stat().st_size
    try:
        for _ in records(path, 0, size):
            pass
    except Damaged as damage:
        if damage.claimed_end < size and not _blank(path, damage.start):
            return size, None
        os.truncate(path, damage.start)
        return damage.start, Loss(segment=number, start=damage.start, end=size, reason=damage.reason)
    return size, None


def _blank(path: Path, start: int) -> bool:
    """A tail of zeros is what a power cut leaves of bytes that were never written."""
    with path.open("rb") as file:
        file.seek(start)
        return not any(chunk.strip(b"\0") for chunk in iter(lambda: file.read(1 << 20), b""))


def rewrite(path: Path, end: int, unwanted: Callable[[Payload], bool]) -> tuple[int, int]:
    """Leave some Payloads out of a segment that nobody appends to; its new end, and how many those were."""
    kept, removed = [MAGIC], 0
    try:
        for _, payload in records(path, 0, end):
            wanted = not unwanted(payload)
            kept += [encode(payload)] if wanted else []
            removed += not wanted
    except Damaged:
        removed += 1  # nobody can say whose the rest is
    if not removed:
        return end, 0
    replace(path, b"".join(kept))
    return sum(map(len, kept)), removed


def replace(path: Path, content: bytes) -> None:
    """As old as what it replaces: that is how long it is kept."""
    fresh, times = path.with_suffix(".new"), path.stat()
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        _write(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    os.utime(fresh, ns=(times.st_atime_ns, times.st_mtime_ns))
    fresh.replace(path)
    _sync_folder(path.parent)
