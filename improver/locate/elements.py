"""From what was clicked to the template, component or page that it is written in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from improver.locate import sites
from improver.locate.sites import Site

# What belongs to one element stands on so few lines.
APART = 6
SHORTEST = 2
# The Collector's names are cut there: what is as long may go on.
CUT = 40

_NAMED = re.compile(
    r"(?:.* > )?([a-zA-Z][\w-]*)(?:#([^\s\[\].\"]+)|\[([\w-]+)=\"([^\"]*)\"\])?((?:\.[^\s.\"]+)*)(?: \"(.*)\")?",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\"'`\\]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trait:
    """One thing that tells an element apart: an attribute's value, a class, or what is written on it."""

    name: str  # "id", "data-testid", "class", "text"
    value: str


def traits(element: str) -> tuple[Trait, ...]:
    """Those of an element's name, the ones that its author chose for it first."""
    found = _NAMED.fullmatch(element.strip()[:500])
    if not found:
        return ()
    _, own, attribute, value, classes, says = found.groups()
    told = [Trait(name="id", value=own or ""), Trait(name=attribute or "", value=value or "")]
    told += [Trait(name="text", value=" ".join((says or "").split()))]
    told += [Trait(name="class", value=one) for one in (classes or "").split(".")]
    return tuple(one for one in told if one.name and len(one.value) >= SHORTEST and _PLAIN.fullmatch(one.value))


def needles(element: str) -> tuple[str, ...]:
    """What a file must hold to come into question."""
    return tuple(trait.value for trait in traits(element))


def found(element: str, texts: Mapping[str, str]) -> tuple[Site, ...]:
    """The places that it may be written at: one, if the traits leave no doubt. What is a class alone is many's."""
    known = [(trait, list(sites_of(trait, texts))) for trait in traits(element)]
    known = [(trait, where) for trait, where in known if where]
    if not known or all(trait.name == "class" for trait, _ in known):
        return ()
    left = known[0][1]
    for _, where in known[1:]:
        left = (sites.near(left, where, APART) or left) if len(left) > 1 else left
    return tuple(dict.fromkeys(left))


def asset(address: str) -> str:
    """The file name that a page asks for by this address, as far as it is the same in every build."""
    name = re.split(r"[?#]", address)[0].rpartition("/")[2]
    return name if len(name) > SHORTEST and "*" not in name and _PLAIN.fullmatch(name) else ""


def asking(name: str, texts: Mapping[str, str]) -> tuple[Site, ...]:
    """Where a page or component asks for a script, style sheet or picture."""
    pattern = re.compile(
        rf"\b(?:src|href|data-src|url|import|from|filename)\b\s*[=:(]?\s*"
        rf"[\"'(`{{][^\"'`\n]{{0,200}}(?<![\w.-]){re.escape(name)}\b"
    )
    return tuple(dict.fromkeys(sites.of_pattern(texts, name, pattern)))


def sites_of(trait: Trait, texts: Mapping[str, str]) -> Iterator[Site]:
    yield from sites.of_pattern(texts, trait.value, _pattern(trait))


def _pattern(trait: Trait) -> re.Pattern[str]:
    value = re.escape(trait.value)
    if trait.name == "text":
        said = value.replace(r"\ ", r"\s+") + ("" if len(trait.value) >= CUT else r"\s*(?=[<\"'`{\n]|$)")
        # Between tags, as a line of its own, or as the text that a helper is given.
        return re.compile(rf"(?:(?<=>)|(?<=[\"'`])|^)\s*(?P<at>{said})", re.M)
    if trait.name == "class":
        return re.compile(rf"\bclass(?:Name|List)?\b[^\n]{{0,200}}?(?<![\w-]){value}(?![\w-])")
    names = {trait.name, re.sub(r"-(\w)", lambda letter: letter[1].upper(), trait.name)}
    either = "|".join(re.escape(name) for name in sorted(names))
    # HTML, JSX, an object's key, and the short form of Pug and Haml.
    short = rf"|(?<=\n)[ \t]*[\w%.-]*\#{value}(?![\w-])" if trait.name == "id" else ""
    return re.compile(rf"(?<![\w-])[\"']?(?:{either})[\"']?\s*(?:=>|[=:])\s*\{{?\s*[\"'`]?{value}(?![\w-]){short}")
