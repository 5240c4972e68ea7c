"""Names of things, and the topics that they belong to."""

import pytest

from improver.grouping import concepts


@pytest.mark.parametrize(
    ("word", "other"),
    [("invoices", "bill"), ("paying", "charged"), ("e-mails", "mail"), ("ads", "advertisement"), ("photo", "pictures")],
)
def test_two_names_of_one_thing_are_one(word, other):
    assert concepts.named(word) == concepts.named(other)


@pytest.mark.parametrize(("word", "other"), [("invoice", "payment"), ("iphone", "android"), ("timetable", "calendar")])
def test_two_things_are_two(word, other):
    assert concepts.named(word) != concepts.named(other)


def test_a_topic_has_things_of_its_own():
    assert concepts.topic("credit-card") == concepts.topic("charged") == "payment"
    assert concepts.topic("invoice") != "payment"
    assert concepts.topic("yoga") == ""


def test_names_of_several_words_are_joined():
    assert concepts.joined("the waiting lists and my credit card") == "the waiting-lists and my credit-card"
    assert concepts.joined("three free spots, a place stayed empty") == "three free-place, a free-place"
