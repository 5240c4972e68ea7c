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


def strokes(control: str) -> Visit:
    return Visit().view("/sketch").dead("canvas#board").dead("canvas#board").dead(control).view("/", gap=9)


@pytest.mark.parametrize("control", ['button "Undo"', "div#red", 'button#wipe "Erase all"'])
def test_a_control_of_what_is_drawn_changes_nothing_that_a_client_sees(tmp_path, control):
    visits = [Visit().view("/sketch").dead(control).view("/", gap=9) for _ in range(3)]
    assert of_visits(tmp_path, *(strokes(control) for _ in range(9)), *visits) == []


def test_a_dead_button_beside_a_chart_that_few_click_is_found(tmp_path):
    visits = [Visit().view("/sketch").dead('button "Export"').view("/", gap=9) for _ in range(8)]
    (found,) = of_visits(tmp_path, strokes('button "Export"'), *visits)
    assert (found.title, found.events) == ('Dead clicks on button "Export" at /sketch', 8)


@pytest.mark.parametrize("chain", [
    'button.mapboxgl-ctrl-zoom-in:attr__class="mapboxgl-ctrl-zoom-in"nth-child="1";div:nth-child="1"',
    'span:nth-child="1";div.vjs-control-bar:attr__class="vjs-control-bar"nth-child="4"',
    'div:nth-child="2";div:attr__contenteditable="true"nth-child="1"',
    'button:attr__popovertarget="menu"nth-child="1"', 'button:attr__type="reset"nth-child="9"',
    'ion-toggle:nth-child="3"', 'span:nth-child="1";a:attr__href="tel:+4922199"nth-child="2"',
])  # fmt: skip
def test_what_answers_where_no_client_looks_is_none(tmp_path, chain):
    visits = [Visit().view("/map").dead("", **{"$elements_chain": chain}).view("/", gap=9) for _ in range(8)]
    assert of_visits(tmp_path, *visits) == []
