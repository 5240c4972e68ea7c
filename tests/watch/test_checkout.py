"""Which commits `improver watch` takes for verified fixes."""

import pytest

from improver.repo import Repository
from improver.watch.checkout import Checkout as Watched
from tests.conftest import Checkout

VERIFIED = "Mend it\n\nImprover-Finding: f1\nImprover-Attempt: 4711"


@pytest.fixture
def watched(checkout: Checkout) -> Watched:
    checkout.commit({"a": "1"})
    return Watched(repository=Repository(checkout.path), branch="main", any_commit=False, say=lambda _: None)


def test_fixes_are_listed_newest_first(checkout: Checkout, watched: Watched) -> None:
    before, first = watched.head(), checkout.commit({"a": "2"}, VERIFIED)
    second = checkout.commit({"a": "3"}, VERIFIED)
    assert watched.fixes(before, second) == [second, first]
    assert watched.replaces(before) == second


def test_one_commit_without_an_attempt_leaves_all_of_them_to_a_person(checkout: Checkout, watched: Watched) -> None:
    before = watched.head()
    checkout.commit({"a": "2"}, "Mend it, as Improver-Attempt: 4711 did")
    head = checkout.commit({"a": "3"}, VERIFIED)
    assert watched.fixes(before, head) == []
    assert watched.replaces(before) == ""


def test_an_older_commit_checked_out_is_no_fix(checkout: Checkout, watched: Watched) -> None:
    older = watched.head()
    fix = checkout.commit({"a": "2"}, VERIFIED)
    assert watched.fixes(fix, older) == []


def test_undoing_leaves_a_revert_that_is_no_fix_itself(checkout: Checkout, watched: Watched) -> None:
    before = watched.head()
    fixes = [checkout.commit({"a": "2"}, VERIFIED), checkout.commit({"b": "1"}, VERIFIED)][::-1]
    watched.undo(fixes)
    assert checkout.git("diff", before, "HEAD") == ""
    assert (checkout.path / "a").read_text() == "1"
    assert watched.fixes(before, watched.head()) == []
