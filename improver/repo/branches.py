"""Branches of the checkout's repository: made, moved forward, rebased and reverted, never reset."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from improver.errors import ImproverError
from improver.model import Glossed
from improver.repo.git import Git, failure
from improver.repo.objects import commit_of, is_ancestor, parent_of, resolve
from improver.repo.snapshot import KEPT, commit_tree, keep, with_trailers

IN_THE_WAY = re.compile(r"would be overwritten by merge|not uptodate|Untracked working tree file")
USAGE = 129  # git's exit code for an option that it does not know


class Forwarded(Glossed):
    DONE = "done", "the branch is at the commit"
    MOVED = "moved", "the branch has gone elsewhere: the commit does not descend from it"
    DIRTY = "dirty", "tracked files in the checkout are changed"
    OBSTRUCTED = "obstructed", "an untracked file of the checkout is in the way"
    ELSEWHERE = "elsewhere", "another worktree has the branch checked out"


def current(git: Git) -> str:
    """The branch that the checkout has checked out; empty when it is on none."""
    return git.call("symbolic-ref", "--quiet", "--short", "HEAD").text.strip()


def tracks(git: Git, path: Path) -> bool:
    """Whether the checkout's index holds it, in any case: some file systems do not tell those apart."""
    loosely = git.using(GIT_LITERAL_PATHSPECS="0", GIT_NOGLOB_PATHSPECS="1", GIT_ICASE_PATHSPECS="1")
    inside = (path.parent.resolve() / path.name).relative_to(git.work_tree)
    return bool(loosely.out("ls-files", "-z", "--", f"./{inside}"))


