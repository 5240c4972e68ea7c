"""Finds the source maps that a bundler wrote, and keeps them under what their bundles are known by."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from improver.bundles.sourcemaps import MAX_BYTES, SourceMap, record_of
from improver.bundles.symbolicate import SourceMaps, name_of_address, name_of_debug_id
from improver.errors import ImproverError

MAX_FILES = 10_000
TAIL = 4096
_IN_BUNDLE = re.compile(rb"//# debugId=([0-9A-Fa-f-]{32,36})")
HINT = "give --release, or let the bundler's Sentry plugin write debug ids"


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """Where the maps are for: `prefix` is the address that the folder is served from, "~" being any host."""

    target: str
    release: str = ""
    prefix: str = "~/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploaded:
    """`known_by` is the debug id, or the address in its release."""

    file: str
    known_by: str


def upload(folder: Path, paths: Sequence[Path], told: Upload) -> list[Uploaded]:
    """All of them, or none: a map that cannot be used is said before anything is kept."""
    found = [(path, base, *_read(path)) for path, base in _maps(paths)]
    if not found:
        raise ImproverError("there is no .map file there", hint="name the folder that the bundler writes to")
    named = [(_name(path, base, debug_id, told), path, content) for path, base, content, debug_id in found]
    maps = SourceMaps(folder)
    for (name, _), _, content in named:
        maps.put(name, content)
    return [Uploaded(file=str(path), known_by=known_by) for (_, known_by), path, _ in named]


def _maps(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """Every .map file, and the folder that its address counts from."""
    left = MAX_FILES
    for path in paths:
        if path.is_file():
            yield path, path.parent
            continue
        if not path.is_dir():
            raise ImproverError(f"there is no {path}", hint="name .map files, or folders that hold some")
        for parent, folders, files in os.walk(path):
            folders.sort()
            for file in sorted(file for file in files if file.endswith(".map") and not file.endswith(".css.map")):
                left -= 1
                if left < 0:
                    raise ImproverError(f"more than {MAX_FILES} maps in {path}", hint="name a smaller folder")
                yield Path(parent, file), path


def _read(path: Path) -> tuple[bytes, str]:
    """The map, and the debug id that it or its bundle names."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        record = record_of(content)
        SourceMap(record)
    except OSError as error:
        raise ImproverError(f"cannot read {path}: {error.strerror}") from error
    except ImproverError as error:
        raise ImproverError(f"{path}: {error.message}", hint=error.hint) from error
    told = record.get("debug_id") or record.get("debugId") or _debug_id_of_bundle(path.with_suffix(""))
    return content, told if isinstance(told, str) else ""


def _debug_id_of_bundle(bundle: Path) -> str:
    try:
        with bundle.open("rb") as file:
            file.seek(max(0, bundle.stat().st_size - TAIL))
            found = _IN_BUNDLE.findall(file.read(TAIL))
    except FileNotFoundError:
        return ""
    return found[-1].decode() if found else ""


def _name(path: Path, base: Path, debug_id: str, told: Upload) -> tuple[str, str]:
    """The name to keep it under, and what to tell."""
    by_id = name_of_debug_id(debug_id)
    if by_id:
        return by_id, debug_id
    if not told.release:
        raise ImproverError(f"{path} has no debug id", hint=HINT)
    prefix = told.prefix if told.prefix.endswith("/") else f"{told.prefix}/"
    address = prefix + path.with_suffix("").relative_to(base).as_posix()
    return name_of_address(told.target, told.release, address), f"{address} in {told.release}"
