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


# What a product manager would want to see as one, by the product.
COMPLAINTS = {
    "a bank's app": (
        ("My card was declined at the supermarket", "payment refused at the till",
         "credit card rejected twice in shops"),
        ("The rent was debited two times", "double charge for my rent, see my bank statement"),
        ("The code by SMS never arrives", "no sms code received, cannot confirm the transfer"),
        ("takes forever to show my balance", "waiting ages until the balance appears"),
    ),
    "a code host": (
        ("the diff view freezes on large pull requests", "diffs of big PRs take minutes to render"),
        ("mentions notify me hours late", "mention notifications are delayed"),
        ("code search does not find functions that exist", "search misses results in my repository"),
        ("the pull request still shows the old commit", "PR is stale after a push until I reload"),
    ),
    "a game": (
        ("crashes when I enter level 7", "it closes itself every time level seven starts"),
        ("I lost all my coins after the update", "my coins are gone since the new version", "update wiped my coins"),
        ("too many ads, one after every round", "an advert after each match is far too much"),
    ),
    "a school's platform": (
        ("the average of grades is not correct", "my grade average is miscalculated", "the average doesn't add up"),
        ("homework I handed in has disappeared", "my homework vanished after reloading"),
        ("the timetable is too small to read on my phone", "on mobile the timetable is unreadable"),
    ),
    "tools of a server": (
        ("create_ticket timed out twice", "create ticket hangs and never finishes"),
        ("the error does not tell which argument is wrong", "unclear error, had to guess the parameter"),
        ("no permission for drop_column", "drop_column: access denied although I am admin"),
        ("results are truncated at 10", "could not get beyond the first 10 results"),
    ),
    "a health insurance": (
        ("my receipt is rejected as invalid", "receipts are not accepted by the upload"),
        ("claims of last year are missing", "last year's claims don't show up in the list"),
    ),
}  # fmt: skip
WISHES = {
    "classes": (
        ("my lessons in Google Calendar please", "offer an ics feed for Outlook",
         "sync lessons with my phone's calendar"),
        ("sort lessons by price", "let me order lessons by price"),
    ),
    "tasks": (
        ("recurring tasks", "let tasks repeat every week"),
        ("undo for deleting a task", "restore deleted tasks"),
        ("change many tasks at once", "bulk editing of tasks"),
    ),
    "money": (
        ("log in with my fingerprint", "Face ID please"),
        ("let me export transactions to Excel", "download the transactions as csv"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("product", COMPLAINTS)
def test_one_complaint_in_other_words_is_one_finding_and_two_of_one_thing_are_two(tmp_path, product):
    said = COMPLAINTS[product]
    found = of_remarks(tmp_path, *(remark(blocker=text) for texts in said for text in texts))
    assert sorted(row.events for row in found) == sorted(map(len, said))


@pytest.mark.parametrize("product", WISHES)
def test_one_wish_in_other_words_is_one_finding(tmp_path, product):
    said = WISHES[product]
    found = of_remarks(tmp_path, *(remark(suggestion=text) for texts in said for text in texts))
    assert sorted(row.events for row in found) == sorted(map(len, said))


def test_a_wish_and_a_complaint_of_one_thing_are_two(tmp_path):
    said = [remark(blocker="the export is slow"), remark(suggestion="a faster export")]
    assert sorted(row.kind for row in of_remarks(tmp_path, *said)) == ["feedback", "suggestion"]


def test_what_only_says_that_something_is_wrong_makes_no_one_of_two(tmp_path):
    said = ("the search is slow", "the search is confusing", "something is wrong with the search")
    assert sorted(row.events for row in of_remarks(tmp_path, *(remark(blocker=text) for text in said))) == [1, 2]


def test_what_the_whole_app_is_about_tells_nothing_of_what_is_wrong(tmp_path):
    said = (
        "a gap in invoice numbers", "invoice numbers have a gap between 12 and 14",
        "dunning letter for a settled invoice",
        "an invoice is settled by transfer and I get a dunning letter", "pdf of an invoice does not download",
        "cannot download the invoice pdf in Firefox", "VAT rate on an invoice", "an invoice with the reduced VAT rate",
        "invoice logo upside down", "the logo stands upside down on the paper of an invoice",
        "invoice in two currencies fails",
        "currencies are mixed on one invoice",
    )  # fmt: skip
    found = of_remarks(tmp_path, *(remark(blocker=text) for text in said))
    assert [row.events for row in found] == [2] * 6


@pytest.mark.parametrize("field", ["said", "blocker"])
def test_praise_denials_and_advertising_are_none(tmp_path, field):
    said = (
        "I would be lost without it", "I used to hate paperwork, this is so much better", "Insanely good",
        "none - all five tasks were done as asked", "I did not run into any obstacles", "Nothing blocked me",
        "crypto casino bonus 300% no deposit http://win.example",
        "Our experts fix the errors on your website for only $49",
    )  # fmt: skip
    assert of_remarks(tmp_path, *(remark(**{field: text}) for text in said)) == []


def test_what_is_in_the_way_counts_in_any_language(tmp_path):
    said = ("Der Export funktioniert nicht", "导出不能用", "Пароль не принимается", "La factura llega vacía")
    assert [row.events for row in of_remarks(tmp_path, *(remark(blocker=text) for text in said + said))] == [2] * 4


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
