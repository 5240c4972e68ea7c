"""Source maps: from a place in bundled JavaScript to the file, line and function that it came from."""

import json
import re
import string
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from improver.errors import ImproverError

MAX_BYTES = 32 << 20
MAX_SEGMENTS = 4_000_000
MAX_SOURCES = 50_000
MAX_SECTIONS = 1000
MAX_LINE = 300
LINES_ABOVE = 500
MAX_ASKED = 20_000
HINT = "is it the .map file that the bundler wrote?"

_ALPHABET = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/"
_DIGITS = {char: value for value, char in enumerate(_ALPHABET)}
_NO_FUNCTIONS = (
    "if", "for", "while", "switch", "catch", "return", "function", "with", "super", "await", "new", "typeof",
)  # fmt: skip
# What begins a function, at the beginning of a line.
_DEFINITIONS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b\s*\*?\s*([\w$]+)",
        r"\s*(?:export\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=]{1,80})?=\s*(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>)",
        r"\s*(?:(?:static|async|get|set|public|private|protected)\s+)*\*?([\w$#]+)\s*\([^;]{0,200}\)\s*(?::[^;{]{1,80})?\{",
        r"\s*(?:[\w$]+\.){0,5}([\w$]+)\s*[:=]\s*(?:async\b\s*)?(?:function\b|\([^;]{0,200}=>|[\w$]+\s*=>)",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """Lines and columns count from 0; `name` is what stood there before it was shortened, `text` the whole line.

    `function` is the one around it, going by how the source is indented; empty where that does not say.
    """

    source: str
    line: int
    column: int
    name: str = ""
    text: str = ""
    function: str = ""


class SourceMap:
    """A map that was decoded once, and can be asked often."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._sources: list[str] = []
        self._contents: list[str | None] = []
        self._names: list[str] = []
        self._lines: dict[int, tuple[int, int]] = {}
        self._asked: dict[tuple[int, int], Original | None] = {}
        # Of each segment: generated column, source, line, column and name; -1 where there is none.
        self._columns = array("q")
        self._places = (array("q"), array("q"), array("q"), array("q"))
        for line, column, section in _sections(record):
            self._add(section, line, column)

    def original(self, line: int, column: int) -> Original | None:
        """What stood at this line and column of the bundle, both from 0."""
        if len(self._asked) > MAX_ASKED:
            self._asked.clear()
        if (line, column) not in self._asked:
            self._asked[line, column] = self._found(line, column)
        return self._asked[line, column]

    def _found(self, line: int, column: int) -> Original | None:
        begin, end = self._lines.get(line, (0, 0))
        at = bisect_right(self._columns, column, begin, end) - 1
        if at < begin:
            return None
        source, original_line, original_column, name = (place[at] for place in self._places)
        if not 0 <= source < len(self._sources):
            return None
        return Original(
            source=self._sources[source],
            line=original_line,
            column=original_column,
            name=self._names[name] if 0 <= name < len(self._names) else "",
            text=_line(self._contents[source], original_line),
            function=_enclosing(self._contents[source], original_line, original_column),
        )

    def _add(self, section: Mapping[str, Any], first_line: int, first_column: int) -> None:
        """The segments of one section, moved to where it stands in the bundle."""
        sources, names = _strings(section, "sources"), _strings(section, "names")
        contents = section.get("sourcesContent")
        contents = contents if isinstance(contents, list) else []
        at = (len(self._sources), len(self._names))
        root = section.get("sourceRoot")
        self._sources += [_source(name, root if isinstance(root, str) else "") for name in sources]
        self._contents += [content if isinstance(content, str) else None for content in contents[: len(sources)]]
        self._contents += [None] * (len(self._sources) - len(self._contents))
        self._names += names
        state = [0, 0, 0, 0]
        for number, line in enumerate(section["mappings"].split(";")):
            begin = len(self._columns)
            self._add_line(line, state, first_column if number == 0 else 0, at)
            if len(self._columns) > begin:
                first, _ = self._lines.get(first_line + number, (begin, begin))
                self._lines[first_line + number] = (first, len(self._columns))

    def _add_line(self, line: str, state: list[int], shift: int, at: tuple[int, int]) -> None:
        column = 0
        found: list[tuple[int, ...]] = []
        for segment in line.split(",") if line else ():
            values = _decoded(segment)
            column += values[0]
            for place, value in enumerate(values[1:5]):
                state[place] += value
            source = state[0] + at[0] if len(values) >= 4 else -1
            name = state[3] + at[1] if len(values) >= 5 else -1
            found.append((column + shift, source, state[1], state[2], name))
        if len(self._columns) + len(found) > MAX_SEGMENTS:
            raise ImproverError(f"the source map has more than {MAX_SEGMENTS} segments", hint="upload smaller bundles")
        for generated, *original in sorted(found):
            self._columns.append(generated)
            for kept, value in zip(self._places, original, strict=True):
                kept.append(value)


def parse(content: bytes) -> SourceMap:
    return SourceMap(record_of(content))


def record_of(content: bytes) -> dict[str, Any]:
    """The map's JSON, if it is one."""
    if len(content) > MAX_BYTES:
        raise ImproverError(f"the source map has more than {MAX_BYTES >> 20} MiB", hint="upload smaller bundles")
    # Some servers put this in front, so that no page can load it as a script.
    content = content.partition(b"\n")[2] if content.startswith(b")]}'") else content
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImproverError("a source map is JSON, and this is none", hint=HINT) from error
    if not isinstance(record, dict) or record.get("version") != 3:
        raise ImproverError("this is no source map of version 3", hint=HINT)
    return record


