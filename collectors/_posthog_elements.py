"""Names for what was clicked, from PostHog's element chains: short, readable, the same in every run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from improver.collectors._lenient import mappings, strings, text

MAX_CHAIN = 16 * 1024
MAX_ELEMENTS = 20
MAX_TEXT = 40
MAX_PART = 80
# Ways to name an element that its author chose, best first.
NAMED_BY = ("data-testid", "data-test", "data-attr", "name", "aria-label")

# Linear: every run is possessive and ends where the next alternative begins; what is never closed goes to the end.
_PIECE = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[^";]++|;', re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w.-]{1,100}+)="((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_TAG = re.compile(r"[\w-]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# Frameworks count these up, anew in every build or visit.
_GENERATED = re.compile(r"[0-9]{3,}|:|[0-9a-f]{8,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    tag: str
    says: str = ""
    attributes: dict[str, str]
    classes: tuple[str, ...] = ()


def element_name(properties: dict[str, Any], chain: object) -> str:
    """Of the innermost element, like `button#save "Save"`; the nearest one with an id goes before what has no name."""
    path = _listed(properties.get("$elements")) or islice(_chained(text(chain, MAX_CHAIN)), MAX_ELEMENTS)
    first = next(path, None)
    if not first:
        return ""
    says = first.says or text(properties.get("$el_text"), MAX_PART)
    shown = f' "{_short(says)}"' if says.strip() else ""
    named = _identity(first)
    above = "" if named or shown else next((_selector(one) for one in path if _id(one)), "")
    within = f"{above} > " if above else ""
    return f"{within}{first.tag}{named or _classes(first)}{shown}"


def _selector(element: Element) -> str:
    return f"{element.tag}{_identity(element)}"


def _identity(element: Element) -> str:
    if own := _id(element):
        return f"#{own}"
    for attribute in NAMED_BY:
        if value := element.attributes.get(attribute):
            return f'[{attribute}="{_short(value)}"]'
    return ""


def _id(element: Element) -> str:
    own = element.attributes.get("id", "")
    return "" if _GENERATED.search(own) else own[:MAX_PART]


def _classes(element: Element) -> str:
    kept = [one for one in element.classes if one and not _GENERATED.search(one)]
    return "".join(f".{one[:MAX_PART]}" for one in kept[:2])


def _short(said: str) -> str:
    return " ".join(said.split())[:MAX_TEXT]


def _listed(elements: object) -> Iterator[Element] | None:
    records = mappings(elements, MAX_ELEMENTS)
    return map(_of_record, records) if records else None


def _of_record(record: dict[str, Any]) -> Element:
    attributes = {name[6:]: text(value, MAX_PART) for name, value in record.items() if name.startswith("attr__")}
    return Element(
        tag=text(record.get("tag_name"), MAX_PART),
        says=text(record.get("$el_text"), MAX_PART),
        attributes=attributes,
        classes=tuple(strings(record.get("classes"), 10)),
    )


def _chained(chain: str) -> Iterator[Element]:
    """`button.btn:attr__id="save"text="Save";form:…`: elements from the innermost to the outermost."""
    pieces: list[str] = []
    for piece in (found[0] for found in _PIECE.finditer(f"{chain};")):
        if piece != ";":
            pieces.append(piece)
        elif pieces:
            yield _of_chain("".join(pieces))
            pieces = []


def _of_chain(written: str) -> Element:
    first = _ATTRIBUTE.search(written)
    tag, *classes = (written[: first.start()] if first else written).rstrip(":").split(".")
    found = {name: _ESCAPED.sub(r"\1", value)[:MAX_PART] for name, value in _ATTRIBUTE.findall(written)}
    return Element(
        tag="".join(_TAG.findall(tag[:MAX_PART])),
        says=found.get("text", ""),
        attributes={name[6:]: value for name, value in found.items() if name.startswith("attr__")},
        classes=tuple(classes),
    )
