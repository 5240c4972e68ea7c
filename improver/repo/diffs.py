"""What one commit changed against another, renames taken apart: a moved test is a deleted one and a new one."""

import os

from improver.model import ChangedFile
from improver.repo.git import Git
from improver.repo.objects import commit_of

SHOWN_BYTES = 1 << 20
# Explicit, because the config and .gitmodules can hide files, run programs and reorder what is shown.
PLAIN = ("-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--no-color")


def changed(git: Git, base: str, commit: str) -> tuple[ChangedFile, ...]:
    printed = git.out(
        "diff-tree", *PLAIN, "-z", "--raw", "--numstat", "--full-index", commit_of(git, base), commit_of(git, commit)
    )
    fields = os.fsdecode(printed).split("\0")[:-1]
    heads: dict[str, list[str]] = {}
    while fields and fields[0].startswith(":"):
        heads[fields[1]] = fields[0][1:].split()
        del fields[:2]
    counts = {path: (added, removed) for added, removed, path in (line.split("\t", 2) for line in fields)}
    return tuple(_file(path, head, counts.get(path, ("0", "0"))) for path, head in heads.items())


def _file(path: str, head: list[str], count: tuple[str, str]) -> ChangedFile:
    old_mode, new_mode, _, _, status = head
    binary = count == ("-", "-")
    added, removed = (0, 0) if binary else map(int, count)
    return ChangedFile(
        path=path, status=status, old_mode=old_mode, new_mode=new_mode, added=added, removed=removed, binary=binary
    )


def diff(git: Git, base: str, commit: str) -> str:
    """The whole difference as a patch; past a mebibyte it is cut, and says so."""
    prefixes = ("--src-prefix=a/", "--dst-prefix=b/")
    printed = git.out(
        "diff-tree", *PLAIN, "-p", "--full-index", *prefixes, commit_of(git, base), commit_of(git, commit)
    )
    text = printed[:SHOWN_BYTES].decode(errors="replace")
    return text if len(printed) <= SHOWN_BYTES else f"{text}\n… cut: the diff is longer than {SHOWN_BYTES} bytes\n"
