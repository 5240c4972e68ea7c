"""Dead clicks, and clicks that want nothing."""

import pytest

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits


def dead(element: str) -> Visit:
    return Visit().view("/cart").dead(element).view("/", gap=9)


def test_what_does_nothing_when_clicked_is_found(tmp_path):
    (found,) = of_visits(tmp_path, *(dead("div#card") for _ in range(5)))
    assert (found.pattern, found.events) == ("dead_click", 5)
    assert found.title == "Dead clicks on div#card at /cart"


@pytest.mark.parametrize("element", ["p#text", 'h1 "Cart"', "input#name", 'a#terms "Terms"'])
def test_clicks_into_texts_fields_and_links_are_none(tmp_path, element):
    assert of_visits(tmp_path, *(dead(element) for _ in range(8))) == []


def test_a_few_are_none(tmp_path):
    assert of_visits(tmp_path, *(dead("div#card") for _ in range(3))) == []


def test_clicks_in_anger_are_counted_there_only(tmp_path):
    visits = [Visit().view("/cart").dead("button#go").rage("button#go") for _ in range(6)]
    assert patterns(of_visits(tmp_path, *visits)) == ["rage_click"]
