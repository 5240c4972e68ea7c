"""What projects in other languages ask for, by the names that their registries have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from improver.manifests.reading import object_of, table, text, toml

NODE = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
GO = re.compile(r"^\s*(?:require\s+)?([\w./~-]+)\s+v\d", re.MULTILINE)
GEM = re.compile(r"""^\s*gem\s*\(?\s*["']([\w.-]+)["']""", re.MULTILINE)
MAVEN = re.compile(r"<groupId>\s*([\w.-]+)\s*</groupId>\s*<artifactId>\s*([\w.-]+)\s*</artifactId>")
GRADLE = re.compile(r"""["']([\w.-]+:[\w.-]+)(?::[^"'\n]*)?["']""")
NUGET = re.compile(r"""<Package(?:Reference|Version)\s+Include\s*=\s*["']([\w.-]+)["']""", re.IGNORECASE)

Found = Iterator[tuple[Path, str]]


def node(folder: Path) -> Found:
    file = folder / "package.json"
    found = object_of(file)
    yield from ((file, name) for group in NODE for name in table(found, group))


def go(folder: Path) -> Found:
    yield from _matches(folder / "go.mod", GO)


def ruby(folder: Path) -> Found:
    yield from _matches(folder / "Gemfile", GEM)


def java(folder: Path) -> Found:
    file = folder / "pom.xml"
    yield from ((file, ":".join(found)) for found in MAVEN.findall(text(file)))
    for file in (folder / "build.gradle", folder / "build.gradle.kts", folder / "gradle" / "libs.versions.toml"):
        yield from _matches(file, GRADLE)


def rust(folder: Path) -> Found:
    file = folder / "Cargo.toml"
    found = toml(file)
    groups: list[dict[str, Any]] = [found, table(found, "workspace")]
    yield from ((file, name) for group in groups for name in table(group, "dependencies"))


def php(folder: Path) -> Found:
    file = folder / "composer.json"
    found = object_of(file)
    yield from ((file, name) for group in ("require", "require-dev") for name in table(found, group))


def dotnet(folder: Path) -> Found:
    for pattern in ("*.csproj", "*.fsproj", "*.vbproj", "Directory.Packages.props"):
        for file in sorted(folder.glob(pattern)):
            yield from _matches(file, NUGET)


def _matches(file: Path, pattern: re.Pattern[str]) -> Found:
    yield from ((file, name) for name in pattern.findall(text(file)))
