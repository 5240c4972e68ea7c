"""Which Findings are one: because whole stacks say so, because they are alike enough, or because a person does."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from improver.analysis import outages
from improver.errors import ImproverError
from improver.grouping import is_in_app, likeness, raising
from improver.model import Finding, FindingStatus, Frame, Kin, Kinship, Symptom, ToldBy
from improver.model.ids import digest
from improver.warehouse import Reader, Writer, records

# What has an Attempt or a change of its own keeps its own story.
MERGEABLE = (FindingStatus.OPEN, FindingStatus.DISMISSED, FindingStatus.MERGED)
WAYS = 2  # in which a line fails by itself: one that fails in more only passes on what its callers do wrong

Lines = tuple[tuple[str, str, int | None], ...]


def finding_id(target: str, environment: str, version: int, key: str) -> str:
    return digest(target, environment, version, key, length=12)


def of_symptom(symptom: Symptom) -> str:
    return finding_id(symptom.target, symptom.environment, symptom.grouping_version, symptom.key)


def pair(one: str, other: str) -> str:
    return digest(*sorted((one, other)))


class Kinships:
    """All verdicts, and those that were added."""

    def __init__(self, known: Iterable[Kinship]) -> None:
        self._known = {kinship.id: kinship for kinship in known}
        self._into = {k.finding_id: k.other_id for k in self._known.values() if k.kin == Kin.MERGED}
        self.added: list[Kinship] = []

    @classmethod
    def read(cls, reader: Reader) -> "Kinships":
        return cls(records.select(reader, Kinship))

    def root(self, finding: str) -> str:
        """The Finding that its Events count with: itself, unless it was merged."""
        while finding in self._into:
            finding = self._into[finding]
        return finding

    def between(self, one: str, other: str) -> Kinship | None:
        return self._known.get(pair(one, other))

    def of(self, finding: str, kin: Kin) -> list[Kinship]:
        return [k for k in self._known.values() if k.kin == kin and finding in (k.finding_id, k.other_id)]

    def members(self, root: str) -> list[str]:
        """The Findings that were merged into this one, however indirectly."""
        return sorted(one for one in self._into if self.root(one) == root)

    def kept_apart(self, one: str, other: str) -> bool:
        """Whether a person told apart any two of those that would become one."""
        ones, others = ([root, *self.members(root)] for root in (self.root(one), self.root(other)))
        return any((found := self.between(a, b)) and found.kin == Kin.APART for a in ones for b in others)

    def add(self, one: str, other: str, kin: Kin, told_by: ToldBy, alike: float, now: datetime) -> None:
        kinship = Kinship(
            id=pair(one, other), finding_id=one, other_id=other, kin=kin, told_by=told_by, likeness=alike, at=now
        )
        self._known[kinship.id] = kinship
        self.added.append(kinship)
        if kin == Kin.MERGED:
            self._into[one] = other


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """What decides whether a Finding may be one with another."""

    id: str
    status: FindingStatus
    first_seen: datetime
    scope: tuple[str, ...]
    frames: tuple[Frame, ...]
    system_keys: tuple[str, ...]
    translates: tuple[str, ...]
    outages: tuple[tuple[str, ...], ...]
    stopped_at: tuple[raising.Line, ...]
    fresh: bool
    whole: bool  # its frames are the user's own, and tell all: no exception led to the one that surfaced

    @property
    def deployed(self) -> tuple[str, ...]:
        return self.scope[:2]


def settle(kinships: Kinships, known: Mapping[str, Finding], symptoms: Iterable[Symptom], now: datetime) -> None:
    """Merge and suggest what this pass has learned; what was settled before stays as it is."""
    by_age = sorted(_candidates(known, symptoms), key=lambda one: (one.fresh, one.first_seen, one.id))
    _by_key(kinships, by_age, [one.system_keys for one in by_age], ToldBy.STACK, now)
    _by_key(kinships, by_age, [one.translates for one in by_age], ToldBy.TRANSLATED, now)
    _by_key(kinships, by_age, [one.outages for one in by_age], ToldBy.OUTAGE, now)
    _by_key(kinships, by_age, _stopping(by_age), ToldBy.STOPPED, now)
    _by_lines(kinships, by_age, now)
    _by_likeness(kinships, by_age, now)


def _candidates(known: Mapping[str, Finding], symptoms: Iterable[Symptom]) -> list[Candidate]:
    grouped: dict[str, list[Symptom]] = defaultdict(list)
    for symptom in symptoms:
        if symptom.frames:
            grouped[of_symptom(symptom)].append(symptom)
    return [_candidate(key, same, known.get(key)) for key, same in grouped.items()]


def _candidate(key: str, same: list[Symptom], known: Finding | None) -> Candidate:
    richest = max(same, key=lambda one: (one.events, one.source))
    return Candidate(
        id=key,
        status=known.status if known else FindingStatus.OPEN,
        first_seen=min(one.first_seen for one in same),
        scope=(richest.target, richest.environment, richest.exception),
        frames=richest.frames,
        system_keys=tuple(sorted({found for one in same for found in one.stacks})),
        translates=tuple(sorted({one.translates for one in same} - {""})),
        outages=tuple(sorted({outages.key(one) for one in same} - {()})),
        stopped_at=tuple(filter(None, dict.fromkeys(map(_stopped_at, same)))),
        fresh=known is None,
        whole=" > " not in richest.exception and any(map(is_in_app, richest.frames)),
    )


def _stopped_at(symptom: Symptom) -> raising.Line:
    return raising.stopped_at(symptom.frames, symptom.exception, symptom.title)


def _by_key(
    kinships: Kinships, by_age: list[Candidate], keys: Sequence[Sequence[object]], told_by: ToldBy, now: datetime
) -> None:
    """Those deployed together that have one of these keys in common, whatever it is made of."""
    owners: dict[tuple[object, ...], Candidate] = {}
    for one, its in zip(by_age, keys, strict=True):
        for key in its:
            owner = owners.setdefault((one.deployed, key), one)
            _merge(kinships, one, owner, told_by, 1.0, now)


def _stopping(by_age: list[Candidate]) -> list[list[raising.Line]]:
    """The lines that the runtime stopped, whoever came to them, as far as they fail by themselves."""
    ways: dict[tuple[object, ...], set[object]] = defaultdict(set)
    for one in by_age:
        for *place, said in one.stopped_at:
            ways[one.deployed, *place].add(said)
    return [[line for line in one.stopped_at if len(ways[one.deployed, *line[:-1]]) <= WAYS] for one in by_age]


def _by_lines(kinships: Kinships, by_age: list[Candidate], now: datetime) -> None:
    """Only what is new is compared: with the inner ends of the others, and by its own with them."""
    if not any(one.fresh for one in by_age):
        return
    whole: dict[tuple[object, ...], Candidate] = {}
    ending: dict[tuple[object, ...], Candidate] = {}
    for one in by_age:
        stack = lines(one.frames)
        ends = [(*one.scope, end) for end in inner_ends(stack)]
        key = (*one.scope, stack)
        for other in filter(None, [ending.get(key), *map(whole.get, ends)]) if one.fresh else ():
            _merge(kinships, one, other, ToldBy.LINES, 1.0, now)
        whole.setdefault(key, one)
        for end in ends:
            ending.setdefault(end, one)


def lines(frames: Sequence[Frame]) -> Lines:
    """Where each frame stood; nothing where that is not known, or none is the user's own."""
    if not any(map(is_in_app, frames)) or any(frame.lineno is None for frame in frames):
        return ()
    return tuple((frame.abs_path or frame.filename, frame.function, frame.lineno) for frame in frames)


