"""How far a change may go is the least of all that limits it, and each limit says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from improver.config import Settings
from improver.dispatching.autonomy import Circumstances, effective, limits
from improver.model import (
    Autonomy,
    Finding,
    FindingKind,
    FindingStatus,
    Isolation,
    OutcomeKind,
    TrustEntry,
    TrustLabel,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FINDING = Finding(
    id="f", kind=FindingKind.ERROR, target="shop", environment="", service="", fingerprint="v2:k", title="",
    status=FindingStatus.OPEN, first_seen=NOW, last_seen=NOW, updated_at=NOW, trust=TrustLabel.SERVER,
)  # fmt: skip
KNOWN = Circumstances(finding=FINDING, isolation=Isolation.BUBBLEWRAP, ledger=())


def entry(outcome: OutcomeKind, days: int = 0) -> TrustEntry:
    at = NOW + timedelta(days=days)
    return TrustEntry(id=f"{outcome}{days}", target="shop", kind="error", agent="a", outcome=outcome, at=at)


def level(known: Circumstances = KNOWN, dispatch: dict | None = None, **target: object) -> Autonomy:
    whole = {"repo": ".", "autonomy": "commit", "test": ["true"], "remote": "origin", "repository": "o/s"} | target
    settings = Settings(targets={"shop": whole}, dispatch=dispatch or {})
    return effective(limits(settings, settings.targets["shop"], known))


def test_with_nothing_against_it_the_targets_own_autonomy_holds():
    assert level() == "commit"
    assert level(autonomy="branch") == "branch"


def test_the_least_of_all_decides():
    assert level(dispatch={"autonomy": "pr"}) == "pr"
    assert level(autonomy="report", dispatch={"autonomy": "pr"}) == "report"
    assert level(autonomy_by_kind={"error": "pr"}) == "pr"
    assert level(autonomy_by_kind={"friction": "report"}) == "commit"
    assert level(replace(KNOWN, isolation=Isolation.LANDLOCK)) == "branch"
    assert level(replace(KNOWN, isolation=Isolation.NONE)) == "report"
    assert level(test=[]) == "report"


def test_a_path_lowers_it_only_where_it_is_touched():
    by_path = {"migrations/**": "report", "src/billing/**": "pr"}
    assert level(replace(KNOWN, paths=["src/app.py"]), autonomy_by_path=by_path) == "commit"
    assert level(replace(KNOWN, paths=["src/app.py", "src/billing/tax.py"]), autonomy_by_path=by_path) == "pr"
    touched = replace(KNOWN, paths=["src/billing/tax.py", "migrations/1.sql"])
    assert level(touched, autonomy_by_path=by_path) == "report"


def test_nothing_leads_to_a_forge_that_is_not_configured():
    assert level(autonomy="pr", repository="") == "branch"
    assert level(autonomy="pr", remote="") == "branch"


def test_evidence_of_anybody_goes_to_a_branch_and_further_only_with_a_persons_word():
    public = replace(KNOWN, finding=replace(FINDING, trust=TrustLabel.PUBLIC))
    assert level(public) == "branch"
    assert level(replace(public, approved=True)) == "pr"


@pytest.mark.parametrize("bad", [OutcomeKind.UNCHANGED, OutcomeKind.WORSE, OutcomeKind.REJECTED])
def test_a_change_that_did_not_hold_costs_a_level_until_one_holds(bad):
    assert level(replace(KNOWN, ledger=[entry(OutcomeKind.HELD), entry(bad, 1)])) == "pr"
    assert level(replace(KNOWN, ledger=[entry(bad, 1), entry(OutcomeKind.HELD, 2)])) == "commit"
    assert level(replace(KNOWN, ledger=[entry(bad, 1), entry(OutcomeKind.INCONCLUSIVE, 2)])) == "pr"
    assert level(replace(KNOWN, ledger=[entry(bad)]), autonomy="report") == "report"


def test_trust_can_be_earned_by_changes_that_held():
    held = [entry(OutcomeKind.HELD, day) for day in range(3)]
    assert level(trust_after=3) == "pr"
    assert level(replace(KNOWN, ledger=held[:2]), trust_after=3) == "pr"
    assert level(replace(KNOWN, ledger=held), trust_after=3) == "commit"


def test_every_limit_says_why():
    found = limits(
        Settings(dispatch={"autonomy": "pr"}),
        Settings(targets={"shop": {"repo": ".", "autonomy_by_path": {"*": "pr"}}}).targets["shop"],
        replace(KNOWN, paths=["a"]),
    )
    assert all(limit.because and str(limit).startswith(limit.level) for limit in found)
    assert len({limit.because for limit in found}) == len(found)
