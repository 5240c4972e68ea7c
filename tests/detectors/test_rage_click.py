"""Rage clicks, and what is made to be clicked many times."""

import pytest

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits

COUPON = 'button#coupon "Apply coupon"'


def told_by_the_client(element: str) -> Visit:
    visit = Visit().view("/cart")
    for _ in range(5):
        visit.click(element, gap=0.2)
    return visit.rage(element).click("a#home", gap=5).view("/")


def test_what_the_client_told_is_found_once_for_its_element_with_what_was_lost(tmp_path):
    (found,) = of_visits(tmp_path, *(told_by_the_client(COUPON) for _ in range(4)))
    assert (found.pattern, found.kind, found.events) == ("rage_click", "friction", 4)
    assert found.title == f"Rage clicks on {COUPON} at /cart"
    assert found.minutes_per_week == round(4 * 6 / 60, 1)


def clicks(*gaps: float, **coordinates: list) -> Visit:
    visit = Visit().view("/cart")
    for number, gap in enumerate(gaps):
        visit.click("div#map", gap=gap, **{f"${axis}": values[number] for axis, values in coordinates.items()})
    return visit


def test_where_no_client_told_it_is_three_quick_clicks_near_each_other(tmp_path):
    near = {"x": [10, 15, 20], "y": [10, 10, 12]}
    assert patterns(of_visits(tmp_path, *(clicks(1, 0.3, 0.3, **near) for _ in range(3)))) == ["rage_click"]


@pytest.mark.parametrize(
    ("gaps", "across"), [((1, 1.2, 1.2), [10, 10, 10]), ((1, 0.3, 0.3), [10, 60, 110]), ((1, 0.3), [10, 10])]
)
def test_slow_clicks_clicks_here_and_there_and_double_clicks_are_none(tmp_path, gaps, across):
    visits = [clicks(*gaps, x=across, y=[5] * 3) for _ in range(5)]
    assert of_visits(tmp_path, *visits) == []


@pytest.mark.parametrize(
    "element",
    ['button "+"', 'button#minus "−"', 'a "Next"', 'nav#pagination > a "4"', "div#carousel > span", "input#name"],
)
def test_steppers_pages_carousels_and_what_is_typed_into_are_none(tmp_path, element):
    assert of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6))) == []


@pytest.mark.parametrize(
    "element",
    ['button "‹ Newer"', 'a "Older posts →"', 'button "Next week ›"', 'button "One more"', 'button "Fewer seats"',
     "button#rows-less"],
)  # fmt: skip
def test_pagers_and_steppers_in_words_are_none(tmp_path, element):
    assert of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6))) == []


@pytest.mark.parametrize("element", ['button "Pay now ›"', 'a "Continue →"', 'button#remember "Send"'])
def test_an_arrow_or_a_part_of_a_word_makes_no_stepper(tmp_path, element):
    assert patterns(of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6)))) == ["rage_click"]


def test_a_stepper_whose_clicks_are_dead_is_one(tmp_path):
    visits = [told_by_the_client('button#plus "+"').dead('button#plus "+"') for _ in range(4)]
    assert "rage_click" in patterns(of_visits(tmp_path, *visits))


def test_the_habit_of_one_person_is_none(tmp_path):
    visits = [told_by_the_client(COUPON) for _ in range(6)]
    for visit in visits:
        for event in visit.events:
            event["properties"]["distinct_id"] = "ann"
    assert of_visits(tmp_path, *visits) == []
