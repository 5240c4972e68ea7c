"""Where several tell of one cause: what comes of an error counts with it, and so does a remark about a Finding."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from improver.analysis.merging import Kinships, of_symptom
from improver.grouping import attitude, is_in_app, wording
from improver.model import FAILURES, Finding, FindingKind, FindingStatus, Kin, Symptom, ToldBy

SAID = (FindingKind.FEEDBACK, FindingKind.SUGGESTION)
CAUSES = (*FAILURES, FindingKind.PERFORMANCE)
# Of as many Findings at most is it asked whether a remark is about them, those with most events first.
MOST = 1000
LIKENESS = 0.5
SHARED = 2
BY_PLACE = 0.5  # how well they fit of which only the page is known, and that both tell of a failure

_TOOL = re.compile(r"`([^`]+)`")
_METHOD = re.compile(r"^[A-Z]{3,7} (?=/)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def settle(kinships: Kinships, known: Mapping[str, Finding], symptoms: Iterable[Symptom], now: datetime) -> None:
    """Each counts with its cause, and each remark with the Finding that it fits best; what was settled stays."""
    together = list(symptoms)
    _by_cause(kinships, together, known, now)
    seen = sorted((one for one in together if one.kind not in SAID), key=lambda one: (-one.events, one.key))[:MOST]
    for remark in together:
        if remark.kind in SAID and _is_free(remark, kinships, known):
            _meet(kinships, remark, seen, now)


def _by_cause(
    kinships: Kinships, together: list[Symptom], known: Mapping[str, Finding], now: datetime
) -> None:
    failures: dict[tuple[str, str], list[Symptom]] = defaultdict(list)
    for one in together:
        if one.kind in CAUSES:
            failures[one.target, one.key].append(one)
    for one in together:
        cause = _failed(one, failures.get((one.target, one.cause), [])) if one.cause else None
        if not cause or not _is_free(one, kinships, known):
            continue
        finding, into = of_symptom(one), kinships.root(of_symptom(cause))
        if into != finding and not kinships.kept_apart(finding, into):
            kinships.add(finding, into, Kin.MERGED, ToldBy.CAUSE, 1.0, now)


def _failed(one: Symptom, failures: list[Symptom]) -> Symptom | None:
    """Where it was deployed; a page rarely says where that is, and is the same thing as any that failed."""
    there = [failure for failure in failures if failure.environment == one.environment]
    unnamed = [failure for failure in failures if not (one.environment and failure.environment)]
    return max(there or unnamed, key=lambda failure: failure.events, default=None)


def fit(remark: Symptom, seen: Symptom) -> float:
    """How well they fit, 0 where they do not: named alike one word in common is enough, else it takes more."""
    if remark.target != seen.target or remark.environment not in ("", seen.environment):
        return 0.0
    said = wording.things(f"{remark.title} {remark.advice}")
    words = wording.things(f"{seen.title} {seen.place} {seen.advice}")
    shared, about = said & words, wording.place(remark.place)
    if about and about in _names(seen):
        return 2 + len(shared)
    pages = _pages(seen)
    same_page = bool(about) and about in pages
    if same_page and said & wording.things(f"{seen.place} {seen.title}"):
        return 1 + len(shared)
    if same_page and seen.kind in FAILURES and _tells_failure(remark):
        return BY_PLACE
    feature = _feature(about)
    if feature and not pages and feature <= _code(seen):
        if (said - feature) & wording.things(f"{seen.place} {seen.title}"):
            return 1 + len(shared)
        if seen.kind in FAILURES and _tells_failure(remark):
            return BY_PLACE
    named = {name for name in _names(seen) if "_" in name and name in remark.title.lower()}
    alike = len(shared) >= SHARED and wording.likeness(said, wording.things(f"{seen.title} {seen.place}")) >= LIKENESS
    return len(shared) if named or (alike and not about) else 0.0


def _tells_failure(remark: Symptom) -> bool:
    return remark.kind == FindingKind.FEEDBACK and attitude.tells_failure(remark.title)


def _is_free(symptom: Symptom, kinships: Kinships, known: Mapping[str, Finding]) -> bool:
    """Nothing was done for it by itself, and it counts with no other."""
    one = of_symptom(symptom)
    finding = known.get(one)
    return kinships.root(one) == one and (not finding or finding.status == FindingStatus.OPEN)


def _meet(kinships: Kinships, remark: Symptom, seen: list[Symptom], now: datetime) -> None:
    one = of_symptom(remark)
    fits = [(fit(remark, other), other.minutes_week, of_symptom(other)) for other in seen]
    # Which of several failures of a page they mean, nobody knows.
    if len({kinships.root(other) for found, _, other in fits if found == BY_PLACE}) > 1:
        fits = [fitting for fitting in fits if fitting[0] != BY_PLACE]
    for found, _, other in sorted((fitting for fitting in fits if fitting[0] > 0), reverse=True):
        into = kinships.root(other)
        if into != one and not kinships.kept_apart(one, into):
            kinships.add(one, into, Kin.MERGED, ToldBy.REMARK, round(min(1.0, found / 3), 3), now)
            return


def _names(symptom: Symptom) -> set[str]:
    """The tools and elements that it is about."""
    return {name.lower() for name in (*_TOOL.findall(symptom.title), symptom.place) if name}


def _pages(symptom: Symptom) -> set[str]:
    named = (_METHOD.sub("", name) for name in (symptom.route, symptom.place))
    return {wording.place(name) for name in named if name.startswith("/")}


def _feature(about: str) -> frozenset[str]:
    """What the address of a page calls it, as its last part that names something does."""
    parts = map(wording.things, reversed(about.split("/"))) if about.startswith("/") else ()
    return next(filter(None, parts), frozenset())


def _code(symptom: Symptom) -> frozenset[str]:
    """What the code calls it, where telemetry knows no page: a view's name, a job's, functions on the way."""
    functions = (frame.function for frame in symptom.frames if is_in_app(frame))
    return wording.things(_HUMP.sub(" ", " ".join((symptom.route, *functions))))
