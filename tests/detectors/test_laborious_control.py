"""Controls that are pressed dozens of times, and those that are made for a few presses."""

import pytest

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits


def presses(times: int, control: str = 'button#older "‹"', gap: float = 0.2) -> Visit:
    visit = Visit().view("/insure")
    for _ in range(times):
        visit.click(control, gap=gap)
    return visit.view("/", gap=9)


def test_a_control_that_most_press_dozens_of_times_is_found(tmp_path):
    (found,) = of_visits(tmp_path, *(presses(30) for _ in range(8)), *(presses(4) for _ in range(4)))
    assert (found.pattern, found.events) == ("laborious_control", 8)
    assert found.title == 'button#older "‹" at /insure is pressed 30 times on end'
    assert "8 of 12" in found.advice


def test_it_is_no_rage_beside_that(tmp_path):
    visits = [presses(30, 'button#warmer "Warmer"') for _ in range(8)]
    assert patterns(of_visits(tmp_path, *visits)) == ["laborious_control"]


@pytest.mark.parametrize("visits", [
    [presses(9, 'button#more "+"') for _ in range(12)],
    [presses(40, 'button#next "Next picture"', gap=2) for _ in range(12)],
    [presses(40) for _ in range(3)] + [presses(3) for _ in range(30)],
])  # fmt: skip
def test_a_few_presses_pictures_that_are_looked_at_and_a_few_patient_people_are_none(tmp_path, visits):
    assert of_visits(tmp_path, *visits) == []


def test_many_things_that_look_alike_are_none(tmp_path):
    visits = [Visit().view("/mails") for _ in range(9)]
    for visit in visits:
        for row in range(1, 30):
            chain = f'button:text="Pick"nth-child="1";tr:nth-child="{row}"'
            visit.click("", gap=0.5, **{"$elements_chain": chain})
    assert "laborious_control" not in patterns(of_visits(tmp_path, *visits))


def test_a_keypad_is_none(tmp_path):
    visits = [Visit().view("/safe") for _ in range(9)]
    for visit in visits:
        for digit in "0123456789" * 4:
            visit.click(f'button#k{digit} "{digit}"', gap=0.3)
    assert "laborious_control" not in patterns(of_visits(tmp_path, *visits))


def test_a_form_that_is_left_for_it_is_the_same_cause(tmp_path):
    visits = [Visit().view("/insure").change("form > input#name").change("form > input#mail") for _ in range(12)]
    for number, visit in enumerate(visits):
        for _ in range(30 if number % 4 else 3):
            visit.click('form > button#older "‹"', gap=0.2)
        if number % 4 == 0:
            visit.submit("form#insure").view("/insured", gap=0.3)
    assert patterns(of_visits(tmp_path, *visits)) == ["laborious_control"]
