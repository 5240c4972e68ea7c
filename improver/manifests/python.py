"""What a Python project asks for: pyproject, requirements, Pipfile, setup.cfg, and what its lock files hold."""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from improver.manifests.reading import object_of, table, tables, text, toml

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock")


def pyproject(root: Path) -> dict[str, Any]:
    return table(toml(root / "pyproject.toml"), "project") or poetry(root)


def poetry(root: Path) -> dict[str, Any]:
    return table(table(toml(root / "pyproject.toml"), "tool"), "poetry")


def asked_for(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each manifest of the folder, with a package that it names."""
    for file, line in _lines(folder):
        if found := NAME.match(str(line).strip()):
            yield file, re.sub(r"[._-]+", "-", found[0]).lower()


def _lines(folder: Path) -> Iterator[tuple[Path, object]]:
    file = folder / "pyproject.toml"
    yield from ((file, line) for line in _of_pyproject(toml(file)))
    file = folder / "Pipfile"
    found = toml(file)
    yield from ((file, name) for group in ("packages", "dev-packages") for name in table(found, group))
    for file in (*sorted(folder.glob("*requirements*.txt")), *sorted(folder.glob("requirements/*.txt"))):
        yield from ((file, line) for line in text(file).splitlines())
    file = folder / "setup.cfg"
    yield from ((file, line) for line in _of_setup(text(file)))
    for file in (folder / name for name in LOCKS):
        yield from ((file, one.get("name", "")) for one in tables(toml(file), "package"))
    file = folder / "Pipfile.lock"
    yield from ((file, name) for name in table(object_of(file), "default"))


def _of_pyproject(found: dict[str, Any]) -> Iterator[object]:
    project, tool = table(found, "project"), table(table(found, "tool"), "poetry")
    groups = [project.get("dependencies"), *table(project, "optional-dependencies").values()]
    groups += table(found, "dependency-groups").values()
    groups += [list(table(tool, "dependencies")), list(table(tool, "dev-dependencies"))]
    groups += [list(table(group, "dependencies")) for group in table(tool, "group").values() if isinstance(group, dict)]
    yield from (line for group in groups if isinstance(group, list) for line in group)


def _of_setup(said: str) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(said)
    except configparser.Error:
        return []
    return parser.get("options", "install_requires", fallback="").splitlines()
