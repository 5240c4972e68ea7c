"""What a diff adds, line by line, each with its place."""

import re
from collections.abc import Iterator

HEAD = re.compile(r"@@ -\S+ \+(\d+)")


def added_lines(diff: str) -> Iterator[tuple[str, int, str]]:
    """Path, line number, line. No other line break than git's: what else breaks lines could hide some."""
    path, at = "", 0
    for line in diff.split("\n"):
        if line.startswith("diff --git "):
            path, at = line.rpartition(" b/")[2].rstrip('"'), 0
        elif head := HEAD.match(line):
            at = int(head[1])
        elif line.startswith("+"):
            yield path, at, line[1:]
            at += bool(at)
        elif not line.startswith("-"):
            at += bool(at)
