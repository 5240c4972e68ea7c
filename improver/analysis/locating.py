"""Findings → places in their Targets' code, each looked for when it is new and when its Target's branch has moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from improver.analysis import clues
from improver.analysis.introduced import introduced
from improver.errors import ImproverError
from improver.locate import Atlas, Spot, atlas_of
from improver.locate.suspects import suspects
from improver.model import Finding, FindingStatus, Introduced, Location, Symptom, Unlocated
from improver.repo import Repository, owners
from improver.runtime import Runtime

# What is to be changed is located anew as the branch moves; what was changed stays where it was found.
MOVING = (FindingStatus.OPEN, FindingStatus.DISMISSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a Finding is, or why that is not known, and since which release there is one."""

    location: Location | None = None
    unlocated: Unlocated | None = None
    sought: str = ""
    introduced: Introduced | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    repo: Path
    revision: str


def places(
    runtime: Runtime,
    grouped: Mapping[str, Sequence[Symptom]],
    richest: Mapping[str, Symptom],
    seen: Mapping[str, Finding],
) -> dict[str, Place]:
    """Of every Finding that has Symptoms; a Target that cannot be read locates nothing anew."""
    known = {key: seen[key].introduced for key in grouped if key in seen and seen[key].introduced}
    new = introduced(runtime, {key: same for key, same in grouped.items() if key not in known})
    since = {key: known.get(key) or new.get(key) for key in grouped}
    found: dict[str, Place] = {}
    for target in sorted({one.target for one in richest.values()}):
        here = {key: one for key, one in richest.items() if one.target == target}
        found |= _of_target(runtime, _head(runtime, target), here, seen, since)
    return found


def _of_target(
    runtime: Runtime,
    head: _Head | None,
    symptoms: Mapping[str, Symptom],
    seen: Mapping[str, Finding],
    since: Mapping[str, Introduced | None],
) -> dict[str, Place]:
    kept = {key: as_known(seen.get(key), since[key]) for key in symptoms}
    wanted = {key: one for key, one in symptoms.items() if head and _is_due(one, seen.get(key), head, since[key])}
    if head is None or not wanted:
        return kept
    try:
        return kept | _looked_up(runtime, head, wanted, seen, since)
    except ImproverError:
        return kept  # git is slow or the checkout is gone: dispatch names the reason where it matters, on the Finding


def _looked_up(
    runtime: Runtime,
    head: _Head,
    wanted: Mapping[str, Symptom],
    seen: Mapping[str, Finding],
    since: Mapping[str, Introduced | None],
) -> dict[str, Place]:
    """The most frequent first: what is too much for one look is looked for in the next pass."""
    atlas = atlas_of(head.repo, head.revision)
    ordered = sorted(wanted, key=lambda key: -wanted[key].events)
    told = clues.read(runtime, {key: wanted[key] for key in ordered})
    atlas.prepare(told.values())
    spots = {key: atlas.spot(clue) for key, clue in told.items()}
    # What tells nothing any more, such as a stack that is sent no longer, does not unsettle what was found before.
    unsettled = {key for key, spot in spots.items() if not (spot == Unlocated.UNTOLD and _has_place(seen.get(key)))}
    return {key: _place(atlas, spots[key], since[key]) for key in ordered if key in unsettled}


def _place(atlas: Atlas, spot: Spot | Unlocated, since: Introduced | None) -> Place:
    if isinstance(spot, Unlocated):
        sought = "" if spot == Unlocated.UNREAD else atlas.revision
        return Place(unlocated=spot, sought=sought, introduced=since)
    location = Location(
        file=spot.file,
        revision=atlas.revision,
        function=spot.function,
        line=spot.line,
        suspects=suspects(atlas.repository, atlas.revision, spot, since),
        told_by=spot.told_by,
        owners=owners.owners_of(spot.file, _codeowners(atlas)),
    )
    return Place(location=location, sought=atlas.revision, introduced=since)


def _codeowners(atlas: Atlas) -> str:
    return owners.codeowners(lambda place: atlas.source(place) if place in atlas.files else None)


def _is_due(one: Symptom, known: Finding | None, head: _Head, since: Introduced | None) -> bool:
    if known is None:
        return True
    if known.location and known.status not in MOVING:
        return False
    same = (known.frames, known.route, known.place, known.introduced) == (one.frames, one.route, one.place, since)
    return not (same and known.sought == head.revision)


def _has_place(known: Finding | None) -> bool:
    return known is not None and known.location is not None


def as_known(known: Finding | None, since: Introduced | None = None) -> Place:
    """What was known before."""
    if known is None:
        return Place(introduced=since)
    since = since or known.introduced
    return Place(location=known.location, unlocated=known.unlocated, sought=known.sought, introduced=since)


def _head(runtime: Runtime, target: str) -> _Head | None:
    settings = runtime.settings.targets.get(target)
    if settings is None:
        return None
    try:
        revision = Repository(settings.repo).resolve(f"refs/heads/{settings.branch}")
    except ImproverError:
        return None
    return _Head(repo=settings.repo, revision=revision) if revision else None

