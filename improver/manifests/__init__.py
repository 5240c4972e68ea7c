"""Reads the manifests in a repository: what it is called, what it depends on. A broken one says nothing."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from improver.manifests import others, python
from improver.manifests.python import poetry, pyproject
from improver.manifests.reading import folders, object_of, table

__all__ = ["dependencies", "package_json", "poetry", "pyproject", "table"]

MAX_DEPENDENCIES = 50_000
LANGUAGES: Mapping[str, Callable[[Path], Iterator[tuple[Path, str]]]] = {
    "Python": python.asked_for,
    "JavaScript": others.node,
    "Go": others.go,
    "Ruby": others.ruby,
    "Java": others.java,
    "Rust": others.rust,
    "PHP": others.php,
    ".NET": others.dotnet,
}


def dependencies(root: Path) -> dict[str, dict[str, Path]]:
    """By language, the packages that are asked for as their registries spell them, and the manifest that does."""
    found: dict[str, dict[str, Path]] = {}
    left = MAX_DEPENDENCIES
    for folder in folders(root):
        for language, asked_for in LANGUAGES.items():
            for file, name in asked_for(folder):
                left -= 1
                if left < 0:
                    return found
                found.setdefault(language, {}).setdefault(name, file)
    return found


def package_json(root: Path) -> dict[str, Any]:
    return object_of(root / "package.json")