def inner_ends(stack: Lines) -> list[Lines]:
    """The stack without its outer frames: as what is raised is told where it is caught, and raised on."""
    return [stack[first:] for first in range(1, len(stack))]


def _by_likeness(kinships: Kinships, by_age: list[Candidate], now: datetime) -> None:
    """Only what is new is compared: a Finding's stack does not change."""
    scopes: dict[tuple[str, ...], list[Candidate]] = defaultdict(list)
    for one in by_age:
        scopes[one.scope].append(one)
    for together in scopes.values():
        if together[-1].fresh and len(together) > 1:
            _within(kinships, together, now)


def _within(kinships: Kinships, together: list[Candidate], now: datetime) -> None:
    stacks, seen = likeness.Stacks(), {one.id: one for one in together}
    for one in together:
        stack = likeness.keys(one.frames)
        for alike, other in stacks.like(stack) if one.fresh else ():
            if kinships.between(one.id, other) or kinships.root(one.id) == kinships.root(other):
                continue
            open_and_whole = one.whole and seen[other].whole and seen[other].status == FindingStatus.OPEN
            sure = open_and_whole and stacks.mergeable(stack, other, alike)
            if not (sure and _merge(kinships, one, seen[other], ToldBy.LIKENESS, alike, now)):
                kinships.add(one.id, other, Kin.ALIKE, ToldBy.LIKENESS, round(alike, 3), now)
        stacks.add(one.id, stack)


