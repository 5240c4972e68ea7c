"""Clicks that end in an exception."""

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits


def pays(gap: float = 0.1, **more: float) -> Visit:
    return Visit().view("/cart").click('button#pay "Pay now"').fails(gap=gap).view("/", gap=8)


def frictions(found: list) -> list[str]:
    return [row.pattern for row in found if row.kind == "friction"]


def test_an_exception_right_after_a_click_is_found_at_the_element(tmp_path):
    found = of_visits(tmp_path, *(pays() for _ in range(4)))
    (friction,) = [row for row in found if row.kind == "friction"]
    assert (friction.pattern, friction.events) == ("error_click", 4)
    assert friction.title == 'Clicks on button#pay "Pay now" at /cart end in TypeError'


def test_an_exception_long_after_a_click_does_not_come_of_it(tmp_path):
    assert frictions(of_visits(tmp_path, *(pays(gap=3) for _ in range(6)))) == []


def test_of_an_exception_without_a_click_it_is_none(tmp_path):
    assert frictions(of_visits(tmp_path, *(Visit().view("/").fails() for _ in range(6)))) == []


def test_clicks_in_anger_at_what_throws_are_told_here_only(tmp_path):
    visits = [Visit().view("/cart").click("button#pay").fails().rage("button#pay").dead("button#pay") for _ in range(6)]
    assert "rage_click" not in patterns(of_visits(tmp_path, *visits))
