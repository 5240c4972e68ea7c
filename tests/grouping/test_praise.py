"""Praise in words of trouble, and trouble in words of praise."""

import pytest

from improver.grouping.attitude import is_complaint, is_wish

PRAISE = [
    # idioms
    "I would be lost without the boards", "I don't know how we managed without you", "can't imagine a day without it",
    "Wish I had found this years ago", "Why did nobody tell me about this earlier", "hard to beat", "no-brainer",
    "could not be more straightforward", "Never regretted switching", "I can't stop playing", "never looked better",
    "Can't wait for the next level", "not bad at all", "It never fails to amaze", "I lost 10 kg with this",
    # strong words
    "Insanely good", "stupidly simple", "crazy fast search", "terribly useful", "I hate how much I love this",
    "so easy it's scary",
    # what was before, and what others do
    "I used to hate filing taxes, now it's done in an hour", "Better than the slips we always lost",
    "easier than what we had before, which crashed daily", "My old bank charged for everything, this one doesn't",
    "Unlike other apps this one never crashes", "The competitor's app hangs all day, yours is rock solid",
    "No more lost receipts!", "I no longer have to queue", "I used to forget my pills. Not any more",
    "before I found this app I was always late", "Saved me from losing my thesis", "solved all my problems",
    "I don't have to call anybody, love it",
]  # fmt: skip
TROUBLE = [
    "I get lost in the settings", "it is not great, pages are missing", "It used to be fast", "used to work fine",
    "worse than the old version", "Slower than before", "it was better before the update, now it hangs",
    "Other apps can do this, yours fails", "another crash today", "my old photos are gone",
    "my previous orders are missing",
    "great design but it crashes", "Love it, except that the search finds nothing", "The best feature is gone",
    "cannot log in without it crashing", "would not open without the update",
    "I can never go back to the previous page",
    "I can't stop the recording", "the level is impossible to beat because of lag", "it never gets faster",
    "no more sound since the update", "insanely slow", "no regrets field in the form is broken",
    "I had no problems until yesterday, now it crashes", "I cannot get rid of the banner",
    "my last bank transfer is missing",
]  # fmt: skip


@pytest.mark.parametrize("text", PRAISE)
def test_praise_in_words_of_trouble_is_neither_complaint_nor_wish(text):
    assert not is_complaint(text)
    assert not is_wish(text)


@pytest.mark.parametrize("text", TROUBLE)
def test_trouble_in_words_of_praise_is_a_complaint(text):
    assert is_complaint(text)
