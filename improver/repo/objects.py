"""What a repository holds: commits, files and who last touched a line."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from improver.errors import ImproverError
from improver.model import Commit
from improver.repo.git import Git, failure

# Neither an option, a search (":/text"), a reflog ("@{…}") nor a range: something that names one commit.
ODD_REV = re.compile(r"^-|[\x00-\x20\x7f:?*\[\\]|\.\.|@\{|\^\{")
REVERTS = re.compile(r"This reverts commit ([0-9a-f]{40,64})")
FILE_MODES = ("100644", "100755")


def resolve(git: Git, rev: str) -> str | None:
    if not rev or len(rev) > 250 or ODD_REV.search(rev):
        return None
    if rev in git.commits:
        return rev
    finished = git.call("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if finished.code:
        return None
    found = finished.text.strip()
    git.commits.add(found)
    return found


def commit_of(git: Git, rev: str) -> str:
    found = resolve(git, rev)
    if found is None:
        raise ImproverError(f"{rev!r} is no commit of {git.work_tree}", hint="name a branch, tag or commit that exists")
    return found


def parent_of(git: Git, commit: str) -> str:
    """The one parent of a commit that has just one."""
    parents = git.text("rev-list", "--no-walk", "--parents", commit).split()[1:]
    if len(parents) != 1:
        raise ImproverError(f"commit {commit} has {len(parents)} parents, not one", hint="name a plain commit")
    return parents[0]


def is_ancestor(git: Git, ancestor: str, descendant: str) -> bool:
    args = ("merge-base", "--is-ancestor", commit_of(git, ancestor), commit_of(git, descendant))
    finished = git.call(*args)
    if finished.code not in (0, 1):
        raise failure(args, finished)
    return finished.code == 0


def root_commit(git: Git) -> str:
    """The oldest commit, which is the same in every clone."""
    return git.text("rev-list", "--max-parents=0", commit_of(git, "HEAD")).splitlines()[-1]


def files(git: Git, rev: str) -> tuple[str, ...]:
    listed = git.out("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit_of(git, rev))
    return tuple(path for path in os.fsdecode(listed).split("\0") if path)


def tree(git: Git, rev: str) -> dict[str, str]:
    """Path → blob id of every file at a revision."""
    entries = os.fsdecode(git.out("ls-tree", "-r", "-z", "--full-tree", commit_of(git, rev))).split("\0")
    listed = (entry.split("\t", 1) for entry in entries if entry)
    return {path: facts.split()[2] for facts, path in listed}


def read(git: Git, rev: str, path: str) -> bytes | None:
    """A file's content; None where there is none, or where a folder, symlink or submodule stands."""
    if not path or path.startswith("/") or "\0" in path or ".." in path.split("/"):
        return None
    entry = git.text("ls-tree", "-z", "--full-tree", commit_of(git, rev), "--", path)
    head, _, found = entry.rstrip("\0").partition("\t")
    if found != path or not head.startswith(FILE_MODES):
        return None
    return git.out("cat-file", "blob", head.split()[2])


def trailers(git: Git, since: str, until: str, key: str) -> tuple[tuple[str, str], ...]:
    """The commits that `until` has and `since` has not, newest first, each with what one of its trailers says."""
    asked = f"--format=%H %(trailers:key={key},valueonly,separator=%x2C)"
    printed = git.text("log", "--topo-order", asked, f"{commit_of(git, since)}..{commit_of(git, until)}", "--")
    named = (line.partition(" ") for line in printed.splitlines())
    return tuple((commit, value.strip()) for commit, _, value in named)


def reverted(git: Git, since: str, until: str) -> frozenset[str]:
    """The commits that a commit between the two says it reverts, unless that revert was itself reverted."""
    between = f"{commit_of(git, since)}..{commit_of(git, until)}"
    messages = git.text("log", "--topo-order", "--reverse", "--format=%B%x01", between, "--").split("\x01")
    undone: set[str] = set()
    for named in (commit for message in messages for commit in REVERTS.findall(message)):
        undone.add(named)
        undone.discard(_reverted_by(git, named))
    return frozenset(undone)


def _reverted_by(git: Git, commit: str) -> str:
    """What a commit that was itself reverted had undone."""
    found = REVERTS.findall(git.text("log", "-1", "--format=%B", commit)) if resolve(git, commit) else []
    return found[0] if found else ""


def between(git: Git, since: str, until: str, path: str, most: int) -> tuple[Commit, ...]:
    """The commits that touched a file and that `until` has and `since` has not, newest first."""
    limits = f"{commit_of(git, since)}..{commit_of(git, until)}"
    printed = git.out("log", f"--max-count={most}", "-z", "--format=%H%n%an%n%ct%n%s", limits, "--", path)
    told = (one.split("\n", 3) for one in printed.decode(errors="replace").split("\0") if one)
    return tuple(
        Commit(sha=sha, author=author, at=datetime.fromtimestamp(int(at), UTC), subject=subject)
        for sha, author, at, subject in told
    )


def blame(git: Git, rev: str, path: str, first: int, last: int) -> tuple[Commit, ...]:
    """The commits that last touched any of these lines, newest first."""
    commit = commit_of(git, rev)
    content = read(git, commit, path)
    total = len(content.splitlines()) if content else 0
    first = max(1, first)
    if not first <= min(last, total):
        return ()
    lines = f"{first},{min(total, last)}"
    printed = git.out("blame", "--porcelain", "--no-textconv", "-L", lines, commit, "--", path)
    commits = {found.sha: found for found in _blamed(printed.decode(errors="replace"))}
    return tuple(sorted(commits.values(), key=lambda found: found.at, reverse=True))


@dataclass(slots=True)
class _Blamed:
    """A commit as `git blame --porcelain` describes it, the first time that it names it."""

    sha: str
    said: dict[str, str] = field(default_factory=dict)

    def commit(self) -> Commit:
        at = datetime.fromtimestamp(int(self.said["committer-time"]), UTC)
        return Commit(sha=self.sha, author=self.said["author"], at=at, subject=self.said.get("summary", ""))


def _blamed(printed: str) -> Iterator[Commit]:
    current: _Blamed | None = None
    for line in printed.split("\n"):
        if line.startswith("\t"):
            if current is not None and "committer-time" in current.said:
                yield current.commit()
            current = None
        elif current is None:
            current = _Blamed(sha=line.partition(" ")[0])
        else:
            key, _, value = line.partition(" ")
            current.said[key] = value
