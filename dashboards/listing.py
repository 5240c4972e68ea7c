"""The ranked Findings, as the first page shows them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from improver import read
from improver.answers.findings import FindingRow
from improver.dashboards import charts
from improver.errors import ImproverError
from improver.model import FindingStatus, SkipReason
from improver.runtime import Runtime

PAGE = 50
FILTERS = ("kind", "target", "environment", "status")
WORDS = "words"
# Shown when they are asked for.
APART = (FindingStatus.DISMISSED, FindingStatus.MERGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One value of a filter, and the address of the page with it."""

    text: str
    href: str
    count: int
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    finding: FindingRow
    bars: charts.Bars
    skipped_because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    rows: tuple[Row, ...]
    total: int
    first: int  # rank of the first row
    minutes: float
    filters: Mapping[str, tuple[Choice, ...]]
    filtered: bool
    chosen: Mapping[str, str]
    words: str
    here: str  # the address that renews itself
    still: str  # the same, which does not
    renewed: bool
    previous: str
    following: str


def listing(runtime: Runtime, query: Mapping[str, str]) -> Listing:
    chosen, page = _asked(query)
    everything = [*read.findings(runtime), *(row for status in APART for row in read.findings(runtime, status=status))]
    found = [row for row in read.findings(runtime, status=chosen.get("status", "")) if _fits(row, chosen)]
    start = (page - 1) * PAGE
    here = _address(chosen, 1)
    return Listing(
        rows=tuple(_row(finding) for finding in found[start : start + PAGE]),
        total=len(found),
        first=start + 1,
        minutes=sum(finding.minutes_per_week for finding in found if finding.status != FindingStatus.HELD),
        filters={name: _choices(name, everything, chosen) for name in FILTERS},
        filtered=bool(chosen),
        chosen=chosen,
        words=chosen.get(WORDS, ""),
        here=here,
        still=f"{here}{'&' if '?' in here else '?'}page=1",
        renewed="page" not in query,
        previous=_address(chosen, page - 1) if page > 1 else "",
        following=_address(chosen, page + 1) if start + PAGE < len(found) else "",
    )


def _asked(query: Mapping[str, str]) -> tuple[dict[str, str], int]:
    known = (*FILTERS, WORDS, "page")
    unknown = [name for name in query if name not in known]
    if unknown:
        raise ImproverError(f"there is no filter {unknown[0]!r}", hint=f"known: {', '.join(known)}")
    page = query.get("page", "1")
    if not (page.isdecimal() and len(page) < 5 and int(page)):
        raise ImproverError(f"there is no page {page!r}", hint="pages are numbered from 1")
    return {name: query[name] for name in (*FILTERS, WORDS) if query.get(name, "").strip()}, int(page)


def _fits(row: FindingRow, chosen: Mapping[str, str]) -> bool:
    """Every filter, and every word: in the title, the place or the id."""
    said = f"{row.title} {row.location} {row.place} {row.id}".casefold()
    words = chosen.get(WORDS, "").casefold().split()
    return all(getattr(row, name) == chosen[name] for name in FILTERS if name in chosen) and all(
        word in said for word in words
    )


def _choices(name: str, everything: Sequence[FindingRow], chosen: Mapping[str, str]) -> tuple[Choice, ...]:
    """All, then each value that occurs in what the other filters let through; nothing where there is no choice."""
    if len({getattr(row, name) for row in everything}) < 2 and name not in chosen:
        return ()
    others = {key: value for key, value in chosen.items() if key != name}
    within = [row for row in everything if _fits(row, others)]
    shown = [row for row in within if others.get("status") or row.status not in APART]
    counts = Counter(str(getattr(row, name)) for row in (within if name == "status" else shown))
    values = sorted({*counts, chosen.get(name, "")} - {""}, key=_order)
    every = Choice(text="all", href=_address(others, 1), count=len(shown), chosen=name not in chosen)
    return every, *(
        Choice(
            text=value.replace("_", " ") if name == "kind" else value,
            href=_address({**others, name: value}, 1),
            count=counts[value],
            chosen=chosen.get(name) == value,
        )
        for value in values
    )


def _order(value: str) -> tuple[int, str]:
    """States in the order of their lives, names by the alphabet."""
    states: list[str] = list(FindingStatus)
    return (states.index(value) if value in states else 0, value)


def _address(chosen: Mapping[str, str], page: int) -> str:
    query = urlencode({**chosen, **({"page": page} if page > 1 else {})})
    return f"/?{query}" if query else "/"


def _row(finding: FindingRow) -> Row:
    reason = finding.skipped if finding.status == FindingStatus.OPEN else None
    return Row(
        finding=finding,
        bars=charts.spark(finding.hourly),
        skipped_because=SkipReason(reason).gloss if reason else "",
    )
