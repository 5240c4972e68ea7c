"""From the text of a query or message to the place in the code that holds it."""

import re
from collections.abc import Iterable, Mapping

from improver.locate.sites import Site, of_text

# As long must a text be that is not found by chance, and of more than one word.
SHORTEST = 10
TABLES = 3
PARTS = 3

# What was put in: placeholders of templates, of statements, and values that look like nothing else.
_PUT_IN = re.compile(
    r"<[^<>\s]{0,40}>|\{[^{}\n]{0,60}\}|%[-+#0-9.]*(?:\(\w{1,40}\))?[sdrfxiq]|\[scrubbed[^\]]{0,40}\]|\?|[$:@]\w+|\b\d[\w.:-]*"
    r"|'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|[\r\n]"
)
_IN_MESSAGE = re.compile(rf"{_PUT_IN.pattern}|:\s")
_QUERY = re.compile(
    r"\s*(?:select|insert|update|delete|with|merge|replace)\b.*\s(?:from|into|set|as|using)\s",
    re.IGNORECASE | re.DOTALL,
)
_TABLE = re.compile(
    r"\b(?:from|join|into|update|table)\s+[\"`\[]?(?:\w{1,60}[\"`\]]?\.[\"`\[]?)?(\w{2,60})", re.IGNORECASE
)


def needles(statement: str) -> tuple[str, ...]:
    """The parts of it that stand in the code as they are: of a query the longest, of a message the first few.

    In front of a message stands who logs it, and behind it what was caught: both are parted by a colon.
    """
    query = _QUERY.match(statement)
    parts = (_PUT_IN if query else _IN_MESSAGE).split(statement[:4000])
    stripped = (part.strip(" \t,;:()[]{}.-=") for part in parts)
    telling = [part for part in dict.fromkeys(stripped) if len(part) >= SHORTEST and " " in part]
    return tuple(sorted(telling, key=len, reverse=True)[:1]) if query else tuple(telling[:PARTS])


def found(statement: str, texts: Mapping[str, str]) -> tuple[Site, ...]:
    """Where the first of its parts that is in the code at all stands."""
    sites = (tuple(dict.fromkeys(of_text(texts, needle))) for needle in needles(statement))
    return next((where for where in sites if where), ())


def asking(statement: str, lines: Iterable[tuple[int, str]]) -> tuple[int, ...]:
    """The lines of a function that name the table, or the model that is kept in it."""
    names = [name for table in dict.fromkeys(_TABLE.findall(statement)[:TABLES]) for name in _names(table)]
    if not names:
        return ()
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, names))})(?!\w)")
    return tuple(number for number, text in lines if pattern.search(text))


def _names(table: str) -> list[str]:
    """`order_items`, and OrderItem, OrderItems as a model of it is called."""
    camel = "".join(part.capitalize() for part in table.split("_"))
    return [table, camel, camel.removesuffix("s"), re.sub(r"ies$", "y", camel)]
