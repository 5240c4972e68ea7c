"""Clicks that end in an exception."""

import re

import pytest

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits


def pays(gap: float = 0.1, **more: float) -> Visit:
    return Visit().view("/cart").click('button#pay "Pay now"').fails(gap=gap).view("/", gap=8)


TEAPOTS = 'a#teapots "Teapots"'


def told(tmp_path, *visits: Visit) -> list[str]:
    """The elements at which clicks fail, by the advice of the one Finding."""
    (found,) = of_visits(tmp_path, *visits)
    assert (found.kind, found.events) == ("error", len(visits))
    return re.findall(r"a click on (.+) at (\S+) failed", found.advice)


def test_an_exception_right_after_a_click_is_one_finding_with_the_click(tmp_path):
    assert told(tmp_path, *(pays() for _ in range(4))) == [('button#pay "Pay now"', "/cart")]


def test_an_exception_long_after_a_click_does_not_come_of_it(tmp_path):
    assert told(tmp_path, *(pays(gap=3) for _ in range(6))) == []


def test_of_an_exception_without_a_click_it_is_none(tmp_path):
    assert told(tmp_path, *(Visit().view("/").fails() for _ in range(6))) == []


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (lambda visit: visit.click(TEAPOTS).view("/cart", gap=0.1), 'button#pay "Pay now"'),
        (lambda visit: visit.click("button#gift"), 'button#pay "Pay now"'),
        (lambda visit: visit.click("button#pay", gap=0.1), "form#order"),
    ],
    ids=["before the page changed", "on the same page", "what submits"],
)
def test_only_what_was_done_last_before_an_exception_is_to_blame(tmp_path, first, then):
    visits = [first(Visit().view("/cart")) for _ in range(4)]
    done = [(v.submit(then, gap=0.2) if then.startswith("form") else v.click(then, gap=0.3)).fails() for v in visits]
    assert [place for place, _ in told(tmp_path, *done)] == [then]


def test_what_fails_when_a_field_changes_does_not_come_of_the_click_before(tmp_path):
    visits = [Visit().view("/cart").click("button#pay").change("input#coupon", gap=0.3).fails() for _ in range(4)]
    assert told(tmp_path, *visits) == []


def test_two_elements_that_end_in_one_exception_are_one_cause(tmp_path):
    others = [Visit().view("/cart").click("button#gift").fails().view("/", gap=8) for _ in range(4)]
    assert len(told(tmp_path, *(pays() for _ in range(4)), *others)) == 1


def test_clicks_in_anger_at_what_throws_are_told_here_only(tmp_path):
    visits = [Visit().view("/cart").click("button#pay").fails().rage("button#pay").dead("button#pay") for _ in range(6)]
    assert "rage_click" not in patterns(of_visits(tmp_path, *visits))


def at_the_server(visit: Visit, user: str = "", gap: float = 0.4) -> Visit:
    """What the server raised for somebody: it knows no session."""
    visit.fails("KeyError", gap=gap)
    said = visit.events[-1]["properties"]
    visit.events[-1]["properties"] = {"distinct_id": user or visit.user, "$exception_list": said["$exception_list"]}
    return visit


def test_what_the_server_raises_for_who_clicked_counts_with_it_and_is_no_rage(tmp_path):
    visits = [Visit().view("/cart") for _ in range(6)]
    for visit in visits:
        for _ in range(3):
            at_the_server(visit.click("button#pay", gap=0.5), gap=0.1)
        at_the_server(visit.rage("button#pay", gap=0.5), gap=0.1)
    (found,) = of_visits(tmp_path, *visits)
    assert (found.kind, found.title) == ("error", "KeyError: x is undefined")


def test_what_it_raises_for_others_or_later_does_not(tmp_path):
    others = [at_the_server(Visit().view("/cart").click("button#pay"), user="somebody else") for _ in range(6)]
    later = [at_the_server(Visit().view("/cart").click("button#pay"), gap=20) for _ in range(6)]
    assert told(tmp_path, *others, *later) == []