def _sections(record: Mapping[str, Any]) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """A map as it is, or the parts that it is made of, each with the place where it begins."""
    listed = record.get("sections")
    if listed is None:
        yield 0, 0, _checked(record)
        return
    if not isinstance(listed, list) or len(listed) > MAX_SECTIONS:
        raise ImproverError("the sections of the source map are no list, or too long a one", hint=HINT)
    for section in listed:
        offset = section.get("offset") if isinstance(section, dict) else None
        if not isinstance(offset, dict):
            raise ImproverError("a section of the source map does not say where it begins", hint=HINT)
        yield _begin(offset.get("line")), _begin(offset.get("column")), _checked(section.get("map"))


def _begin(number: object) -> int:
    if not isinstance(number, int) or not 0 <= number < 1 << 31:
        raise ImproverError("a section of the source map does not say where it begins", hint=HINT)
    return number


def _checked(section: object) -> Mapping[str, Any]:
    if not isinstance(section, dict) or not isinstance(section.get("mappings"), str):
        raise ImproverError("the source map has no mappings", hint=HINT)
    return section


def _strings(section: Mapping[str, Any], name: str) -> list[str]:
    listed = section.get(name, [])
    if not isinstance(listed, list) or (name == "sources" and len(listed) > MAX_SOURCES):
        raise ImproverError(f"the {name} of the source map are no list, or too long a one", hint=HINT)
    return [value if isinstance(value, str) else "" for value in listed]


def _decoded(segment: str) -> list[int]:
    """Base64 VLQ: five bits a digit, the sixth says that more follow; the lowest bit is the sign."""
    values: list[int] = []
    value = shift = 0
    for char in segment:
        digit = _DIGITS.get(char)
        if digit is None or shift > 30:
            raise ImproverError("the mappings of the source map are damaged", hint=HINT)
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
        else:
            values.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(values) not in (1, 4, 5):
        raise ImproverError("the mappings of the source map are damaged", hint=HINT)
    return values


def _source(name: str, root: str) -> str:
    """As a path below the project: without the bundler's scheme, and without ways up."""
    whole = f"{root.rstrip('/')}/{name}" if root and "://" not in name and not name.startswith("/") else name
    scheme, found, rest = whole.partition("://")
    if found:
        whole = rest.partition("/")[2] if scheme not in ("file", "app") else rest
    parts = [part for part in whole.replace("\\", "/").partition("?")[0].split("/") if part not in (".", "..", "")]
    return ("/" if scheme == "file" and found else "") + "/".join(parts)


def _line(content: str | None, number: int) -> str:
    if not content or number < 0:
        return ""
    lines = content.split("\n", number + 1)
    return lines[number].rstrip("\r")[:MAX_LINE] if number < len(lines) else ""


def _enclosing(content: str | None, number: int, column: int) -> str:
    lines = content.split("\n", number + 1)[: number + 1] if content and number >= 0 else []
    if len(lines) <= number or number < 0:
        return ""
    # On its own line, a function is around what comes after its head.
    name, end = _defined(lines[number])
    if name and end <= column:
        return name
    inside = _indent(lines[number])
    for line in reversed(lines[max(0, number - LINES_ABOVE) : number]):
        if not line.strip() or _indent(line) >= inside:
            continue
        inside = _indent(line)
        name, _ = _defined(line)
        if name:
            return name
    return ""


def _defined(line: str) -> tuple[str, int]:
    """The function that a line begins, and where its head ends."""
    for pattern in _DEFINITIONS:
        found = pattern.match(line[:MAX_LINE])
        if found and found[1] not in _NO_FUNCTIONS:
            return found[1], found.end()
    return "", 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
