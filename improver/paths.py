"""Globs as people mean them, paths as the least careful file system would read them, and where programs are found."""

import os
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

TOKEN = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?|[^*?]")
MEANING = {"**/": "(?:.*/)?", "/**": "/.+", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(path: str, glob: str) -> bool:
    """A glob without a slash fits a file or folder of that name anywhere; with one, it starts at the top."""
    return _compiled(glob).fullmatch(path) is not None


def folded(path: str) -> str:
    """Case, compatibility forms, invisible characters and trailing dots: what macOS and Windows do not tell apart."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
    visible = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return "/".join(part.rstrip(". ") or part for part in visible.replace("\\", "/").split("/"))


def odd(path: str) -> bool:
    """A name that some viewer, shell or file system shows or takes as another one."""
    letters = {unicodedata.category(letter) for letter in path}
    return bool(letters & {"Cc", "Cf", "Cs", "Zl", "Zp"}) or "\\" in path


def shown(path: str) -> str:
    """A path as one harmless word."""
    return path if path.isprintable() and not odd(path) else ascii(path)


def search_path(environment: Mapping[str, str]) -> str:
    """PATH without its relative entries: from inside a worktree, those lead to what an Agent wrote."""
    entries = environment.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute()) or os.defpath


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    named = glob.rstrip("/")
    body = "".join(MEANING.get(token) or re.escape(token) for token in TOKEN.findall(named.removeprefix("/")))
    anywhere = "" if "/" in named else "(?:.*/)?"
    return re.compile(f"{anywhere}{body}(?:/.*)?", re.DOTALL)
