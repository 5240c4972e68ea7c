"""What the manifests of Python, Node, Go, Rust and Ruby declare: name → what of it is wanted."""

import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

Declared = dict[str, str]

REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(.*)")
GO_REQUIRE = re.compile(r"^\s*(?:require\s+)?([\w.~-]+\.[\w.~-]+/\S+|[\w-]+\.[\w.-]+)\s+(v\S+)", re.MULTILINE)
GO_REPLACE = re.compile(r"^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(.+)$", re.MULTILINE)
GEM = re.compile(
    r"""^\s*(?:gem|\w+\.add_(?:runtime_|development_)?dependency)[\s(]+['"]([^'"]+)['"](.*)$""", re.MULTILINE
)
NODE = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "overrides", "resolutions")
RUST = ("dependencies", "dev-dependencies", "build-dependencies", "patch")
LOCKS = {
    "pyproject.toml": ("uv.lock", "poetry.lock", "pdm.lock"),
    "Pipfile": ("Pipfile.lock",),
    "package.json": ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"),
    "go.mod": ("go.sum",),
    "Cargo.toml": ("Cargo.lock",),
    "Gemfile": ("Gemfile.lock",),
    "composer.json": ("composer.lock",),
}
# Programs that declare dependencies: what they come to cannot be read off them.
PROGRAMS = ("setup.py", "build.gradle", "build.gradle.kts", "pom.xml", "build.sbt", "mix.exs", "Package.swift")


def is_lock(path: str) -> bool:
    return any(PurePosixPath(path).name in names for names in LOCKS.values())


def reader_for(path: str) -> Callable[[str], Declared] | None:
    name = PurePosixPath(path).name
    return next((read for glob, read in READERS.items() if fnmatchcase(name, glob)), None)


def plain(name: str) -> str:
    """Python's names are the same whatever their case and punctuation."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(text: str) -> Declared:
    joined = text.replace("\\\n", " ")
    lines = (line.partition(" #")[0].strip() for line in joined.splitlines())
    return _python(line for line in lines if line and not line.startswith("#"))


def _python(lines: Iterable[str]) -> Declared:
    found: Declared = {}
    for line in lines:
        parts = REQUIREMENT.fullmatch(line)
        if parts is None or "://" in line.partition("@")[0]:
            found[line] = line  # an option, or an address: itself what is wanted
        else:
            found[plain(parts[1])] = f"{(parts[2] or '')}{parts[3]}".strip()
    return found


def _pyproject(text: str) -> Declared:
    data = tomllib.loads(text)
    project, tool = data.get("project", {}), data.get("tool", {})
    lines = [*project.get("dependencies", []), *data.get("build-system", {}).get("requires", [])]
    groups = [*project.get("optional-dependencies", {}).values(), *data.get("dependency-groups", {}).values()]
    lines += [line for group in groups for line in group if isinstance(line, str)]
    poetry = tool.get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    sources = {f"source of {plain(name)}": json.dumps(of) for name, of in tool.get("uv", {}).get("sources", {}).items()}
    return {**_python(lines), **{plain(n): json.dumps(v) for table in tables for n, v in table.items()}, **sources}


def _setup_cfg(text: str) -> Declared:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    options = dict(parser["options"]) if parser.has_section("options") else {}
    extras = dict(parser["options.extras_require"]) if parser.has_section("options.extras_require") else {}
    wanted = [options.get("install_requires", ""), options.get("setup_requires", ""), *extras.values()]
    return _requirements("\n".join(wanted))


def _pipfile(text: str) -> Declared:
    data = tomllib.loads(text)
    tables = (data.get("packages", {}), data.get("dev-packages", {}))
    return {plain(name): json.dumps(value) for table in tables for name, value in table.items()}


def _json(keys: tuple[str, ...]) -> Callable[[str], Declared]:
    def read(text: str) -> Declared:
        data = json.loads(text)
        return {name: json.dumps(value) for key in keys for name, value in (data.get(key) or {}).items()}

    return read


def _go(text: str) -> Declared:
    code = "\n".join(line.partition("//")[0] for line in text.splitlines())
    replaced = {f"replace {name}": value.strip() for name, value in GO_REPLACE.findall(code)}
    return {**dict(GO_REQUIRE.findall(code)), **replaced}


def _cargo(text: str) -> Declared:
    return dict(_cargo_tables(tomllib.loads(text)))


def _cargo_tables(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if key in RUST and isinstance(value, dict):
            yield from ((name, json.dumps(wanted)) for name, wanted in value.items())
        elif isinstance(value, dict):
            yield from _cargo_tables(value)  # [target.'cfg(unix)'.dependencies], [workspace.dependencies]


def _gems(text: str) -> Declared:
    return {name: rest.strip(" ,)") for name, rest in GEM.findall(text)}


READERS: dict[str, Callable[[str], Declared]] = {
    "requirements*.txt": _requirements,
    "requirements*.in": _requirements,
    "constraints*.txt": _requirements,
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "Pipfile": _pipfile,
    "package.json": _json(NODE),
    "composer.json": _json(("require", "require-dev")),
    "go.mod": _go,
    "Cargo.toml": _cargo,
    "Gemfile": _gems,
    "*.gemspec": _gems,
}
