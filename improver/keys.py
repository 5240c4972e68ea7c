"""Keys that senders show: each belongs to one Target, and says how far its sender is trusted."""

import fcntl
import hmac
import json
import logging
import os
import secrets
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from improver.errors import ImproverError
from improver.model import TrustLabel

log = logging.getLogger(__name__)

HEADER = (
    "# Keys that senders show. `improver keys` lists them, `improver keys revoke ID` ends one.\n"
    '# A key in a web page can be tied to its pages: origins = ["https://shop.example"]\n'
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """`value` is the secret; `project` is the number in the DSN, which decides nothing.

    `origins`, if there are any, are the only web origins whose pages may use the key.
    """

    id: str
    value: str = field(repr=False)
    target: str
    trust: TrustLabel
    project: int
    created: datetime
    revoked_at: datetime | None = None
    origins: tuple[str, ...] = ()

    def dsn(self, origin: str) -> str:
        """What an SDK is configured with; `origin` is e.g. "http://127.0.0.1:4318"."""
        scheme, _, host = origin.partition("://")
        return f"{scheme}://{self.value}@{host}/{self.project}"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Keys:
    """The keys of one file; a changed file is read again at the next look-up, without a restart."""

    def __init__(self, path: Path, keys: tuple[Key, ...], stamp: tuple[int, ...]) -> None:
        self._path = path
        self._keys = keys
        self._stamp = stamp
        self._reading = threading.Lock()

    @classmethod
    def load(cls, path: Path) -> Self:
        stamp = _stamp(path)
        return cls(path, _read(path), stamp)

    @classmethod
    def create(cls, path: Path, target: str, trust: TrustLabel, clock: Callable[[], datetime] = _utc_now) -> Key:
        """Add a key to the file; the others stay as they are."""
        if not target.isprintable() or not target:
            raise ImproverError(f"{target!r} cannot name a target", hint="use the name under [targets] in the config")
        with _locked(path):
            keys = _read(path)
            projects = {key.target: key.project for key in keys}
            key = Key(
                id=secrets.token_hex(4),
                value=secrets.token_hex(16),
                target=target,
                trust=trust,
                project=projects.get(target, max(projects.values(), default=0) + 1),
                created=clock().replace(microsecond=0),
            )
            _write(path, (*keys, key))
        return key

    @classmethod
    def rotate(cls, path: Path, target: str, clock: Callable[[], datetime] = _utc_now) -> tuple[Key, ...]:
        """A new key of each trust label in use; the old ones, which are returned, stay valid until they are revoked."""
        old = tuple(key for key in _read(path) if key.target == target and key.revoked_at is None)
        for trust in {key.trust for key in old}:
            cls.create(path, target, trust, clock)
        return old

    @classmethod
    def revoke(cls, path: Path, key_id: str, clock: Callable[[], datetime] = _utc_now) -> Key:
        """From now on nothing that shows this key is taken; what it sent before keeps its Target."""
        with _locked(path):
            keys = _read(path)
            found = [key for key in keys if key_id and key.id.startswith(key_id)]
            if len(found) != 1:
                problem = f"there is no key {key_id!r}" if not found else f"{key_id!r} fits more than one key"
                raise ImproverError(problem, hint="`improver keys` lists them")
            revoked = replace(found[0], revoked_at=found[0].revoked_at or clock().replace(microsecond=0))
            _write(path, tuple(revoked if key is found[0] else key for key in keys))
        return revoked

    def all(self) -> tuple[Key, ...]:
        """Oldest first, revoked ones too."""
        return self._current()

    def find(self, value: str) -> Key | None:
        """The key with this secret, unless it is revoked; how long it takes tells nothing about any secret."""
        found = None
        shown = value.encode("utf-8", "replace")
        for key in self._current():
            if hmac.compare_digest(shown, key.value.encode()) and key.revoked_at is None:
                found = key
        return found

    def by_id(self, key_id: str) -> Key | None:
        """Also a revoked one: what it sent before still belongs to its Target."""
        return next((key for key in self._current() if key.id == key_id), None)

    def of_target(self, target: str, trust: TrustLabel) -> Key | None:
        """The newest key that may be handed to a sender of this Target."""
        usable = [key for key in self._current() if (key.target, key.trust, key.revoked_at) == (target, trust, None)]
        # The file is in order: of two made in the same second, the later one is newer.
        return max(reversed(usable), key=lambda key: key.created, default=None)

    def _current(self) -> tuple[Key, ...]:
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._read_again(stamp)
        return self._keys

    def _read_again(self, stamp: tuple[int, ...]) -> None:
        """Whoever asks meanwhile waits: with the keys of before, a new key's sender would be a stranger."""
        with self._reading:
            if stamp == self._stamp:
                return
            try:
                self._keys = _read(self._path)
            except ImproverError as error:
                # Somebody is editing it: senders must not be turned away for that.
                sentence = "the keys file cannot be read; the keys known so far stay valid"
                log.error(sentence, extra={"error": error.message})
            self._stamp = stamp


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode


def _read(path: Path) -> tuple[Key, ...]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read().decode()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproverError(f"cannot read the keys file {path}: {error}", hint="check its owner and mode") from error
    if mode & 0o077:
        raise ImproverError(
            f"the keys file {path} can be read by others (mode {mode & 0o777:04o})",
            hint=f"chmod 600 {path}, and replace its keys if somebody may have read them",
        )
    return _parse(path, text)


def _parse(path: Path, text: str) -> tuple[Key, ...]:
    hint = "each [[keys]] needs id, value, target, trust, project and created; `improver connect TARGET` adds one"
    try:
        rows = tomllib.loads(text).get("keys", [])
    except tomllib.TOMLDecodeError as error:
        raise ImproverError(f"{path} is not valid TOML: {error}", hint=hint) from error
    try:
        return tuple(_key(row) for row in rows)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ImproverError(f"{path} holds something that is no key: {error}", hint=hint) from error


def _key(row: dict[str, Any]) -> Key:
    key = replace(Key(**row), trust=TrustLabel(row["trust"]), origins=tuple(row.get("origins", ())))
    if len(key.value) < 16 or not key.target or not isinstance(key.project, int) or key.created.tzinfo is None:
        raise ValueError(f"{key.id!r} has a short value, no target, no number as project, or no zone in created")
    if not isinstance(row.get("origins", []), list) or not all(isinstance(origin, str) for origin in key.origins):
        raise ValueError(f'the origins of {key.id!r} are no list of texts like ["https://shop.example"]')
    return key


def _write(path: Path, keys: tuple[Key, ...]) -> None:
    text = HEADER + "".join(_table(key) for key in keys)
    unfinished = path.with_suffix(".tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _table(key: Key) -> str:
    lines = ["", "[[keys]]"]
    for name in ("id", "value", "target", "trust", "project", "created", "revoked_at", "origins"):
        value = getattr(key, name)
        if value not in (None, ()):
            lines.append(f"{name} = {value.isoformat() if isinstance(value, datetime) else _toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """What JSON writes for a printable string, a list of them or a number is TOML too."""
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time, so that none overwrites another's key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
