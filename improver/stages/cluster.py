"""Symptoms → Findings: those with one Fingerprint are one Finding, however many sources saw it."""

from datetime import datetime

from improver import locate, rollups, statistics
from improver.errors import ImproverError
from improver.model import Finding, FindingStatus, Frame, Location, Score, Symptom, Trend, TrustLabel
from improver.model.ids import digest
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records

# What is to be changed is located anew as the branch moves; what was changed stays where it was found.
MOVING = (FindingStatus.OPEN, FindingStatus.DISMISSED)


def run(runtime: Runtime) -> int:
    """The number of Findings touched."""
    with runtime.warehouse.state.reading() as reader:
        symptoms = rollups.remembered(runtime, reader, records.select(reader, Symptom))
    grouped: dict[str, list[Symptom]] = {}
    for symptom in symptoms:
        grouped.setdefault(finding_id(symptom), []).append(symptom)
    with runtime.warehouse.state.reading() as reader:
        seen = {finding.id: finding for finding in records.select(reader, Finding)}
    locator, now = _Locator(runtime), runtime.clock()
    richest = {key: max(same, key=lambda s: (s.events, s.source)) for key, same in grouped.items()}
    located = {key: locator.locate(one.target, one.frames, seen.get(key)) for key, one in richest.items()}
    with runtime.warehouse.state.transaction() as writer:
        # Read again inside the transaction: an Attempt may have changed a status while git was asked.
        known = {finding.id: finding for finding in records.select(writer, Finding)}
        merged = [_merged(key, known.get(key), richest[key], grouped[key], located[key], now) for key in grouped]
        quiet = [_quietened(f) for f in known.values() if f.id not in grouped and f.events_week]
        records.put_all(writer, [f for f in (*merged, *quiet) if f != _as_of(known.get(f.id), f)])
    return len(merged)


def _as_of(known: Finding | None, other: Finding) -> Finding | None:
    """The same Finding with the other's time of update: a pass that learned nothing writes nothing."""
    return records.changed(known, updated_at=other.updated_at) if known else None


def finding_id(symptom: Symptom) -> str:
    return digest(symptom.target, symptom.environment, symptom.grouping_version, symptom.key, length=12)


_Head = tuple[Repository, str, tuple[str, ...]]


class _Locator:
    """Resolves frames once per Target revision; a Target that cannot be read locates nothing."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._heads: dict[str, _Head | None] = {}

    def locate(self, target: str, frames: tuple[Frame, ...], known: Finding | None) -> Location | None:
        head = self._head(target)
        if head is None or not frames:
            return known.location if known else None
        repository, revision, files = head
        if known and known.location and (known.status not in MOVING or self._same(known, revision, frames)):
            return known.location
        return locate.locate(repository, revision, frames, files)

    def _same(self, known: Finding, revision: str, frames: tuple[Frame, ...]) -> bool:
        return bool(known.location and known.location.revision == revision and known.frames == frames)

    def _head(self, target: str) -> _Head | None:
        if target not in self._heads:
            self._heads[target] = self._open(target)
        return self._heads[target]

    def _open(self, target: str) -> _Head | None:
        settings = self._runtime.settings.targets.get(target)
        if settings is None:
            return None
        try:
            repository = Repository(settings.repo)
            revision = repository.resolve(f"refs/heads/{settings.branch}")
            files = repository.files(revision) if revision else ()
        except ImproverError:
            return None  # dispatch names the reason where it matters: on the Finding
        return (repository, revision, files) if revision else None


def _merged(
    key: str, known: Finding | None, richest: Symptom, same: list[Symptom], location: Location | None, now: datetime
) -> Finding:
    first_seen = min(s.first_seen for s in same)
    if known:
        first_seen = min(first_seen, known.first_seen)
    trend = statistics.trend(richest.hourly, first_seen, now)
    if known and known.reopened_at and trend != Trend.QUIET:
        trend = Trend.REGRESSED
    return Finding(
        id=key,
        kind=richest.kind,
        target=richest.target,
        environment=richest.environment,
        service=richest.service,
        fingerprint=f"v{richest.grouping_version}:{richest.key}",
        title=richest.title,
        status=known.status if known else FindingStatus.OPEN,
        first_seen=first_seen,
        last_seen=max(s.last_seen for s in same),
        updated_at=now,
        events=max(richest.events, known.events if known else 0),
        events_week=richest.events_week,
        users=max(s.users for s in same),
        hourly=richest.hourly,
        exposures=richest.exposures,
        exposed=richest.exposed,
        failures=richest.failures,
        route=richest.route,
        sources=tuple(sorted({s.source for s in same})),
        evidence=richest.evidence,
        frames=richest.frames,
        trust=_trust(known, same),
        release=richest.release,
        trend=trend,
        location=location,
        score=known.score if known else Score(),
        skipped=known.skipped if known else None,
        reopened_at=known.reopened_at if known else None,
        dismissed_reason=known.dismissed_reason if known else "",
    )


def _trust(known: Finding | None, same: list[Symptom]) -> TrustLabel:
    """One public Event makes the evidence public; of a change that was made on better evidence it decides nothing."""
    if known and known.status not in MOVING:
        return known.trust
    return TrustLabel.SERVER if all(s.trust == TrustLabel.SERVER for s in same) else TrustLabel.PUBLIC


def _quietened(known: Finding) -> Finding:
    """A Finding whose Events have all aged out stays, without a week's worth of anything."""
    return records.changed(known, events_week=0, hourly=(0,) * len(known.hourly), trend=Trend.QUIET)
