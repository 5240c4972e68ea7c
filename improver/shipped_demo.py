"""Knows the demo's files as shipped, so that improver's own demo is told from anybody else's repository."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

# Here and not in improver.demo, because dispatch asks and stands below it.
_DEMO = Path(__file__).parent / "demo"
_MADE_BY_RUNNING = {"__pycache__", ".pytest_cache"}


def app_folder() -> Path:
    return _DEMO / "todo"


def plan() -> Path:
    """The edits that the `rehearsed` Agent plays on the demo."""
    return _DEMO / "rehearsal.json"


def files() -> dict[str, bytes]:
    """Every file of the demo app by its path in the repository."""
    found = (path for path in sorted(app_folder().rglob("*")) if path.is_file())
    shipped = {path.relative_to(app_folder()): path for path in found}
    return {
        name.as_posix(): path.read_bytes() for name, path in shipped.items() if not _MADE_BY_RUNNING & set(name.parts)
    }


def blobs() -> dict[str, str]:
    """Path → the id git gives this content: what `git ls-tree -r` says of the demo's first commit."""
    return {name: _blob(content) for name, content in files().items()}


def is_first_tree(tree: Mapping[str, str]) -> bool:
    """Whether a first commit's tree (path → blob id) is exactly the demo as shipped."""
    return dict(tree) == blobs()


def is_plan(path: Path) -> bool:
    """Whether a `rehearsed` Agent's plan says exactly what the shipped one says."""
    try:
        return bool(json.loads(path.read_bytes()) == json.loads(plan().read_bytes()))
    except (OSError, ValueError):
        return False


def _blob(content: bytes) -> str:
    # SHA-1 because git names blobs by it; nothing here relies on it against forgery.
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
