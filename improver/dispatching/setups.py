"""What Targets' setup commands leave in a worktree, kept for the next worktree with the same lockfiles."""

# An entry is written from base checkouts alone, and copied out of: no Attempt can put anything into another one's tree.

import fcntl
import json
import os
import platform
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FICLONE = 0x40049409
LARGEST_TEXT = 1 << 20
# Everything that a package manager decides by; a Target's `setup_inputs` are looked at besides.
INPUTS = re.compile(
    r"package(-lock)?\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|\.npmrc|\.nvmrc|\.node-version|"
    r"pyproject\.toml|setup\.(py|cfg)|(requirements|constraints).*\.(txt|in)|(poetry|uv|pdm|pylock)(\..+)?\.(lock|toml)|"
    r"(poetry|uv|pdm)\.lock|Pipfile(\.lock)?|\.python-version|Cargo\.(toml|lock)|go\.(mod|sum)|Gemfile(\.lock)?|"
    r"composer\.(json|lock)|mix\.(exs|lock)|Makefile"
)
Listing = dict[str, tuple[int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """`made` are the outermost paths that a setup added; `moved` name files and links that hold their old folder."""

    tree: str
    made: tuple[str, ...]
    moved: tuple[str, ...]


class Setups:
    """A folder of entries, `most` bytes in all: the one that was not used for longest goes first."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most

    def key(self, tree: Path, command: Sequence[str], inputs: Sequence[str]) -> str:
        """The same for trees that the same command sets up the same way."""
        told = sha256(json.dumps([list(command), sys.platform, platform.machine(), sys.version]).encode())
        named = {path for pattern in inputs for path in tree.glob(pattern)}
        for path in sorted(named | {tree / found for found in listing(tree) if INPUTS.fullmatch(Path(found).name)}):
            if path.is_file() and not path.is_symlink():
                told.update(f"\0{path.relative_to(tree)}\0".encode() + sha256(path.read_bytes()).digest())
        return told.hexdigest()[:32]

    def bring(self, key: str, tree: Path) -> tuple[str, ...] | None:
        """Copy an entry into a tree, and name what was brought; None when there is no such entry."""
        source = self._folder / key
        with self._locked(fcntl.LOCK_SH):
            if not (source / "entry.json").is_file():
                return None
            entry = Entry(**json.loads((source / "entry.json").read_text()))
            if not all(is_free(tree, path) for path in entry.made):
                return None
            for path in entry.made:
                copy(source / "files" / path, tree / path)
            os.utime(source)
        for path in entry.moved:
            rename_within(tree / path, entry.tree, str(tree))
        return tuple(entry.made)

    def keep(self, key: str, tree: Path, made: Sequence[str]) -> None:
        """A copy of what a setup added to a base checkout."""
        fresh = self._folder / f".{secrets.token_hex(8)}"
        with self._locked(fcntl.LOCK_EX):
            for path in made:
                copy(tree / path, fresh / "files" / path)
            fresh.mkdir(exist_ok=True)
            moved = [path for top in made for path in holding(tree, top, str(tree))]
            (fresh / "entry.json").write_text(json.dumps({"tree": str(tree), "made": list(made), "moved": moved}))
            shutil.rmtree(self._folder / key, ignore_errors=True)
            fresh.rename(self._folder / key)
            self._shrink()

    def _shrink(self) -> None:
        for unfinished in self._folder.glob(".*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        entries = sorted(self._folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
        held = 0
        for entry in entries:
            held += sum(size for _, size in listing(entry).values())
            if held > self._most:
                shutil.rmtree(entry, ignore_errors=True)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, how)
            yield
        finally:
            os.close(folder)


def listing(tree: Path) -> Listing:
    """Every path in a tree but git's own, with what changes when somebody writes there."""
    found: Listing = {}
    waiting = [tree]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.name == ".git":
                continue
            state = entry.stat(follow_symlinks=False)
            folder = entry.is_dir(follow_symlinks=False)
            found[os.path.relpath(entry.path, tree)] = (0, 0) if folder else (state.st_mtime_ns, state.st_size)
            if folder:
                waiting.append(Path(entry.path))
    return found


def added(before: Listing, after: Listing) -> list[str] | None:
    """The outermost new paths; None when something that was there has changed: that cannot be brought elsewhere."""
    if any(after.get(path) != state for path, state in before.items()):
        return None
    new = after.keys() - before.keys()
    return sorted(path for path in new if str(Path(path).parent) not in new)


def is_free(tree: Path, path: str) -> bool:
    """Whether something can be put there: a change may have a link in its way, and it would lead us out."""
    goal = tree / path
    return not os.path.lexists(goal) and goal.parent.resolve() == tree.resolve() / Path(path).parent


def copy(source: Path, goal: Path) -> None:
    """Never a hard link: what is written to the copy must not show in what it was copied from."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, goal, symlinks=True, copy_function=lambda one, other: clone(Path(one), Path(other)))
    else:
        clone(source, goal)


def clone(source: Path, goal: Path) -> None:
    """Share the blocks where the file system can; copy them where it cannot."""
    if source.is_symlink():
        goal.symlink_to(source.readlink())
        return
    if not source.is_file():
        return  # a pipe or a socket: nobody is at its other end any more
    with source.open("rb") as taken, goal.open("wb") as given:
        try:
            fcntl.ioctl(given.fileno(), FICLONE, taken.fileno())
        except OSError:
            shutil.copyfileobj(taken, given)
    shutil.copystat(source, goal)


def holding(tree: Path, top: str, folder: str) -> Iterator[str]:
    """Texts and links below a path that name a folder: a virtual environment's scripts do."""
    start = tree / top
    for path in (start, *(start.rglob("*") if start.is_dir() and not start.is_symlink() else ())):
        if path.is_symlink():
            named = path.readlink().is_relative_to(folder)
        else:
            named = path.is_file() and path.stat().st_size <= LARGEST_TEXT and _names(path.read_bytes(), folder)
        if named:
            yield str(path.relative_to(tree))


def _names(content: bytes, folder: str) -> bool:
    return folder.encode() in content and b"\0" not in content


def rename_within(path: Path, old: str, new: str) -> None:
    if path.is_symlink():
        target = str(path.readlink()).replace(old, new, 1)
        path.unlink()
        path.symlink_to(target)
        return
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def take_away(tree: Path, made: Sequence[str]) -> None:
    """Remove what a setup brought: it is no part of a change. An Agent may have swapped any of it."""
    for path in (tree / one for one in made):
        if path.parent.resolve() != tree.resolve() / path.parent.relative_to(tree):
            continue  # it leads out of the tree now
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)
