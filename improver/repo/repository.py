"""One checkout's repository, as the rest of improver sees it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from improver.model import ChangedFile, Commit
from improver.repo import branches, diffs, objects, remotes, search, snapshot, worktrees
from improver.repo.branches import Forwarded
from improver.repo.git import discover
from improver.repo.remotes import Pushed


class Repository:
    """`path` is the top of the checkout; `git_dir` is what all its worktrees share."""

    def __init__(self, path: Path) -> None:
        self._git = discover(path)
        self.path = self._git.work_tree
        self.git_dir = self._git.common_dir

    # What it holds. A rev may come from a person or from telemetry: it names one commit or none.

    def resolve(self, rev: str) -> str | None:
        return objects.resolve(self._git, rev)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        return objects.is_ancestor(self._git, ancestor, descendant)

    def root_commit(self) -> str:
        return objects.root_commit(self._git)

    def files(self, rev: str) -> tuple[str, ...]:
        return objects.files(self._git, rev)

    def tree(self, rev: str) -> dict[str, str]:
        return objects.tree(self._git, rev)

    def read(self, rev: str, path: str) -> bytes | None:
        return objects.read(self._git, rev, path)

    def trailers(self, since: str, until: str, key: str) -> tuple[tuple[str, str], ...]:
        return objects.trailers(self._git, since, until, key)

    def reverted(self, since: str, until: str) -> frozenset[str]:
        return objects.reverted(self._git, since, until)

    def blame(self, rev: str, path: str, first: int, last: int) -> tuple[Commit, ...]:
        return objects.blame(self._git, rev, path, first, last)

    def between(self, since: str, until: str, path: str, most: int) -> tuple[Commit, ...]:
        return objects.between(self._git, since, until, path, most)

    def holding(self, rev: str, texts: Sequence[str], kinds: Sequence[str]) -> tuple[str, ...]:
        return search.holding(self._git, rev, texts, kinds)

    def matching(self, rev: str, pattern: str, kinds: Sequence[str]) -> tuple[str, ...]:
        return search.matching(self._git, rev, pattern, kinds)

    def read_all(self, rev: str, paths: Sequence[str], most_bytes: int) -> dict[str, bytes]:
        return search.read_all(self._git, rev, paths, most_bytes)

    def changed(self, base: str, commit: str) -> tuple[ChangedFile, ...]:
        return diffs.changed(self._git, base, commit)

    def diff(self, base: str, commit: str) -> str:
        return diffs.diff(self._git, base, commit)

    # The checkout.

    def current_branch(self) -> str:
        return branches.current(self._git)

    def tracks(self, path: Path) -> bool:
        return branches.tracks(self._git, path)

    def tracked_changes(self) -> list[str]:
        return branches.tracked_changes(self._git)

    # Worktrees.

    def worktree(self, path: Path, rev: str) -> None:
        worktrees.add(self._git, path, rev)

    def remove_worktree(self, path: Path) -> None:
        worktrees.remove(self._git, path)

    def worktrees(self, below: Path) -> list[Path]:
        return worktrees.below(self._git, below)

    def reap(self, below: Path, keep: Iterable[Path]) -> list[Path]:
        return worktrees.reap(self._git, below, keep)

    def lay_over(self, tree: Path, commit: str, paths: Sequence[str]) -> None:
        worktrees.lay_over(self._git, tree, commit, paths)

    def snapshot(self, tree: Path, base: str, message: str, trailers: Mapping[str, str], ref: str) -> str | None:
        return snapshot.snapshot(self._git, tree, base, message, trailers, ref)

    # Branches and remotes.

    def create_branch(self, name: str, commit: str) -> bool:
        return branches.create(self._git, name, commit)

    def mark_delivered(self, attempt_id: str, commit: str) -> None:
        branches.mark_delivered(self._git, attempt_id, commit)

    def delete_branch(self, name: str, commit: str) -> bool:
        return branches.delete(self._git, name, commit)

    def replace_branch(self, name: str, old: str, new: str) -> bool:
        return branches.replace(self._git, name, old, new)

    def fast_forward(self, branch: str, commit: str) -> Forwarded:
        return branches.fast_forward(self._git, branch, commit)

    def rebase(self, commit: str, onto: str, ref: str) -> str | None:
        return branches.rebase(self._git, commit, onto, ref)

    def revert(self, commit: str, branch: str, trailers: Mapping[str, str]) -> str:
        return branches.revert(self._git, commit, branch, trailers)

    def push(self, remote: str, branch: str, commit: str, instead_of: str = "") -> Pushed:
        return remotes.push(self._git, remote, branch, commit, instead_of)

    def fetch(self, remote: str, branch: str) -> str:
        return remotes.fetch(self._git, remote, branch)

    def remote_branches(self, remote: str, below: str) -> dict[str, str]:
        return remotes.below(self._git, remote, below)

    def withdraw(self, remote: str, branch: str, commit: str) -> bool:
        return remotes.withdraw(self._git, remote, branch, commit)

    def ls_remote(self, remote: str, branch: str) -> str | None:
        return remotes.ls_remote(self._git, remote, branch)
