"""Where an Agent's program is, and what it cannot start without."""

import os
import shutil
from pathlib import Path

from improver.model.configured import reveal
from improver.paths import search_path


def found(binary: str, default: str) -> str | None:
    """The full path of the configured program, or of the default one on PATH."""
    named = Path(binary).expanduser() if binary else default
    place = shutil.which(named, path=search_path(os.environ))
    return str(Path(place).absolute()) if place else None


def packages(program: str | None) -> tuple[Path, ...]:
    """The npm packages that a program is one of: what it is started through is only a script among them."""
    if program is None:
        return ()
    holding = [folder for folder in Path(os.path.realpath(program)).parents if folder.name == "node_modules"]
    return tuple(holding[-1:])


def absent(binary: str, default: str, install: str) -> str:
    """Why it cannot be started; empty when it can."""
    if found(binary, default):
        return ""
    named = f"{binary!r} is not there" if binary else f"there is no `{default}` program"
    return f"{named}: {install}"


def keyless(reference: str, setting: str) -> str:
    """Why there is no key to add to its requests; empty when there is, or when none is named."""
    if reference and not reveal(reference):
        return f"{reference} holds no key: set it, or name another in {setting}"
    return ""
