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
    "text",
    [
        "Works great", "no problems at all", "nothing to complain about", "never had any issues", "I can't complain",
        "Can’t really fault it", "couldn't be happier", "Nothing is broken, for once", "it has never once crashed",
        "I could not ask for more", "nothing went wrong", "not missing anything", "no worries", "I never miss a thing",
    ],
)  # fmt: skip
def test_praise_is_no_complaint(text):
    assert not wording.is_complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't complain anywhere, the form is broken", "It never crashed before", "nothing was saved",
        "nothing works, it fails", "Can't complain, but the search is slow", "nothing was broken until the update",
        "I cannot complain enough about it", "it never loads", "I can't ask for more than one room",
    ],
)  # fmt: skip
def test_what_only_sounds_like_praise_is_a_complaint(text):
    assert wording.is_complaint(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I got every invoice twice by mail", "Duplicate invoice e-mails again, one would do"),
        ("two copies of the receipt come out of the printer", "receipt printer: doubled"),
        ("the report is blank", "an empty report since Monday"),
    ],
)
def test_one_thing_of_which_the_same_is_wrong_in_other_words_is_alike(one, other):
    assert wording.likeness(wording.words(one), wording.words(other)) >= 0.5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("charged twice", "every invoice twice"),
        ("the cart is empty", "blank report"),
        ("my invoice is blank", "invoice came twice"),
        ("duplicate contacts", "the upload starts two times"),
    ],
)
def test_the_same_of_two_things_and_two_things_of_one_are_not(one, other):
    assert wording.likeness(wording.words(one), wording.words(other)) == 0.0


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
