"""Forms that come back empty, and forms that are filled in again for another reason."""

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits

FIELDS = ("form#claim > input#policy", "form#claim > input#day", "form#claim > textarea#what")


def fills(visit: Visit, fields: tuple[str, ...] = FIELDS) -> Visit:
    for field in fields:
        visit.change(field, gap=3)
    return visit.click('form#claim > button#send "Send"').submit("form#claim", gap=0.1)


def refused(again: tuple[str, ...] = FIELDS) -> Visit:
    visit = fills(Visit().view("/claims/new")).view("/claims/new", gap=0.4, query="?error=day")
    return fills(visit, again).view("/claims", gap=0.4) if again else visit


def accepted() -> Visit:
    return fills(Visit().view("/claims/new")).view("/claims/done", gap=0.4)


def retyped(folder, *visits: Visit) -> list[tuple[str, int]]:
    return [(row.title, row.events) for row in of_visits(folder, *visits) if row.pattern == "retyped_form"]


def test_a_form_that_comes_back_empty_is_found_with_those_who_leave_then(tmp_path):
    visits = [refused() for _ in range(4)] + [refused(again=()) for _ in range(8)] + [accepted() for _ in range(8)]
    (found,) = of_visits(tmp_path, *visits)
    assert (found.pattern, found.events) == ("retyped_form", 12)
    assert found.title == "The form at /claims/new comes back empty: people type it again, or leave"
    assert "In 12 of 20 sessions it came back: 4 type the same again, 8 leave" in found.advice


def test_a_form_that_is_emptied_where_it_stands_is_found(tmp_path):
    visits = [fills(fills(Visit().view("/claims/new"))).view("/claims/done", gap=0.4) for _ in range(8)]
    assert [events for _, events in retyped(tmp_path, *visits, *(accepted() for _ in range(8)))] == [8]


def test_who_mends_the_one_field_that_was_refused_has_lost_nothing(tmp_path):
    visits = [refused(again=FIELDS[1:2]) for _ in range(12)] + [accepted() for _ in range(8)]
    assert retyped(tmp_path, *visits) == []


def test_one_thing_after_the_other_entered_in_the_same_form_is_none(tmp_path):
    visits = [Visit().view("/hours") for _ in range(9)]
    for visit in visits:
        for _ in range(4):
            fills(visit).view("/hours", gap=0.4)
        visit.click('a "Home"').view("/")
    assert patterns(of_visits(tmp_path, *visits)) == []


def test_what_is_sent_again_after_it_was_accepted_is_something_new(tmp_path):
    visits = [accepted() for _ in range(9)]
    for visit in visits:
        fills(visit.view("/claims/new", gap=5)).view("/claims/done", gap=0.4)
    assert retyped(tmp_path, *visits, *(accepted() for _ in range(9))) == []


def test_a_form_of_several_steps_at_one_address_is_none(tmp_path):
    steps = [Visit().view("/apply") for _ in range(15)]
    for number, visit in enumerate(steps):
        fills(visit, ("input#name", "input#mail")).view("/apply", gap=0.4)
        if number % 3:
            fills(visit, ("input#school", "input#year")).view("/applied", gap=0.4)
    assert retyped(tmp_path, *steps) == []


def test_a_password_that_is_mistyped_is_none(tmp_path):
    visits = [Visit().view("/login") for _ in range(12)]
    for number, visit in enumerate(visits):
        for _ in range(2 if number % 2 else 1):
            visit.change("form > input#mail")
            visit.change("", **{"$elements_chain": 'input:attr__type="password"nth-child="2";form:nth-child="1"'})
            visit.submit("form#login").view("/login", gap=0.3)
        visit.change("form > input#mail").submit("form#login").view("/inbox", gap=0.3)
    assert retyped(tmp_path, *visits) == []
