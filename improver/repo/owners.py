"""Who owns a file, as the CODEOWNERS of GitHub and GitLab say."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

# Where such a file is looked for: the first that is there counts.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
MOST_RULES = 10_000
MOST_OWNERS = 10
LONGEST, MOST_STARS = 500, 3  # of a pattern, and in one part of it: what takes longer to fit is nobody's
ANY = "**"

_SECTION = re.compile(r"\^?\[([^\]]{1,200})\](?:\[\d+\])?\s*(.*)")
_OWNER = re.compile(r"@{1,2}[\w.-]{1,100}(?:/[\w.-]{1,100}){0,5}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One line: a pattern, and who owns what it fits; nobody, where nobody is named."""

    section: str
    pattern: str
    owners: tuple[str, ...]


def codeowners(read: Callable[[str], str | None]) -> str:
    """The text that counts, by whatever reads a file of the repository; None where there is none."""
    texts = (read(place) for place in PLACES)
    return next((text for text in texts if text is not None), "")


def owners_of(path: str, codeowners: str) -> tuple[str, ...]:
    """The owners by the last rule that fits; where there are sections, by the last of each."""
    decided: dict[str, tuple[str, ...]] = {}
    for rule in rules(codeowners):
        if fits(path, rule.pattern):
            decided[rule.section] = rule.owners
    named = dict.fromkeys(owner for owners in decided.values() for owner in owners)
    return tuple(named)[:MOST_OWNERS]


@lru_cache(maxsize=8)
def rules(codeowners: str) -> tuple[Rule, ...]:
    return tuple(_rules(codeowners))[:MOST_RULES]


def _rules(codeowners: str) -> Iterator[Rule]:
    section, usual = "", tuple[str, ...]()
    for line in codeowners.splitlines():
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        if headed := _SECTION.fullmatch(written):
            section, usual = headed[1].strip().lower(), _owners(headed[2])
            continue
        pattern, _, rest = _parted(written)
        if pattern.startswith("!"):
            continue  # neither of the two knows exceptions
        # In a section a line without owners has those of its heading.
        yield Rule(section=section, pattern=pattern, owners=_owners(rest) or usual)


def _parted(line: str) -> tuple[str, str, str]:
    """At the first space that is not escaped."""
    found = _WORD.match(line)
    pattern = found[0] if found else ""
    return pattern, " ", line[len(pattern) :]


def _owners(written: str) -> tuple[str, ...]:
    words = written.split("#")[0].split()
    return tuple(word for word in words if _OWNER.fullmatch(word))


def fits(path: str, pattern: str) -> bool:
    """As .gitignore reads it, but that `folder/*` fits only what is right in the folder."""
    parts = tuple(re.sub(r"\*{2,}(?=.)|(?<=.)\*{2,}", "*", part) for part in pattern.strip("/").split("/"))
    anchored = "/" in pattern.rstrip("/")
    if not pattern.strip("/") or len(pattern) > LONGEST or max(part.count("*") for part in parts) > MOST_STARS:
        return False
    ends_there = anchored and pattern.endswith("/*")
    within = () if ends_there else (ANY,)
    return _fit(path.split("/"), (*(() if anchored else (ANY,)), *parts, *within), least=1 if pattern[-1] == "/" else 0)


def _fit(path: list[str], parts: tuple[str, ...], least: int) -> bool:
    """Part by part: how much of the path each beginning of the pattern may have taken. `least` parts are left to the
    last one."""
    taken = {0}
    for number, part in enumerate(parts):
        if part == ANY:
            more = least if number == len(parts) - 1 else 0
            taken = {end for start in taken for end in range(start + more, len(path) + 1)}
        else:
            taken = {start + 1 for start in taken if start < len(path) and _part(part).fullmatch(path[start])}
    return len(path) in taken


@lru_cache(maxsize=4096)
def _part(part: str) -> re.Pattern[str]:
    meaning = {"*": "[^/]*", "?": "[^/]"}
    pieces = re.findall(r"\\.|.", part, re.DOTALL)
    return re.compile("".join(meaning.get(piece) or re.escape(piece[-1]) for piece in pieces), re.DOTALL)
