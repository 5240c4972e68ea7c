"""Takes what an Agent left in its worktree as one commit on its base, whatever it did to HEAD, index or `.git`."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from improver.errors import ImproverError
from improver.repo import worktrees
from improver.repo.git import Git
from improver.repo.objects import commit_of

KEPT = "refs/improver/"
MAX_BYTES = 64 << 20
# What tools leave behind in repositories that forgot to ignore it.
DEBRIS = ("__pycache__/", "*.py[co]", ".pytest_cache/", ".mypy_cache/", ".ruff_cache/", "node_modules/", ".DS_Store")


def snapshot(git: Git, tree: Path, base: str, message: str, trailers: Mapping[str, str], ref: str) -> str | None:
    """The new commit, kept under `ref`; None when nothing was changed."""
    if not ref.startswith(KEPT):
        raise ImproverError(f"snapshots are kept below {KEPT}, not at {ref!r}", hint="name such a ref")
    parent = commit_of(git, base)
    with tempfile.TemporaryDirectory(prefix="improver-index-") as scratch:
        written = _written(worktrees.of(git, tree), Path(scratch) / "index", parent)
    if written == git.text("rev-parse", f"{parent}^{{tree}}"):
        return None
    return keep(git, commit_tree(git, written, parent, with_trailers(message, trailers)), ref)


def commit_tree(git: Git, tree: str, parent: str, message: str) -> str:
    """Plumbing: it signs nothing and runs no hook."""
    return git.text("commit-tree", tree, "-p", parent, stdin=message.encode(errors="replace"))


def keep(git: Git, commit: str, ref: str) -> str:
    """Store a commit where no branch shows it and git does not collect it."""
    git.out("update-ref", "--no-deref", ref, commit)
    return commit


def with_trailers(message: str, trailers: Mapping[str, str]) -> str:
    """Written here, because `git interpret-trailers` runs commands that a config names."""
    for key, value in trailers.items():
        if any(not text.isprintable() for text in (key, value)) or not key.replace("-", "").isalnum():
            raise ImproverError(f"{key!r}: {value!r} is no commit trailer", hint="one line, with a plain word as key")
    lines = "".join(f"{key}: {value}\n" for key, value in trailers.items())
    return f"{message.strip()}\n\n{lines}" if lines else f"{message.strip()}\n"


def _written(inside: Git, index: Path, base: str) -> str:
    """The tree object of a worktree's files, made through an index of our own that starts from the base."""
    given = inside.git_dir / "index"
    if given.is_file():
        # With its time: git tells by it which files may have changed within the clock's grain.
        shutil.copy2(given, index)
    git = inside.disarmed().using(GIT_INDEX_FILE=str(index))
    git.out("read-tree", "--reset", base)
    gone, there = _differing(git)
    _weigh(inside.work_tree, there)
    git.out("update-index", "-z", "--force-remove", "--stdin", stdin=_listed(gone))
    git.out("update-index", "-z", "--add", "--replace", "--stdin", stdin=_listed(there))
    return git.text("write-tree")


def _differing(git: Git) -> tuple[list[str], list[str]]:
    """Paths that the worktree lacks, and paths that it has anew or otherwise than the base."""
    raw = os.fsdecode(git.out("diff-files", "--raw", "-z", "--no-renames", "--ignore-submodules=all")).split("\0")
    excludes = [f"--exclude={pattern}" for pattern in DEBRIS]
    others = os.fsdecode(git.out("ls-files", "-z", "--others", "--exclude-standard", *excludes)).split("\0")
    tracked = {path for path in raw[1::2] if path}
    untracked = {found for path in others if path for found in _entered(git.work_tree, path)}
    there = {path for path in tracked if _is_content(git.work_tree, path)}
    return sorted(tracked - there), sorted(there | untracked)


def _entered(tree: Path, path: str) -> Iterator[str]:
    """A repository inside the worktree is listed as one folder: its files count, its `.git` does not."""
    if not path.endswith("/"):
        yield path
        return
    for folder, folders, names in os.walk(tree / path):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = [name for name in folders if name != ".git"]
        for name in (*names, *links):
            found = str((Path(folder) / name).relative_to(tree))
            if name != ".git" and _is_content(tree, found):
                yield found


def _is_content(tree: Path, path: str) -> bool:
    """A file or symlink of the worktree itself: not a pipe, and not something behind a symlinked folder."""
    found = tree / path
    inside = (parent for parent in found.parents if parent != tree and parent.is_relative_to(tree))
    if any(parent.is_symlink() for parent in inside) or not os.path.lexists(found):
        return False
    mode = found.lstat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _weigh(tree: Path, paths: Sequence[str]) -> None:
    total = sum((tree / path).lstat().st_size for path in paths)
    if total > MAX_BYTES:
        message = f"the Agent left {total >> 20} MiB of changed files; {MAX_BYTES >> 20} are allowed"
        raise ImproverError(message, hint="let the repository's .gitignore name what its tools build")


def _listed(paths: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(path) + b"\0" for path in paths)
