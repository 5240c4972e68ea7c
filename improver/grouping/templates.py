"""What log lines have in common: messages of one window as templates, in the manner of Brain (ICSE '23), then frozen.

Lines with as many words are laid below each other. The words of a line that are equally frequent where they stand were
probably written by one statement: the longest such combination is the root of a group. Below it, a place that holds
few different words tells statements apart, and one that holds many is a value.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from improver.grouping.failing import headline
from improver.model.ids import digest

ANY = "<*>"
MAX_TEXT = 1024  # of a message: what stands further back is hardly ever constant
MAX_WORDS = 64
# A place with more different words than this, below one root, holds values; Brain's own configurations have 2 to 6.
FEW = 4
# Statements differ in their first word more than anywhere else, and seldom begin with a value.
FEW_FIRST = 16
# Words that are much rarer than the line's most frequent one may be a value of several words, and are no root.
RARE = 0.2

_BETWEEN = r"\s=:,;()\[\]{}\"'|<>"
_VALUES = re.compile(
    # What other masks left, and what is written in the same way
    r"<\*>|<\w{1,20}>|\[scrubbed\]"
    r"|\b[a-zA-Z][a-zA-Z0-9+.-]{0,15}://[^\s\"'<>]{1,1024}"
    r"|(?<!\w)[a-zA-Z]:\\[^\s,;()\[\]{}\"'|<>]{1,512}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    # hosts: by their domain, or by the port behind their name
    r"|(?<![\w./@-])(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|edu|gov|io|dev|cloud|local|localdomain|internal"
    r"|uk|de|fr|nl|se|ch|eu|us|ca|au|jp|cn|hk|tw|kr|ru|br|pl|es)"
    r"(?::\d{1,5})?(?![\w.(-])"
    r"|(?<![\w./@-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,20}:\d{2,5}\b"
    # who it was
    r"|(?:(?<=\bfor user )|(?<=\bof user )|(?<=\bby user )|(?<=\bfrom user ))[\w.@$-]{1,64}"
    # hardware and IPv6 addresses, fingerprints
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}::?){3,20}[0-9a-fA-F]{0,4}(?![\w:])"
    # a number with its unit: how large it is decides which
    r"|(?<![\w.])[+-]?\d[\d.,]{0,30} ?"
    r"(?:[KMGTkmgt]?i?[Bb]|bytes?|ns|us|ms|s|secs?|seconds?|mins?|minutes?|hours?|days?)\b"
    r"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} {1,2}\d{1,2}\b"
    # key=value
    r"|(?<=[\w\])]=)(?:\"[^\"\n]{0,512}\"|'[^'\n]{0,512}'|[^\s,;=()\[\]{}\"'|<>]{1,512})"
)
# A row of dots leads from a name to its value.
_WORD = re.compile(rf"<\*>|[^{_BETWEEN}.]+(?:\.[^{_BETWEEN}.]+)*")
_VALUE = re.compile(r"[\d/\\]|^[^A-Za-z]+$")
# A place that holds only names of this kind holds values, however few: statements differ in plain words.
_NAMED = re.compile(r"\w[.@]\w")
_QUALIFIED = re.compile(r"\w\.\w+\.\w")

Words = tuple[str, ...]
Place = tuple[int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogTemplate:
    """`key` stays what it was when it was first given; `pattern` is its words, `text` the message with <*>."""

    key: str
    pattern: Words
    text: str


def mask(message: str) -> str:
    """Its first line that says something, with what is certainly a value as <*>."""
    return _VALUES.sub(ANY, headline(message.lstrip()[:MAX_TEXT]))


def words(masked: str) -> Words:
    """Values that follow each other are one: how many there are says nothing."""
    return tuple(word for word, _ in _runs(masked))[:MAX_WORDS]


def key_of(pattern: Words) -> str:
    """Frozen once shipped: another way to make it would split every known Finding in two."""
    return digest("log", *pattern)


def learned(known: Iterable[LogTemplate], messages: Mapping[str, int]) -> dict[str, LogTemplate]:
    """The template of each masked message: a known one, or one that it shares with others of these.

    The number says how often a message was logged.
    """
    frozen: dict[Words, LogTemplate] = {}
    for one in known:
        frozen.setdefault(one.pattern, one)
    lines = {message: words(message) for message in messages}
    tree = Tree(frozen.values())
    counted: Counter[Words] = Counter()
    shown: dict[Words, str] = {}
    found: dict[Words, LogTemplate] = {}
    for message, line in lines.items():
        shown.setdefault(line, message)
        counted[line] += messages[message]
    for line in counted:
        if template := tree.match(line):
            found[line] = template
    for group in _grouped([line for line in counted if line not in found], frozen, counted):
        given = next((frozen[line] for line in group if line in frozen), None)
        pattern = _common(group)
        for line in group:
            if line in shown and line not in found:
                found[line] = LogTemplate(
                    key=given.key if given else key_of(pattern), pattern=pattern,
                    text=_text(shown[line], pattern),
                )  # fmt: skip
    return {message: found[line] for message, line in lines.items()}


def _runs(masked: str) -> Iterator[tuple[str, slice]]:
    """Words with where they stand; values next to each other together."""
    begin = end = -1
    for found in _WORD.finditer(masked):
        word = found[0]
        if ANY in word or _VALUE.search(word):
            begin, end = (found.start() if begin < 0 else begin), found.end()
            continue
        if begin >= 0:
            yield ANY, slice(begin, end)
            begin = -1
        yield word, slice(*found.span())
    if begin >= 0:
        yield ANY, slice(begin, end)


def _grouped(fresh: Sequence[Words], frozen: Iterable[Words], counted: Mapping[Words, int]) -> Iterator[list[Words]]:
    """Known patterns stand among the new lines, so that what is like them joins them."""
    by_length: dict[int, list[Words]] = defaultdict(list)
    for line in fresh:
        by_length[len(line)].append(line)
    for pattern in frozen:
        if len(pattern) in by_length:
            by_length[len(pattern)].insert(0, pattern)
    for alike in by_length.values():
        yield from _groups(list(dict.fromkeys(alike)), counted)


def _groups(lines: Sequence[Words], counted: Mapping[Words, int]) -> Iterator[list[Words]]:
    """Of lines with as many words."""
    frequency: Counter[Place] = Counter()
    for line in lines:
        for place in enumerate(line):
            frequency[place] += counted.get(line, 1)
    rooted: dict[tuple[Place, ...], list[Words]] = defaultdict(list)
    for line in lines:
        rooted[_root(line, frequency)].append(line)
    for root, members in rooted.items():
        yield from _parted(members, sorted(set(range(len(members[0]))) - {at for at, _ in root}))


def _root(line: Words, frequency: Mapping[Place, int]) -> tuple[Place, ...]:
    """The longest combination of words that are equally frequent; of two, the more frequent one."""
    alike: dict[int, list[Place]] = defaultdict(list)
    for place in enumerate(line):
        if place[1] != ANY:
            alike[frequency[place]].append(place)
    if not alike:
        return ()
    least = RARE * max(alike)
    often = max((times for times in alike if times >= least), key=lambda times: (len(alike[times]), times))
    return tuple(alike[often])


def _parted(members: list[Words], places: Sequence[int]) -> list[list[Words]]:
    """At the place with the fewest different words, and again within each part."""
    kinds = {at: {member[at] for member in members} for at in places}
    parting = [at for at, found in kinds.items() if _tells_apart(at, found)]
    if not parting:
        return [members]
    at = min(parting, key=lambda place: (len(kinds[place]), place))
    parts: dict[str, list[Words]] = defaultdict(list)
    for member in members:
        parts[member[at]].append(member)
    rest = [place for place in places if place != at]
    return [group for part in parts.values() for group in _parted(part, rest)]


def _tells_apart(at: int, found: set[str]) -> bool:
    few, named = (FEW, _NAMED) if at else (FEW_FIRST, _QUALIFIED)
    return 1 < len(found) <= few and ANY not in found and not all(map(named.search, found))


def _common(group: Sequence[Words]) -> Words:
    return tuple(place[0] if len(set(place)) == 1 else ANY for place in zip(*group, strict=True))


def _text(masked: str, pattern: Words) -> str:
    """As it was written, with <*> where its values are."""
    said, at = "", 0
    for common, (word, where) in zip(pattern, _runs(masked), strict=False):
        said += masked[at : where.start] + (common if common != word or word == ANY else masked[where])
        at = where.stop
    return said + masked[at:]


class Tree:
    """Frozen templates, word by word: a line is matched in as many steps as it has words, however many there are."""

    def __init__(self, templates: Iterable[LogTemplate]) -> None:
        self._first: dict[int, _Node] = defaultdict(_Node)
        for template in templates:
            node = self._first[len(template.pattern)]
            for word in template.pattern:
                node = node.next.setdefault(word, _Node())
            node.template = node.template or template

    def match(self, line: Words) -> LogTemplate | None:
        return self._below(self._first[len(line)], line, 0) if len(line) in self._first else None

    def _below(self, node: "_Node", line: Words, at: int) -> LogTemplate | None:
        """Plain words first. What has no plain word of its own stands for values only."""
        if at == len(line):
            found = node.template
            return found if found and (found.pattern == line or any(word != ANY for word in found.pattern)) else None
        for word in dict.fromkeys((line[at], ANY)):
            if word in node.next and (found := self._below(node.next[word], line, at + 1)):
                return found
        return None


@dataclass(slots=True)
class _Node:
    next: "dict[str, _Node]" = field(default_factory=dict)
    template: LogTemplate | None = None
