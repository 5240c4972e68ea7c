"""Which commit of a Target a release is."""

import re
from pathlib import Path

from improver.errors import ImproverError
from improver.repo import Repository

PERSON = "person"

# What telemetry may call a commit: a branch name would be whatever it is today.
_REVISION = re.compile(r"[0-9a-f]{7,64}")


def commit_of(repo: Path, release: str, source: str) -> str:
    """`name@revision` and a bare revision both resolve, and a tag's name; empty where the repository knows none."""
    revision = release.rpartition("@")[2]
    if source != PERSON and not _REVISION.fullmatch(revision):
        revision = f"refs/tags/{revision}"
    try:
        return Repository(repo).resolve(revision) or ""
    except ImproverError:
        return ""
