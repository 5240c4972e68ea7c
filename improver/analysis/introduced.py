"""Since which release there is a Finding: the first that it was seen in, and the last one that ran without it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from improver.model import FAILURES, FindingKind, Introduced, Symptom
from improver.model.ids import digest
from improver.repo.releases import commit_of
from improver.runtime import Runtime

ERRORS = """
select target, environment, key, release, min(occurred_at) as since from errors
where release <> '' and key in (select unnest($keys)) group by all
"""
SIGHTINGS = """
select target, environment, detector, service, key, release, min(occurred_at) as since from sightings
where release <> '' and detail::varchar <> 'null' and detector in (select unnest($detectors)) group by all
"""

# Where each kind's place ran, failing or not.
ROUTES = """
select target, environment, route as place, release, min(hour) as since from route_hours
where release <> '' and route in (select unnest($places)) group by all
"""
SESSIONS = """
select target, environment, service as place, release, min(occurred_at) as since from sessions
where release <> '' and service in (select unnest($places)) group by all
"""
PAGES = """
select target, environment, route as place, release, min(occurred_at) as since from usage
where release <> '' and route in (select unnest($places)) group by all
"""
TOOLS = """
select target, environment, release, min(occurred_at) as since,
    regexp_replace(regexp_extract(tool, '([^./:]*)$', 1), '^.*__(.+)$', '\\1') as place
from tool_calls where release <> '' group by all having list_contains($places, place)
"""

Ran = dict[tuple[str, str, str], dict[str, datetime]]


@dataclass(kw_only=True, slots=True)
class _Wanted:
    """One Finding's Symptoms, and the releases that they were seen in, each since when."""

    first: Symptom
    keys: frozenset[str]
    releases: dict[str, datetime] = field(default_factory=dict)

    @property
    def scope(self) -> tuple[str, str]:
        return self.first.target, self.first.environment


def introduced(runtime: Runtime, grouped: Mapping[str, Sequence[Symptom]]) -> dict[str, Introduced]:
    """Of those that telemetry names a release of; asked once for each Finding, when it is new."""
    wanted = {
        key: _Wanted(first=min(same, key=lambda one: one.first_seen), keys=frozenset(one.key for one in same))
        for key, same in grouped.items()
        if any(one.release for one in same)
    }
    if not wanted:
        return {}
    _seen(runtime, wanted.values())
    for one in wanted.values():
        if not one.releases and one.first.release:
            one.releases[one.first.release] = one.first.first_seen  # what is no series of Events says itself
    ran = [_ran(runtime, wanted.values(), *way) for way in _WAYS]
    found = {key: _introduced(one, ran) for key, one in wanted.items() if one.releases}
    commits = _Commits(runtime)
    return {key: commits.resolved(wanted[key].first.target, one) for key, one in found.items()}


def _seen(runtime: Runtime, wanted: Iterable[_Wanted]) -> None:
    by_key: dict[tuple[str, str, str], list[_Wanted]] = {}
    for one in wanted:
        for key in one.keys:
            by_key.setdefault((*one.scope, key), []).append(one)
    detectors = {one.first.detector for one in wanted}
    telemetry = runtime.warehouse.telemetry
    rows = telemetry.rows(ERRORS, {"keys": [key for _, _, key in by_key]}) if "errors" in detectors else []
    sighted = telemetry.rows(SIGHTINGS, {"detectors": sorted(detectors)})
    rows += [{**row, "key": digest(row["detector"], row["service"], row["key"])} for row in sighted]
    for row in rows:
        for one in by_key.get((row["target"], row["environment"], row["key"]), ()):
            _note(one.releases, row)


def _note(releases: dict[str, datetime], row: Mapping[str, Any]) -> None:
    since = row["since"].replace(tzinfo=UTC)
    releases[row["release"]] = min(since, releases.get(row["release"], since))


def _ran(runtime: Runtime, wanted: Iterable[_Wanted], kinds: tuple[FindingKind, ...], name: str, query: str) -> Ran:
    places = sorted({getattr(one.first, name) for one in wanted if one.first.kind in kinds} - {""})
    ran: Ran = {}
    for row in runtime.warehouse.telemetry.rows(query, {"places": places}) if places else ():
        _note(ran.setdefault((row["target"], row["environment"], row["place"]), {}), row)
    return ran


_SERVED = (*FAILURES, FindingKind.PERFORMANCE)
# By the first that tells of a Finding's place: which kinds it is for, what their place is called there, and the query.
_WAYS = (
    (_SERVED, "route", ROUTES),
    (_SERVED, "service", SESSIONS),
    ((FindingKind.FRICTION,), "route", PAGES),
    ((FindingKind.AGENT_FRICTION,), "place", TOOLS),
)


def _introduced(one: _Wanted, ran: Sequence[Ran]) -> Introduced:
    release, at = min(one.releases.items(), key=lambda found: (found[1], found[0]))
    for (_, name, _), there in zip(_WAYS, ran, strict=True):
        releases = there.get((*one.scope, getattr(one.first, name)), {})
        before = {other: since for other, since in releases.items() if other not in one.releases and since < at}
        if before:
            return Introduced(release=release, at=at, after=max(before, key=lambda other: (before[other], other)))
    return Introduced(release=release, at=at)


class _Commits:
    """What releases are in their Targets' repositories; each is asked of git once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._known: dict[tuple[str, str], str] = {}

    def resolved(self, target: str, found: Introduced) -> Introduced:
        return replace(found, commit=self._of(target, found.release), after_commit=self._of(target, found.after))

    def _of(self, target: str, release: str) -> str:
        settings = self._runtime.settings.targets.get(target)
        if settings is None or not release:
            return ""
        if (target, release) not in self._known:
            self._known[target, release] = commit_of(settings.repo, release, "telemetry")
        return self._known[target, release]
