"""The words of remarks."""

import pytest

from improver.grouping import wording


def test_only_what_tells_something_is_kept_without_its_endings():
    assert wording.words("The exports of my orders are failing again!") == {"export", "order", "fail"}
    assert wording.words("edit_page clears the theme") == {"edit", "clear", "them"}


def test_what_has_no_words_is_like_nothing():
    assert wording.likeness(frozenset(), wording.words("export")) == 0.0


@pytest.mark.parametrize("text", ["Please add a dark mode", "It would be nice to sort", "I wish there were tags"])
def test_wishes(text):
    assert wording.is_wish(text)


@pytest.mark.parametrize("text", ["it doesn't open", "The list is empty", "nothing happens when I save"])
def test_complaints(text):
    assert wording.is_complaint(text)


@pytest.mark.parametrize(
    "text", ["Works great", "no problems at all", "nothing to complain about", "never had any issues"]
)
def test_praise_is_no_complaint(text):
    assert not wording.is_complaint(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The site logs me out at random", "my session timed out during an upload"),
        ("I keep being signed out after lunch", "Had to log in again after each export"),
        ("I cannot log in since Monday", "login fails with the new password"),
        ("the app is down", "Everything was offline this morning"),
    ],
)
def test_one_saying_in_other_words_is_alike(one, other):
    assert wording.likeness(wording.words(one), wording.words(other)) == 1.0


@pytest.mark.parametrize(
    "text", ["where do I log out?", "log in with Google please", "the session list is empty", "scroll down is slow"]
)
def test_what_only_has_a_word_of_a_saying_says_something_else(text):
    assert not wording.sayings(text)


def test_a_failure_that_is_told_and_one_that_is_denied():
    assert wording.tells_failure("saving fails")
    assert not wording.tells_failure("never had any errors")
