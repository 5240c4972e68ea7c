"""How far one change may go: the least of what the config, the evidence, the sandbox and the ledger allow."""

from collections.abc import Sequence
from dataclasses import dataclass

from improver.config import Target
from improver.model import Autonomy, Finding, Isolation, OutcomeKind, TrustEntry, TrustLabel, least

BAD = (OutcomeKind.UNCHANGED, OutcomeKind.WORSE, OutcomeKind.REJECTED)
# Evidence that anybody could have forged may not make improver talk to a forge by itself.
TRUST_CAPS = {TrustLabel.PUBLIC: Autonomy.BRANCH, TrustLabel.SERVER: Autonomy.COMMIT}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    level: Autonomy
    because: str


def limits(finding: Finding, target: Target, isolation: Isolation, ledger: Sequence[TrustEntry]) -> list[Limit]:
    """Every limit that applies, each with its reason, whether or not it is the one that decides."""
    found = [
        Limit(level=target.autonomy, because=f"the target's autonomy is {target.autonomy}"),
        Limit(level=TRUST_CAPS[finding.trust], because=f"its evidence is {finding.trust}: {finding.trust.gloss}"),
        Limit(level=isolation.cap, because=f"isolation is {isolation}: {isolation.gloss}"),
        _earned(ledger, target.autonomy),
    ]
    if not target.test:
        found.append(Limit(level=Autonomy.REPORT, because="the target has no test command"))
    if effective(found) == Autonomy.PR and not (target.repository and target.remote):
        found.append(
            Limit(level=Autonomy.BRANCH, because="no `repository` and `remote` are set: there is nowhere to open a PR")
        )
    return found


def effective(found: Sequence[Limit]) -> Autonomy:
    return least([limit.level for limit in found])


def _earned(ledger: Sequence[TrustEntry], configured: Autonomy) -> Limit:
    """The last change of this kind decides: one that did not hold costs a level until one holds again."""
    decided = [entry for entry in ledger if entry.outcome != OutcomeKind.INCONCLUSIVE]
    last = max(decided, key=lambda entry: entry.at, default=None)
    if last is None or last.outcome not in BAD:
        return Limit(level=Autonomy.COMMIT, because="nothing in the ledger of Trust speaks against it")
    return Limit(
        level=configured.lowered(),
        because=f"the last change of this kind here was {last.outcome}: {last.outcome.gloss}",
    )
