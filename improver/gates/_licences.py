"""Under which licence a package is: from the lock of the change, or from what the Target's set-up installed."""

import json
import tomllib
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath

from improver.gates._manifests import plain

LONGEST = 60  # a licence's name; some packages put its whole text there
MOST = 1 << 20


def in_lock(lock: str, name: str) -> str:
    """npm's lock names licences; the others do not."""
    try:
        packages = json.loads(lock).get("packages", {})
    except (ValueError, AttributeError):
        return ""
    return _named(packages.get(f"node_modules/{name}", {}).get("license"))


def installed(tree: Path, manifest: str, name: str) -> str:
    """Empty where it is not installed in the checkout itself, or says nothing."""
    folder = tree / PurePosixPath(manifest).parent
    for found in (*_node(folder, name), *_python(tree, name), *_rust(tree, name)):
        if found:
            return found
    return ""


def _node(folder: Path, name: str) -> Iterator[str]:
    text = _read(folder / "node_modules" / name / "package.json", folder)
    try:
        yield _named(json.loads(text).get("license")) if text else ""
    except (ValueError, AttributeError):
        return


def _python(tree: Path, name: str) -> Iterator[str]:
    for venv in (".venv", "venv"):
        for folder in sorted((tree / venv).glob("lib/python*/site-packages/*.dist-info")):
            if plain(folder.name.removesuffix(".dist-info").rpartition("-")[0]) == plain(name):
                told = HeaderParser().parsestr(_read(folder / "METADATA", tree))
                classified = (one for one in told.get_all("Classifier", []) if one.startswith("License"))
                last = next(classified, "").rpartition(" :: ")[2]
                yield _named(told.get("License-Expression")) or _named(told.get("License")) or last


def _rust(tree: Path, name: str) -> Iterator[str]:
    text = _read(tree / "vendor" / name / "Cargo.toml", tree)
    try:
        yield _named(tomllib.loads(text).get("package", {}).get("license")) if text else ""
    except tomllib.TOMLDecodeError:
        return


def _read(path: Path, inside: Path) -> str:
    """Set-up commands may have left links that lead out of the checkout."""
    real = path.resolve()
    if not real.is_relative_to(inside.resolve()) or not real.is_file() or real.stat().st_size > MOST:
        return ""
    return real.read_text(errors="replace")


def _named(value: object) -> str:
    return value.strip() if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST else ""
