"""Findings in one order: minutes lost a week × trend × fixability, each factor with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from improver.analysis import encounters, recoveries, scoring
from improver.analysis.encounters import Key
from improver.analysis.impact import Crowd, Ends, Exposed, Impact, Price, impact, price, richest
from improver.model import FAILURES, Finding, FindingKind, FindingStatus, Score
from improver.runtime import Runtime
from improver.warehouse import records


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What telemetry says of whose the occurrences were, and what they cost."""

    crowds: Mapping[Key, Mapping[str, list[Crowd]]]
    exposed: Mapping[tuple[str, str], Mapping[str, Exposed]]
    ends: Mapping[Key, Mapping[str, Ends]]
    of_kinds: Mapping[tuple[str, bool], Ends]


def run(runtime: Runtime) -> int:
    """The number of Findings scored."""
    known = _known(runtime)
    with runtime.warehouse.state.transaction() as writer:
        found = records.select(writer, Finding, "status <> $dismissed", {"dismissed": FindingStatus.DISMISSED})
        scored = [records.changed(f, score=_score(runtime, f, known)) for f in found]
        records.put_all(writer, [after for before, after in zip(found, scored, strict=True) if after != before])
    return len(found)


def _known(runtime: Runtime) -> Known:
    telemetry, now, analysis = runtime.warehouse.telemetry, runtime.clock(), runtime.settings.analysis
    encounters.fold(telemetry, runtime.settings.artificial, now)
    recoveries.fold(telemetry, analysis.gave_up_minutes, now)
    with telemetry.reading() as reader:
        ends, of_kinds = recoveries.ends(reader, now)
        return Known(
            crowds=encounters.crowds(reader, now),
            exposed=encounters.exposed(reader, now),
            ends=ends,
            of_kinds=of_kinds,
        )


def _score(runtime: Runtime, finding: Finding, known: Known) -> Score:
    exposed = known.exposed.get((finding.target, finding.environment), {})
    return scoring.score(
        finding,
        _price(runtime, finding, known),
        _impact(finding, known),
        exposed.get(finding.route) or exposed.get("") or Exposed(),
        runtime.clock(),
    )


def _keys(finding: Finding) -> list[Key]:
    return [(finding.target, finding.environment, key) for key in finding.keys]


def _impact(finding: Finding, known: Known) -> Impact | None:
    """All that one source told under several keys; of several sources the one that told most."""
    sources: dict[str, list[Crowd]] = {}
    for key in _keys(finding):
        for source, crowds in known.crowds.get(key, {}).items():
            sources.setdefault(source, []).extend(crowds)
    return richest([impact(crowds) for crowds in sources.values()])


def _price(runtime: Runtime, finding: Finding, known: Known) -> Price:
    analysis = runtime.settings.analysis
    assumed = analysis.minutes_lost.get(finding.kind, 1.0)
    if finding.kind not in FAILURES:
        return Price(minutes=assumed, because="assumed")
    of_kind = known.of_kinds.get((finding.target, finding.kind == FindingKind.CRASH), Ends())
    return price(assumed, of_kind, _richest_ends(finding, known), analysis.gave_up_minutes)


def _richest_ends(finding: Finding, known: Known) -> Ends:
    told: Sequence[Ends] = [end for key in _keys(finding) for end in known.ends.get(key, {}).values()]
    return max(told, key=lambda end: (end.times, end.minutes), default=Ends())
