"""Worktrees that improver makes and removes; who they are is read from the repository, never from the tree."""

import fcntl
import itertools
import logging
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from improver.errors import ImproverError
from improver.repo.diffs import changed
from improver.repo.git import Git
from improver.repo.objects import commit_of

log = logging.getLogger(__name__)


def add(git: Git, path: Path, rev: str) -> None:
    commit = commit_of(git, rev)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(git):
        git.disarmed().out("worktree", "add", "--quiet", "--force", "--detach", str(_real(path)), commit)


@contextmanager
def _alone(git: Git) -> Iterator[None]:
    """Git trips over a worktree that another process is registering at the same moment."""
    folder = os.open(git.common_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def registered(git: Git) -> dict[Path, Path]:
    """Each worktree's folder, with the folder inside the repository that describes it."""
    links = sorted((git.common_dir / "worktrees").glob("*/gitdir"))
    return {tree: link.parent for link in links if (tree := _tree(link))}


def _tree(link: Path) -> Path | None:
    """The worktree whose `.git` a registration names, newer gits relatively; None if it was removed meanwhile."""
    try:
        named = link.parent / os.fsdecode(link.read_bytes().strip())
    except FileNotFoundError:
        return None
    return Path(os.path.normpath(named)).parent


def of(git: Git, tree: Path) -> Git:
    """Git for one worktree, whatever now stands at its `.git`."""
    admin = registered(git).get(_real(tree))
    if admin is None or tree.is_symlink():
        raise ImproverError(f"{tree} is no worktree of {git.work_tree}", hint="it may have been reaped: start again")
    return replace(git, git_dir=admin, work_tree=tree)


def remove(git: Git, path: Path) -> None:
    """Remove the folder, then its registration: killed in between, it is still found by `reap`."""
    try:
        _delete(path)
    except OSError as error:
        raise ImproverError(f"cannot remove {path}: {error}", hint="remove it by hand") from error
    with _alone(git):
        if _real(path) in registered(git):
            git.out("worktree", "remove", "--force", "--force", str(_real(path)))


def below(git: Git, folder: Path) -> list[Path]:
    return [tree for tree in registered(git) if tree.is_relative_to(folder.resolve())]


def reap(git: Git, folder: Path, keep: Iterable[Path]) -> list[Path]:
    kept = {_real(path) for path in keep}
    orphans = [tree for tree in below(git, folder) if tree not in kept]
    return [orphan for orphan in orphans if _reaped(git, orphan)]


def _reaped(git: Git, orphan: Path) -> bool:
    """Whether it is gone; one that cannot be removed does not keep the others."""
    try:
        remove(git, orphan)
    except ImproverError as error:
        log.warning("an orphan worktree stays", extra={"worktree": str(orphan), "error": error.message})
        return False
    return True


def lay_over(git: Git, tree: Path, rev: str, paths: Sequence[str]) -> None:
    """Make the named files of a worktree those of another commit; a file that this one lacks is deleted."""
    inside = of(git, tree).disarmed()
    commit = commit_of(git, rev)
    differing = {file.path for file in changed(git, inside.text("rev-parse", "HEAD"), commit)}
    wanted = [path for path in paths if path in differing]
    if not wanted:
        return
    inside.out(
        "restore", f"--source={commit}", "--staged", "--worktree", "--no-overlay", "--no-recurse-submodules",
        "--pathspec-from-file=-", "--pathspec-file-nul", stdin=os.fsencode("\0".join(wanted)),
    )  # fmt: skip


def _real(path: Path) -> Path:
    """The path as git records it: symlinks on the way resolved, but not the folder itself, which may be swapped."""
    return path.parent.resolve() / path.name


def _delete(path: Path) -> None:
    """Whatever an Agent made of it: links are never followed, locked folders are opened, and no depth is too deep."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    path.chmod(0o700)
    names = (f".{secrets.token_hex(8)}-{number}" for number in itertools.count())
    folders = [path]
    while folders:
        folder = folders.pop()
        for entry in list(folder.iterdir()):
            if entry.is_symlink() or not entry.is_dir():
                entry.unlink()
                continue
            entry.chmod(0o700)
            # Nested folders move to the top one by one, so that no path grows longer than the system takes.
            folders.append(entry.rename(path / next(names)))
        if folder != path:
            folder.rmdir()
    path.rmdir()
