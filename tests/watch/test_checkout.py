"""Which commits `improver watch` takes for verified fixes."""

import pytest

from improver.repo import Repository
from improver.watch.checkout import Checkout as Watched
from tests.conftest import Checkout

VERIFIED = "Mend it\n\nImprover-Finding: f1\nImprover-Attempt: 4711"


def deliver(checkout: Checkout, files: dict[str, str], attempt: str = "4711") -> str:
    """A commit on the branch, and the mark that improver makes once it is there."""
    commit = checkout.commit(files, VERIFIED.replace("4711", attempt))
    Repository(checkout.path).mark_delivered(attempt, commit)
    return commit


@pytest.fixture
def watched(checkout: Checkout) -> Watched:
    checkout.commit({"a": "1"})
    return Watched(repository=Repository(checkout.path), branch="main", any_commit=False, say=lambda _: None)


def test_fixes_are_listed_newest_first(checkout: Checkout, watched: Watched) -> None:
    before, first = watched.head(), deliver(checkout, {"a": "2"}, "4710")
    second = deliver(checkout, {"a": "3"})
    assert watched.fixes(before, second) == [second, first]
    assert watched.replaces(before) == second


def test_one_commit_without_an_attempt_leaves_all_of_them_to_a_person(checkout: Checkout, watched: Watched) -> None:
    before = watched.head()
    checkout.commit({"a": "2"}, "Mend it, as Improver-Attempt: 4711 did")
    head = deliver(checkout, {"a": "3"})
    assert watched.fixes(before, head) == []
    assert watched.replaces(before) == ""


def test_an_older_commit_checked_out_is_no_fix(checkout: Checkout, watched: Watched) -> None:
    older = watched.head()
    fix = deliver(checkout, {"a": "2"})
    assert watched.fixes(fix, older) == []


def test_undoing_leaves_a_revert_that_is_no_fix_itself(checkout: Checkout, watched: Watched) -> None:
    before = watched.head()
    fixes = [deliver(checkout, {"a": "2"}, "4710"), deliver(checkout, {"b": "1"})][::-1]
    watched.undo(fixes)
    assert checkout.git("diff", before, "HEAD") == ""
    assert (checkout.path / "a").read_text() == "1"
    assert watched.fixes(before, watched.head()) == []


@pytest.mark.parametrize("named", ["4711", "4712", "4713~1", "../attempts/4714", "4711,4711"])
def test_a_commit_that_only_says_it_is_a_fix_is_none(checkout: Checkout, watched: Watched, named: str) -> None:
    before = watched.head()
    forged = checkout.commit({"a": "2"}, VERIFIED.replace("4711", named))
    checkout.git("update-ref", "refs/improver/attempts/4714", forged)
    Repository(checkout.path).mark_delivered("4711", before)
    assert watched.fixes(before, forged) == []
    Repository(checkout.path).mark_delivered("4713", checkout.commit({"a": "3"}))
    assert watched.fixes(before, forged) == []


def test_a_fix_that_is_marked_after_it_was_seen_is_still_taken(checkout: Checkout, watched: Watched) -> None:
    before, said = watched.head(), []
    watched.say = said.append
    fix = checkout.commit({"a": "2"}, VERIFIED)
    assert [watched.replaces(before), watched.replaces(before)] == ["", ""]
    assert len(said) == 1
    Repository(checkout.path).mark_delivered("4711", fix)
    assert watched.replaces(before) == fix
