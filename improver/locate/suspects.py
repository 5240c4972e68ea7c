"""The commits that may have brought a Finding: who last touched its place, and what came with its first release."""

from dataclasses import replace

from improver.locate.clue import Spot
from improver.model import Commit, Introduced
from improver.repo import Repository

AROUND = 2
MOST = 3
MOST_BETWEEN = 20
LONGEST = 200  # lines of a function that are asked about


def suspects(repository: Repository, revision: str, spot: Spot, introduced: Introduced | None) -> tuple[Commit, ...]:
    """Those that came with the release first, of them the ones whose lines still stand; then whoever was there last."""
    touched = dict[str, Commit]()
    for first, last in _lines(spot):
        for commit in repository.blame(revision, spot.file, first, last):
            touched.setdefault(commit.sha, commit)
    came = {one.sha: replace(one, introducing=True) for one in _came(repository, spot, introduced)}
    standing = [came[sha] for sha in touched if sha in came]
    others = [one for sha, one in touched.items() if sha not in came]
    replaced = [one for sha, one in came.items() if sha not in touched]
    return tuple([*standing, *replaced, *others][:MOST])


def _lines(spot: Spot) -> list[tuple[int, int]]:
    """The line itself, then the function around it."""
    lines = [(spot.line - AROUND, spot.line + AROUND)] if spot.line else []
    if spot.first and spot.last:
        lines.append((spot.first, min(spot.last, spot.first + LONGEST)))
    return lines


def _came(repository: Repository, spot: Spot, introduced: Introduced | None) -> tuple[Commit, ...]:
    if not (introduced and introduced.commit and introduced.after_commit):
        return ()
    return repository.between(introduced.after_commit, introduced.commit, spot.file, MOST_BETWEEN)
