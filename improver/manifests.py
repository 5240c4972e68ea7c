"""Reads the manifests in a repository: what it is called, what it depends on. A broken one says nothing."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def dependencies(root: Path) -> frozenset[str]:
    """The names of the packages that are asked for, in any language, as their registries spell them."""
    return frozenset(_python_dependencies(root)) | frozenset(_node_dependencies(root))


def pyproject(root: Path) -> dict[str, Any]:
    return table(_toml(root / "pyproject.toml"), "project") or poetry(root)


def poetry(root: Path) -> dict[str, Any]:
    return table(table(_toml(root / "pyproject.toml"), "tool"), "poetry")


def package_json(root: Path) -> dict[str, Any]:
    try:
        found = json.loads((root / "package.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def table(within: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = within.get(name)
    return found if isinstance(found, dict) else {}


def _python_dependencies(root: Path) -> Iterator[str]:
    project = table(_toml(root / "pyproject.toml"), "project")
    groups = [project.get("dependencies"), *table(project, "optional-dependencies").values()]
    groups += table(_toml(root / "pyproject.toml"), "dependency-groups").values()
    groups += [list(table(poetry(root), "dependencies")), list(table(_toml(root / "Pipfile"), "packages"))]
    groups += [_lines(file) for file in sorted(root.glob("requirements*.txt"))]
    for line in (line for group in groups if isinstance(group, list) for line in group):
        if found := NAME.match(str(line).strip()):
            yield re.sub(r"[._-]+", "-", found[0]).lower()


def _node_dependencies(root: Path) -> Iterator[str]:
    for group in ("dependencies", "devDependencies"):
        yield from table(package_json(root), group)


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except (OSError, ValueError):
        return {}


def _lines(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines()
