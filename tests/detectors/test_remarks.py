"""What people say, clustered by what it is about."""

import itertools
from pathlib import Path

import pytest

from improver.answers.findings import FindingRow
from tests.detectors.told import START, findings

_ids = itertools.count(1)


def remark(**fields: object) -> dict:
    number = next(_ids)
    return {"id": f"remark-{number}", "user": f"visitor-{number}", "at": START.isoformat(), **fields}


def of_remarks(folder: Path, *remarks: dict) -> list[FindingRow]:
    return findings(folder, "feedback", list(remarks))


def test_one_problem_in_several_wordings_is_one_finding(tmp_path):
    said = (
        "The export button does nothing, I never get a file",
        "export to CSV: I click and no file comes",
        "csv export is broken",
    )
    (found,) = of_remarks(tmp_path, *(remark(blocker=text) for text in said))
    assert (found.kind, found.pattern, found.events, found.users) == ("feedback", "feedback", 3, 3)


def test_one_wording_can_show_that_two_others_are_about_one_thing(tmp_path):
    said = ("a dark theme for the evening", "dark mode, for the white hurts my eyes", "dark mode")
    (found,) = of_remarks(tmp_path, *(remark(suggestion=text) for text in said))
    assert found.events == 3


def test_one_saying_without_a_word_in_common_is_one_finding_unless_it_names_something_else(tmp_path):
    texts = ("It signs me out while I upload photos", "my session expired again, everything typed was gone")
    (found,) = of_remarks(tmp_path, *(remark(blocker=text) for text in texts))
    assert found.events == 2
    apart = [remark(blocker=text, about=about) for text, about in zip(texts, ("/upload", "/chat"), strict=True)]
    assert len(of_remarks(tmp_path, *apart)) == 2


def test_two_causes_of_one_thing_are_two_findings_each_in_its_many_words(tmp_path):
    blank = ("The order slip prints blank", "empty slip for my order", "a white page instead of the order slip")
    twice = ("the order slip comes out twice", "two copies of each order slip", "Duplicated slips for one order")
    found = of_remarks(tmp_path, *(remark(blocker=text) for text in blank + twice))
    assert [row.events for row in found] == [3, 3]


def test_wishes_are_suggestions(tmp_path):
    wishes = [remark(suggestion="Please add a dark mode"), remark(said="Could you offer a dark mode?")]
    assert [(row.kind, row.events) for row in of_remarks(tmp_path, *wishes)] == [("suggestion", 2)]


def test_different_things_stay_apart(tmp_path):
    said = ("The export gives no file", "Signing in takes forever", "my invoice shows the wrong address")
    assert len(of_remarks(tmp_path, *(remark(blocker=text) for text in said))) == 3


def test_the_same_words_about_different_tools_stay_apart(tmp_path):
    said = [remark(blocker="the theme is gone", about=tool) for tool in ("edit_page", "move_page")]
    assert len(of_remarks(tmp_path, *said)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, works great!",
        "I love the new look",
        "all good, nothing to complain about",
        "test",
        "asdf",
        "no problems so far",
        "can't complain",
    ],
)
def test_thanks_praise_and_tests_are_none(tmp_path, text):
    assert of_remarks(tmp_path, *(remark(said=text) for _ in range(4))) == []


@pytest.mark.parametrize(
    "text",
    [
        "no comment",
        "No further remarks, thanks",
        "nothing to report so far",
        "asdfghjkl",
        "It did not load yesterday, works again now",
        "I had trouble with the import. Found the answer in the FAQ.",
        "Could not sign up at first, never mind, my mistake",
        "The traffic was terrible, nothing to do with your app",
        "it's not your fault that the bank is slow",
    ],
)
def test_nothing_to_say_what_is_over_and_what_is_not_ours_are_none(tmp_path, text):
    assert of_remarks(tmp_path, *(remark(said=text) for _ in range(4))) == []


@pytest.mark.parametrize(
    "text",
    [
        "there is no feedback after I save",
        "no comment field in the editor",
        "Signing in works again, but the export is still broken",
        "The import is broken. The export works again",
        "please get this fixed, it crashes",
        "it's fixed width and breaks my layout",
        "works now and then, then it hangs",
    ],
)
def test_what_is_still_so_is_a_problem(tmp_path, text):
    assert [row.kind for row in of_remarks(tmp_path, remark(said=text))] == ["feedback"]


def test_times_that_are_wrong_by_as_much_are_one_problem_in_whatever_words(tmp_path):
    hour = ("all shifts start one hour late", "the plan is off by an hour", "lessons moved by 60 minutes in March")
    day = ("deadlines are a day early", "due dates are off by 1 day")
    waits = ("it takes an hour to load the archive",)
    found = of_remarks(tmp_path, *(remark(blocker=text) for text in hour + day + waits))
    assert sorted(row.events for row in found) == [1, 2, 3]


def test_wishes_for_different_things_of_one_kind_are_two_each_in_its_many_words(tmp_path):
    bulk = ("archive many mails at once", "bulk archive for mails", "select several mails and archive them in one go")
    keys = ("a shortcut to archive a mail", "hotkeys for mails please", "archive the mail by pressing a key")
    found = of_remarks(tmp_path, *(remark(suggestion=text) for text in bulk + keys))
    assert [row.events for row in found] == [3, 3]


def test_one_place_is_one_whichever_thing_is_shown_there(tmp_path):
    said = [remark(blocker="the total is wrong", about=f"/invoices/{number}") for number in (7, 8)]
    assert [row.events for row in of_remarks(tmp_path, *said)] == [2]


def test_wasted_calls_are_priced(tmp_path):
    (found,) = of_remarks(tmp_path, remark(blocker="the theme is gone after each edit", calls_wasted=50))
    assert found.minutes_per_week == 5.0


def test_a_flood_of_hostile_remarks_takes_bounded_time(tmp_path):
    said = [remark(blocker=f"{'aé' * 3000} {number} \u202e '; drop table remarks; --") for number in range(300)]
    assert of_remarks(tmp_path, *said)
