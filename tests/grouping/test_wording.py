"""The words of remarks."""

import pytest

from improver.grouping import wording


def test_only_what_tells_something_is_kept_without_its_endings():
    assert wording.words("The exports of my orders are failing again!") == {"export", "order", "fail"}
    assert wording.words("edit_page renames the theme") == {"edit", "renam", "them"}
    assert wording.words("planned tasks and cancelled shifts") == {"plan", "task", "cancel", "shift"}


def test_what_has_no_words_is_like_nothing():
    assert wording.likeness(frozenset(), wording.words("export")) == 0.0


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("my card was declined at the till", "The payment is refused in shops"),
        ("the fee was debited two times", "double charge on my credit card"),
        ("no confirmation mail came", "the e-mail with the ticket never arrived"),
        ("video calls drop out", "The conference got cut off again"),
        ("the search takes forever", "searching is so slow since the update"),
        ("the app drains the battery", "phone gets hot and the battery usage is huge"),
    ],
)
def test_the_same_wrong_with_one_topic_is_alike_in_whatever_words(one, other):
    assert wording.likeness(wording.words(one), wording.words(other)) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I was charged twice", "my card is refused"),
        ("the total on the invoice is wrong", "the payslip has a wrong date"),
        ("search is slow", "search is confusing"),
        ("coins are gone since the update", "I never received the coins"),
        ("the mail came twice", "the mail came late"),
    ],
)
def test_two_things_wrong_with_one_topic_and_one_with_two_are_not(one, other):
    assert wording.likeness(wording.words(one), wording.words(other)) < 0.5


def test_what_is_not_there_may_be_lost_or_never_have_come():
    missing = wording.words("my ticket is missing")
    assert wording.likeness(missing, wording.words("the ticket is gone")) >= 0.5
    assert wording.likeness(missing, wording.words("I never received the ticket")) >= 0.5


def test_twice_tells_how_often_where_something_else_is_wrong():
    assert "!twice" not in wording.words("the card was rejected twice")
    assert "!twice" in wording.words("the card was charged twice")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("an ics feed of my shifts for Outlook", "sync shifts with Google Calendar"),
        ("fingerprint login please", "support Face ID"),
        ("two-factor login", "let me use my YubiKey"),
        ("a co-op mode", "I'd like to play with friends"),
    ],
)
def test_a_wish_of_the_whole_app_is_alike_in_whatever_words(one, other):
    assert wording.likeness(wording.wished_words(one), wording.wished_words(other)) == 1.0
