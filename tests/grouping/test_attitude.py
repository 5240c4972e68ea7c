"""What a remark is: a wish, a complaint, praise, or nothing."""

import pytest

from improver.grouping import attitude


@pytest.mark.parametrize("text", ["Please add a dark mode", "It would be nice to sort", "I wish there were tags"])
def test_wishes(text):
    assert attitude.is_wish(text)


@pytest.mark.parametrize("text", ["it doesn't open", "The list is empty", "nothing happens when I save"])
def test_complaints(text):
    assert attitude.is_complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        "Works great", "no problems at all", "nothing to complain about", "never had any issues", "I can't complain",
        "Can’t really fault it", "couldn't be happier", "Nothing is broken, for once", "it has never once crashed",
        "I could not ask for more", "nothing went wrong", "not missing anything", "no worries", "I never miss a thing",
    ],
)  # fmt: skip
def test_praise_is_no_complaint(text):
    assert not attitude.is_complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't complain anywhere, the form is broken", "It never crashed before", "nothing was saved",
        "nothing works, it fails", "Can't complain, but the search is slow", "nothing was broken until the update",
        "I cannot complain enough about it", "it never loads", "I can't ask for more than one room",
    ],
)  # fmt: skip
def test_what_only_sounds_like_praise_is_a_complaint(text):
    assert attitude.is_complaint(text)


def test_a_failure_that_is_told_and_one_that_is_denied():
    assert attitude.tells_failure("saving fails")
    assert not attitude.tells_failure("never had any errors")
