"""How far one change may go: the least of what config, evidence, paths, sandbox, approvals and the ledger allow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from improver.config import Settings, Target
from improver.model import Autonomy, Finding, Isolation, OutcomeKind, TrustEntry, TrustLabel, least
from improver.paths import matches

BAD = (OutcomeKind.UNCHANGED, OutcomeKind.WORSE, OutcomeKind.REJECTED)
GOOD = (OutcomeKind.HELD, OutcomeKind.IMPROVED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    level: Autonomy
    because: str

    def __str__(self) -> str:
        return f"{self.level}: {self.because}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What limits a change besides the config: what is known of it by now."""

    finding: Finding
    isolation: Isolation
    ledger: Sequence[TrustEntry]
    paths: Sequence[str] = ()  # that it touches; before there is a change, the one that the Spec points at
    approved: bool = False  # a person has approved its Spec, or the change


def limits(settings: Settings, target: Target, known: Circumstances) -> list[Limit]:
    """Every limit that applies, each with its reason, whether or not it is the one that decides."""
    found = [
        Limit(level=target.autonomy, because=f"the target's autonomy is {target.autonomy}"),
        _evidence(known),
        Limit(level=known.isolation.cap, because=f"isolation is {known.isolation}: {known.isolation.gloss}"),
        _earned(known.ledger, target),
        *_configured(settings, target, known.finding),
        *_paths(target, known.paths),
    ]
    if target.draft_for_approval:
        because = "a draft pull request asks for its approval, and a person merges it there"
        found.append(Limit(level=Autonomy.PR, because=because))
    if not target.test:
        found.append(Limit(level=Autonomy.REPORT, because="the target has no test command"))
    if effective(found) == Autonomy.PR and not (target.repository and target.remote):
        found.append(
            Limit(level=Autonomy.BRANCH, because="no `repository` and `remote` are set: there is nowhere to open a PR")
        )
    return found


def effective(found: Iterable[Limit]) -> Autonomy:
    return least([limit.level for limit in found])


def _evidence(known: Circumstances) -> Limit:
    """Evidence that anybody could have forged may not make improver talk to a forge, unless a person looked at it."""
    trust = known.finding.trust
    if trust == TrustLabel.SERVER:
        return Limit(level=Autonomy.COMMIT, because=f"its evidence is {trust}: {trust.gloss}")
    if known.approved:
        return Limit(level=Autonomy.PR, because=f"its evidence is {trust}, and a person approved it")
    return Limit(level=Autonomy.BRANCH, because=f"its evidence is {trust}: {trust.gloss}")


def _configured(settings: Settings, target: Target, finding: Finding) -> list[Limit]:
    found = []
    overall, of_kind = settings.dispatch.autonomy, target.autonomy_by_kind.get(finding.kind)
    if overall != Autonomy.COMMIT:
        found.append(Limit(level=overall, because=f"`autonomy` under [dispatch] is {overall}, for all targets"))
    if of_kind:
        found.append(Limit(level=of_kind, because=f"the target's autonomy for kind {finding.kind} is {of_kind}"))
    return found


def _paths(target: Target, paths: Sequence[str]) -> list[Limit]:
    """One for each pattern that applies, with the first path that it applies to."""
    found = []
    for glob, level in target.autonomy_by_path.items():
        touched = next((path for path in paths if matches(path, glob)), None)
        if touched:
            found.append(Limit(level=level, because=f"{touched} matches {glob!r}, whose autonomy is {level}"))
    return found


def _earned(ledger: Sequence[TrustEntry], target: Target) -> Limit:
    """The last change of this kind decides: one that did not hold costs a level until one holds again."""
    decided = [entry for entry in ledger if entry.outcome != OutcomeKind.INCONCLUSIVE]
    last = max(decided, key=lambda entry: entry.at, default=None)
    if last and last.outcome in BAD:
        because = f"the last change of this kind here was {last.outcome}: {last.outcome.gloss}"
        return Limit(level=target.autonomy.lowered(), because=because)
    held = sum(entry.outcome in GOOD for entry in decided)
    if held < target.trust_after:
        because = f"{held} changes of this kind held here, {target.trust_after} must before one is committed unseen"
        return Limit(level=Autonomy.PR, because=because)
    speaks = f"{held} changes of this kind held here" if held else "nothing in the ledger of Trust speaks against it"
    return Limit(level=Autonomy.COMMIT, because=speaks)