def _merge(
    kinships: Kinships, one: Candidate, other: Candidate, told_by: ToldBy, alike: float, now: datetime
) -> bool:
    apart = kinships.root(one.id) == kinships.root(other.id) or kinships.kept_apart(one.id, other.id)
    if apart or one.status != FindingStatus.OPEN or kinships.root(one.id) != one.id:
        return False
    kinships.add(one.id, kinships.root(other.id), Kin.MERGED, told_by, round(alike, 3), now)
    return True


def merge(writer: Writer, one: Finding, other: Finding, now: datetime) -> Finding:
    """A person makes them one: the first counts with the second from now on."""
    kinships = Kinships.read(writer)
    into = kinships.root(other.id)
    if kinships.root(one.id) == into:
        raise ImproverError(
            f"findings {one.id} and {other.id} are one already", hint=f"`improver findings show {into}`"
        )
    if (one.target, one.environment) != (other.target, other.environment):
        raise ImproverError(
            f"findings {one.id} and {other.id} are of different targets or environments",
            hint="what is deployed apart is watched and changed apart: only Findings of one can be merged",
        )
    absorbed = records.get(writer, Finding, kinships.root(one.id)) or one
    if absorbed.status not in MERGEABLE:
        raise ImproverError(
            f"finding {absorbed.id} is {absorbed.status}", hint=f"merge the other into it: {other.id} {absorbed.id}"
        )
    kinships.add(absorbed.id, into, Kin.MERGED, ToldBy.PERSON, 1.0, now)
    records.put_all(writer, kinships.added)
    records.put(writer, records.changed(absorbed, status=FindingStatus.MERGED, updated_at=now))
    return records.get(writer, Finding, into) or other


def split(writer: Writer, finding: Finding, now: datetime) -> list[str]:
    """A person takes it out of the Finding it was merged into, or takes out all that were merged into it."""
    kinships = Kinships.read(writer)
    undone = [k for k in kinships.of(finding.id, Kin.MERGED) if k.finding_id == finding.id]
    undone = undone or kinships.of(finding.id, Kin.MERGED)
    if not undone:
        raise ImproverError(
            f"finding {finding.id} is not made of several",
            hint="its Events have one grouping key; a fingerprint that the app sends itself can tell them apart",
        )
    for kinship in undone:
        kinships.add(kinship.finding_id, kinship.other_id, Kin.APART, ToldBy.PERSON, kinship.likeness, now)
        member = records.get(writer, Finding, kinship.finding_id)
        whole = records.get(writer, Finding, kinship.other_id)
        if whole:
            # What each has had is not known any more: the next pass counts anew.
            records.put(writer, records.changed(whole, events=0, keys=whole.keys[:1], updated_at=now))
        if member:
            status = FindingStatus.DISMISSED if member.dismissed_reason else FindingStatus.OPEN
            records.put(writer, records.changed(member, status=status, updated_at=now))
    records.put_all(writer, kinships.added)
    return [kinship.finding_id for kinship in undone]
