"""How the demo reads the daemon's answers."""

from dataclasses import replace
from typing import Any

import pytest

from improver.demo.api import Snapshot
from improver.demo.bugs import BUGS
from improver.demo.progress import Progress, Step

DELETE = next(bug for bug in BUGS if bug.name == "delete")
FINDING: dict[str, Any] = {"id": "f1", "location": "store.py:79 Store.delete", "skipped": None}
ATTEMPT: dict[str, Any] = {
    "id": "a1", "finding_id": "f1", "agent": "rehearsed", "isolation": "bubblewrap", "status": "running",
    "verdicts": [], "delivered": None, "delivered_commit": "", "reason": "", "detail": "",
    "autonomy_reasons": ["report: no test command"],
}  # fmt: skip
PASSED = [{"gate": "size", "result": "pass"}, {"gate": "review", "result": "skip"}]
NOTHING = Snapshot(findings=(), attempts=(), outcomes=(), specs=frozenset())
FOUND = replace(NOTHING, findings=(FINDING,), specs=frozenset({"f1"}))


def followed(*snapshots: Snapshot) -> Progress:
    progress = Progress(bug=DELETE, since=100.0)
    for number, snapshot in enumerate(snapshots, 1):
        progress.follow(snapshot, 100.0 + number)
    return progress


def with_attempt(**fields: Any) -> Snapshot:
    return replace(FOUND, attempts=({**ATTEMPT, **fields},))


def test_each_step_keeps_the_time_it_was_first_reached() -> None:
    progress = followed(NOTHING, FOUND, FOUND)
    assert progress.marks[Step.FINDING].seconds == 2.0
    assert progress.marks[Step.FINDING].says == "store.py:79 Store.delete"
    assert Step.SPEC in progress.marks and Step.ATTEMPT not in progress.marks


@pytest.mark.parametrize("location", ["store.py:64 Store.mark_done", "store.py", "", "app.py:77 delete_all"])
def test_another_place_is_another_bug(location: str) -> None:
    elsewhere = replace(NOTHING, findings=({**FINDING, "location": location},))
    assert followed(elsewhere).finding == {}


def test_a_delivered_commit_passes_gates_and_commit() -> None:
    done = with_attempt(status="delivered", delivered="commit", delivered_commit="c" * 40, verdicts=PASSED)
    progress = followed(FOUND, done)
    assert progress.marks[Step.GATES].says == "1 of 1 passed"
    assert progress.marks[Step.COMMIT].says == "c" * 10
    assert progress.marks[Step.ATTEMPT].says == "rehearsed, bubblewrap"
    assert not progress.problem


@pytest.mark.parametrize("isolation", ["exempt", "host", "none"])
def test_what_ran_without_a_sandbox_says_so(isolation: str) -> None:
    progress = followed(with_attempt(isolation=isolation))
    assert progress.unsandboxed
    assert progress.marks[Step.ATTEMPT].says == "rehearsed, unsandboxed"


def test_a_delivery_short_of_a_commit_is_a_problem_with_its_reasons() -> None:
    assert "report: no test command" in followed(with_attempt(status="delivered", delivered="report")).problem


def test_giving_up_is_a_problem_and_waiting_is_not() -> None:
    given_up = {**FINDING, "skipped": "tries_exhausted"}
    exhausted = replace(with_attempt(status="failed", reason="gate_failed"), findings=(given_up,))
    assert "tries_exhausted" in followed(exhausted).problem
    assert "gate_failed" in followed(exhausted).problem
    assert followed(replace(FOUND, findings=({**FINDING, "skipped": "attempt_live"},))).problem == ""


def test_only_an_outcome_that_held_ends_well() -> None:
    outcome = {"finding_id": "f1", "kind": "held", "exposures": 4, "detail": "4 clean runs"}
    assert Step.OUTCOME in followed(replace(FOUND, outcomes=(outcome,))).marks
    worse = followed(replace(FOUND, outcomes=({**outcome, "kind": "unchanged", "detail": "came back"},)))
    assert worse.problem == "the outcome is unchanged: came back"
    assert not worse.held