def tracked_changes(git: Git) -> list[str]:
    args = ("status", "--porcelain", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=all")
    return [entry[3:] for entry in os.fsdecode(git.disarmed().out(*args)).split("\0") if entry]


def create(git: Git, name: str, commit: str) -> bool:
    """Make a branch that must not exist; False when it does, so that it can be a fence between two daemons."""
    ref = _ref(git, name)
    new = commit_of(git, commit)
    args = ("update-ref", "--no-deref", "-m", "improver: created", ref, new, "0" * len(new))
    finished = git.call(*args)
    if finished.code and resolve(git, ref) is None:
        raise failure(args, finished, hint=f"is there a branch whose name is the beginning of {name!r}?")
    return finished.code == 0


def mark_delivered(git: Git, attempt_id: str, commit: str) -> None:
    """Say, where no fetched commit can, that improver itself judged and delivered this one."""
    git.out("update-ref", "--no-deref", f"{KEPT}delivered/{attempt_id}", commit_of(git, commit))


def delete(git: Git, name: str, commit: str) -> bool:
    """Delete a branch that is still at the commit; False when it is gone, has moved, or is checked out."""
    ref = _ref(git, name)
    if resolve(git, ref) != commit_of(git, commit) or _checked_out_at(git, ref):
        return False
    git.out("update-ref", "--no-deref", "-d", ref, commit_of(git, commit))
    return True


def replace(git: Git, name: str, old: str, new: str) -> bool:
    """Put a branch that is still at `old` elsewhere; False when it is gone, has moved, or is checked out."""
    ref = _ref(git, name)
    if resolve(git, ref) != commit_of(git, old) or _checked_out_at(git, ref):
        return False
    return _move(git, ref, commit_of(git, old), commit_of(git, new)) is Forwarded.DONE


def fast_forward(git: Git, branch: str, commit: str) -> Forwarded:
    ref = _ref(git, branch)
    old, new = commit_of(git, ref), commit_of(git, commit)
    if old == new or is_ancestor(git, new, old):
        return Forwarded.DONE  # also when others have gone on from there
    if not is_ancestor(git, old, new):
        return Forwarded.MOVED
    if current(git) == branch:
        return _merge(git, ref, new)
    if _checked_out_at(git, ref):
        return Forwarded.ELSEWHERE
    return _move(git, ref, old, new)


def rebase(git: Git, commit: str, onto: str, ref: str) -> str | None:
    """One commit again, on top of another base, kept under `ref`; None when it conflicts or is there already."""
    if not ref.startswith(KEPT):
        raise ImproverError(f"rebased commits are kept below {KEPT}, not at {ref!r}", hint="name such a ref")
    moved, base = commit_of(git, commit), commit_of(git, onto)
    parent_of(git, moved)
    tree = _merged(git, base, moved)
    if tree is None or tree == git.text("rev-parse", f"{base}^{{tree}}"):
        return None
    return keep(git, commit_tree(git, tree, base, git.text("log", "-1", "--format=%B", moved) + "\n"), ref)


def revert(git: Git, commit: str, branch: str, trailers: Mapping[str, str]) -> str:
    """A new commit on the branch that undoes one, as `git revert` words it; the branch is fast-forwarded to it."""
    undone, tip = commit_of(git, commit), commit_of(git, _ref(git, branch))
    if not is_ancestor(git, undone, tip):
        raise ImproverError(f"{undone} is not on {branch}, so nothing can be reverted", hint="name a commit of it")
    # The parent's files, committed on top of what is undone: merging that into the tip is a revert.
    before = commit_tree(git, f"{parent_of(git, undone)}^{{tree}}", undone, "before\n")
    tree = _merged(git, tip, before)
    if tree is None or tree == git.text("rev-parse", f"{tip}^{{tree}}"):
        raise ImproverError(f"reverting {undone} on {branch} conflicts with later commits", hint="revert it by hand")
    subject = git.text("log", "-1", "--format=%s", undone)
    message = with_trailers(f'Revert "{subject}"\n\nThis reverts commit {undone}.', trailers)
    made = commit_tree(git, tree, tip, message)
    outcome = fast_forward(git, branch, made)
    if outcome is not Forwarded.DONE:
        raise ImproverError(f"cannot put the revert of {undone} on {branch}: {outcome.gloss}", hint="clear that first")
    return made


def _merged(git: Git, ours: str, theirs: str) -> str | None:
    """The tree of a merge made without any worktree; None on conflict."""
    args = ("merge-tree", "--write-tree", "--no-messages", ours, theirs)
    finished = git.disarmed().call(*args)
    if finished.code == USAGE:
        raise ImproverError("this git cannot merge without a worktree", hint="install git 2.38 or newer")
    if finished.code not in (0, 1):
        raise failure(args, finished)
    return finished.text.split()[0] if finished.code == 0 else None


def _merge(git: Git, ref: str, new: str) -> Forwarded:
    if tracked_changes(git):
        return Forwarded.DIRTY
    args = ("merge", "--quiet", "--ff-only", "--no-stat", "--no-autostash", "--no-verify-signatures", new)
    finished = git.disarmed().call(*args)
    if finished.code and IN_THE_WAY.search(finished.err):
        return Forwarded.OBSTRUCTED
    if finished.code:
        raise failure(args, finished)
    return Forwarded.DONE if resolve(git, ref) == new else Forwarded.MOVED


def _move(git: Git, ref: str, old: str, new: str) -> Forwarded:
    args = ("update-ref", "--no-deref", "-m", "improver: fast-forward", ref, new, old)
    finished = git.call(*args)
    if finished.code == 0:
        return Forwarded.DONE
    if resolve(git, ref) != old:
        return Forwarded.MOVED
    raise failure(args, finished)


def _checked_out_at(git: Git, ref: str) -> Path | None:
    found = git.text("for-each-ref", "--format=%(worktreepath)", ref)
    return Path(found) if found else None


def _ref(git: Git, branch: str) -> str:
    ref = f"refs/heads/{branch}"
    if branch.startswith("-") or git.call("check-ref-format", ref).code:
        raise ImproverError(f"{branch!r} is no branch name", hint="see `git help check-ref-format`")
    return ref
