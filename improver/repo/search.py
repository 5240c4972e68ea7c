"""Looks through all files of a revision at once: which of them hold something, and what is in many of them."""

import os
from collections.abc import Sequence
from dataclasses import replace

from improver.repo.git import Git, failure
from improver.repo.objects import commit_of

LONGEST_S = 20  # 50,000 files take a fraction of a second; this is for a machine that is busy with something else
LARGEST = 512 << 10
# What tools and packagers put there: nobody would change it.
NOT_WRITTEN = ("node_modules", "vendor", "third_party", "dist", "build", ".venv", "venv", "site-packages", "target")
NOTHING_FOUND = 1


def holding(git: Git, rev: str, texts: Sequence[str], kinds: Sequence[str]) -> tuple[str, ...]:
    """The files of these kinds (ends of names) that hold any of the texts, each of them one line."""
    return _files(git, rev, _fixed(texts), kinds) if texts else ()


def matching(git: Git, rev: str, pattern: str, kinds: Sequence[str]) -> tuple[str, ...]:
    """The files with a line that matches; the pattern is ours, and POSIX extended."""
    return _files(git, rev, ("--extended-regexp", "-e", pattern), kinds)


def _fixed(texts: Sequence[str]) -> tuple[str, ...]:
    return ("--fixed-strings", *(part for text in texts for part in ("-e", text)))


def _files(git: Git, rev: str, sought: Sequence[str], kinds: Sequence[str]) -> tuple[str, ...]:
    printed = _grep(git, rev, ("-l", "-z", "--full-name", *sought), kinds)
    return tuple(path.partition(":")[2] for path in printed.split("\0") if path)


def _grep(git: Git, rev: str, sought: Sequence[str], kinds: Sequence[str]) -> str:
    commit = commit_of(git, rev)
    paths = [f":(glob)**/*{kind}" for kind in kinds]
    others = [f":(exclude,glob)**/{folder}/**" for folder in NOT_WRITTEN]
    args = ("grep", "-I", "--no-textconv", *sought, commit, "--", *paths, *others)
    finished = replace(git.using(GIT_LITERAL_PATHSPECS="0"), timeout_s=LONGEST_S).call(*args)
    if finished.code not in (0, NOTHING_FOUND):
        raise failure(args[:1], finished)
    return finished.text


def read_all(git: Git, rev: str, paths: Sequence[str], most_bytes: int) -> dict[str, bytes]:
    """What the files hold, those first that are named first, until that is `most_bytes`; no large file is read."""
    commit = commit_of(git, rev)
    plain = [path for path in paths if "\n" not in path]
    asked = os.fsencode("".join(f"{commit}:{path}\n" for path in plain))
    told = git.out("cat-file", "--batch-check", stdin=asked).split(b"\n") if plain else []
    wanted, total = dict[str, bytes](), 0
    for path, line in zip(plain, told, strict=False):
        blob, _, size = line.partition(b" blob ")
        if size.isdigit() and int(size) <= LARGEST and total + int(size) <= most_bytes:
            wanted[path] = blob
            total += int(size)
    printed = git.out("cat-file", "--batch", stdin=b"".join(blob + b"\n" for blob in wanted.values()))
    return dict(zip(wanted, _contents(printed), strict=True))


def _contents(printed: bytes) -> list[bytes]:
    """`<id> blob <size>`, a line's end, as many bytes, a line's end."""
    found, at = [], 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        size = int(printed[at:end].rpartition(b" ")[2])
        found.append(printed[end + 1 : end + 1 + size])
        at = end + size + 2
    return found
