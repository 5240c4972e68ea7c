"""Symptoms → Findings: those with one Fingerprint are one Finding, however many sources saw it."""

from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from improver.analysis import locating, meeting, merging, rollups, slowness, trends
from improver.model import (
    UNTIL_ESCALATING,
    Finding,
    FindingStatus,
    Score,
    Symptom,
    Trend,
    TrustLabel,
)
from improver.runtime import Runtime
from improver.warehouse import records


def run(runtime: Runtime) -> int:
    """The number of Findings touched."""
    now = runtime.clock()
    with runtime.warehouse.state.reading() as reader:
        symptoms = slowness.explained(rollups.remembered(runtime, reader, records.select(reader, Symptom)), now)
        seen = {finding.id: finding for finding in records.select(reader, Finding)}
        kinships = merging.Kinships.read(reader)
    merging.settle(kinships, seen, symptoms, now)
    meeting.settle(kinships, seen, symptoms, now)
    grouped = _grouped(symptoms, kinships)
    located = locating.places(runtime, grouped, {key: _richest(same) for key, same in grouped.items()}, seen)
    with runtime.warehouse.state.transaction() as writer:
        # Read again inside the transaction: a person may have merged, an Attempt changed a status, while git was asked.
        known = {finding.id: finding for finding in records.select(writer, Finding)}
        kinships = merging.Kinships.read(writer)
        merging.settle(kinships, known, symptoms, now)
        meeting.settle(kinships, known, symptoms, now)
        grouped = _grouped(symptoms, kinships)
        merged = [_merged(key, known.get(key), same, located.get(key), now) for key, same in grouped.items()]
        others = [_without_events(f, kinships) for f in known.values() if f.id not in grouped]
        records.put_all(writer, [f for f in (*merged, *others) if f != _as_of(known.get(f.id), f)])
        records.put_all(writer, kinships.added)
    return len(merged)


def _grouped(symptoms: list[Symptom], kinships: merging.Kinships) -> dict[str, list[Symptom]]:
    grouped: dict[str, list[Symptom]] = {}
    for symptom in symptoms:
        grouped.setdefault(kinships.root(merging.of_symptom(symptom)), []).append(symptom)
    return grouped


def _richness(symptom: Symptom) -> tuple[bool, int, str]:
    """What was seen goes before what was said of it."""
    return symptom.kind not in meeting.SAID, symptom.events, symptom.source


def _causes(same: list[Symptom]) -> list[Symptom]:
    """Without what comes of others here: it tells of them again."""
    keys = {one.key for one in same}
    return [one for one in same if one.cause not in keys] or same


def _richest(same: list[Symptom]) -> Symptom:
    return max(_causes(same), key=_richness)


def _as_of(known: Finding | None, other: Finding) -> Finding | None:
    """The same Finding with the other's time of update: a pass that learned nothing writes nothing."""
    return records.changed(known, updated_at=other.updated_at) if known else None


def _merged(
    key: str, known: Finding | None, told: list[Symptom], place: locating.Place | None, now: datetime
) -> Finding:
    same = _causes(told)
    first = [one for one in same if merging.of_symptom(one) == key] or same
    richest = max(_summed(same), key=_richness)
    first_seen = min(s.first_seen for s in same)
    place = place or locating.as_known(known)
    if known:
        first_seen = min(first_seen, known.first_seen)
    trend = trends.trend(richest.hourly, first_seen, now)
    woken = known and _wakes(known, trend)
    if known and known.reopened_at and trend != Trend.QUIET:
        trend = Trend.REGRESSED
    return Finding(
        id=key,
        kind=richest.kind,
        target=richest.target,
        environment=richest.environment,
        service=richest.service,
        fingerprint=known.fingerprint if known else f"v{first[0].grouping_version}:{first[0].key}",
        title=richest.title,
        status=FindingStatus.OPEN if known is None or woken else known.status,
        first_seen=first_seen,
        last_seen=max(s.last_seen for s in same),
        updated_at=now,
        events=max(richest.events, known.events if known else 0),
        events_week=richest.events_week,
        users=max(s.users for s in told),
        hourly=richest.hourly,
        exposures=richest.exposures,
        exposed=richest.exposed,
        failures=richest.failures,
        route=richest.route,
        sources=tuple(sorted({s.source for s in told})),
        evidence=richest.evidence,
        frames=richest.frames,
        trust=_trust(known, same),
        release=richest.release,
        trend=trend,
        location=place.location,
        unlocated=place.unlocated,
        sought=place.sought,
        introduced=place.introduced,
        score=known.score if known else Score(),
        skipped=known.skipped if known else None,
        reopened_at=known.reopened_at if known else None,
        dismissed_reason=known.dismissed_reason if known and not woken else "",
        pattern=richest.pattern,
        place=richest.place,
        minutes_week=richest.minutes_week,
        advice=richest.advice or next((s.advice for s in told if s.advice and s.kind not in meeting.SAID), ""),
        exception=richest.exception,
        keys=_keys(known, first, same),
    )


def _wakes(known: Finding, trend: Trend) -> bool:
    """What was dismissed until it escalates, and does."""
    dismissed = known.status == FindingStatus.DISMISSED and known.dismissed_reason == UNTIL_ESCALATING
    return dismissed and trend == Trend.ESCALATING


def _keys(known: Finding | None, first: list[Symptom], same: list[Symptom]) -> tuple[str, ...]:
    """Its own key first."""
    own = known.keys[0] if known and known.keys else first[0].key
    return (own, *sorted({one.key for one in same} - {own}))


def _summed(same: list[Symptom]) -> list[Symptom]:
    """One for each source: what one source told under several keys adds up, what several sources told does not."""
    sources: dict[str, list[Symptom]] = {}
    for symptom in same:
        sources.setdefault(symptom.source, []).append(symptom)
    return [one for found in sources.values() for one in _told_once(found)]


def _told_once(found: list[Symptom]) -> list[Symptom]:
    """What was told of an exception on its way out was told of what surfaced: neither adds to the other."""
    if len(found) == 1:
        return found
    ends = {end for one in found for end in merging.inner_ends(merging.lines(one.frames))}
    caught = [one for one in found if merging.lines(one.frames) in ends]
    return [_sum([one for one in found if one not in caught]), *caught]


def _sum(found: list[Symptom]) -> Symptom:
    if len(found) == 1:
        return found[0]
    richest = max(found, key=_richness)
    return replace(
        richest,
        events=sum(one.events for one in found),
        events_week=sum(one.events_week for one in found),
        failures=sum(one.failures for one in found),
        hourly=tuple(map(sum, zip_longest(*(one.hourly for one in found), fillvalue=0))),
        minutes_week=sum(one.minutes_week for one in found),
    )


def _trust(known: Finding | None, same: list[Symptom]) -> TrustLabel:
    """One public Event makes the evidence public; of a change that was made on better evidence it decides nothing."""
    if known and known.status not in locating.MOVING:
        return known.trust
    return TrustLabel.SERVER if all(s.trust == TrustLabel.SERVER for s in same) else TrustLabel.PUBLIC


def _without_events(known: Finding, kinships: merging.Kinships) -> Finding:
    """A Finding whose Events have all aged out, or count with another's, stays: without a week's worth of anything."""
    if known.status == FindingStatus.OPEN and kinships.root(known.id) != known.id:
        known = records.changed(known, status=FindingStatus.MERGED)
    if not known.events_week:
        return known
    return records.changed(known, events_week=0, hourly=(0,) * len(known.hourly), trend=Trend.QUIET)
