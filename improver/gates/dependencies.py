"""The change brings no dependency that nobody asked for, and its locks follow its manifests."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from improver.gates import _licences
from improver.gates._manifests import LOCKS, PROGRAMS, Declared, is_lock, reader_for
from improver.gates._refusals import Refusal, verdict
from improver.model import Change, Glossed, Verdict
from improver.model.configured import Configured
from improver.paths import shown

ORDER = 45


class Config(Configured):
    allow: list[str] = []
    """Packages that a change may add, by name or glob, e.g. "types-*". Manifests and locks are protected besides:
    `lifted` of the Gate `protected_paths` opens them."""
    licences: list[str] = [
        "MIT", "MIT License", "MIT-0", "MIT OR Apache-2.0", "Apache*", "BSD*", "ISC*", "0BSD", "PSF*", "Python-2.0*",
        "Unlicense*", "CC0-1.0", "Zlib",
    ]  # fmt: skip
    """Licences that a package which is allowed may have, by name or glob. One that cannot be told is refused."""


class Reason(Glossed):
    NONE = "no_new_dependency", "no dependency was added, or only allowed ones under an allowed licence"
    NEW = "new_dependency", "a dependency that is not among those allowed"
    CHANGED = "dependency_changed", "a dependency is wanted in another version, or from another place"
    LICENCE = "licence_refused", "its licence is not among those allowed"
    UNKNOWN = "licence_unknown", "neither the lock nor what is installed tells its licence"
    LOCK = "lock_out_of_step", "a manifest was changed without its lock, or a lock without its manifest"
    UNREADABLE = "unreadable_manifest", "what it declares cannot be told: it is a program, or does not parse"


def judge(change: Change, config: Config) -> Verdict:
    return verdict("dependencies", _refusals(change, config), Reason.NONE)


def _refusals(change: Change, config: Config) -> Iterator[Refusal]:
    changed = {file.path for file in change.files}
    for file in change.files:
        if PurePosixPath(file.path).name in PROGRAMS:
            yield Refusal(reason=Reason.UNREADABLE, path=file.path)
        elif is_lock(file.path):
            yield from _lock(file.path, changed)
        elif reader_for(file.path):
            yield from _manifest(change, file.path, changed, config)


def _lock(path: str, changed: set[str]) -> Iterator[Refusal]:
    folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
    manifests = [str(folder / manifest) for manifest, locks in LOCKS.items() if name in locks]
    if not changed & set(manifests):
        yield Refusal(reason=Reason.LOCK, path=path, said="it was changed, and its manifest was not")


def _manifest(change: Change, path: str, changed: set[str], config: Config) -> Iterator[Refusal]:
    before, after = _declared(change.text(path, base=True), path), _declared(change.text(path), path)
    if before is None or after is None:
        yield Refusal(reason=Reason.UNREADABLE, path=path)
        return
    if before == after:
        return
    folder = PurePosixPath(path).parent
    locks = [str(folder / lock) for lock in LOCKS.get(PurePosixPath(path).name, ())]
    there = [lock for lock in locks if change.text(lock, base=True) is not None]
    if there and not changed & set(there):
        yield Refusal(reason=Reason.LOCK, path=path, said=f"{shown(there[0])} was left as it was")
    for name, wanted in after.items():
        if name not in before:
            yield from _added(change, path, name, there, config)
        elif before[name] != wanted:
            yield Refusal(reason=Reason.CHANGED, path=path, said=f"{shown(name)} is wanted otherwise")


def _declared(text: str | None, path: str) -> Declared | None:
    """Nothing where there is no file; None where it cannot be told."""
    read = reader_for(path)
    if text is None or read is None:
        return {}
    try:
        return read(text)
    except (ValueError, AttributeError, TypeError):
        return None


def _added(change: Change, path: str, name: str, locks: list[str], config: Config) -> Iterator[Refusal]:
    if not any(fnmatchcase(name, glob) for glob in config.allow):
        yield Refusal(reason=Reason.NEW, path=path, said=f"{shown(name)} is new")
        return
    locked = (_licences.in_lock(change.text(lock) or "", name) for lock in locks)
    licence = next(filter(None, locked), "") or _licences.installed(change.checkout(), path, name)
    if not licence:
        yield Refusal(reason=Reason.UNKNOWN, path=path, said=f"nothing tells the licence of {shown(name)}")
    elif not any(fnmatchcase(licence, glob) for glob in config.licences):
        yield Refusal(reason=Reason.LICENCE, path=path, said=f"{shown(name)} is under {shown(licence)}")
