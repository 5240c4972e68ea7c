"""Where in a TOML file a key stands, so that an error can name its line."""

import re

_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-.\"']+)\s*=")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line that sets `path`, or the nearest table or key above it."""
    best: tuple[int, int] | None = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = here = _parts(match[1])
        elif match := _KEY.match(line):
            here = table + _parts(match[1])
        else:
            continue
        depth = len(here) if path[: len(here)] == here else 0
        if depth and (best is None or depth > best[0]):
            best = depth, number
    return best[1] if best else None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
