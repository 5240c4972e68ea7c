"""The scorer finds misses and false alarms: a wrong analysis gets a bad score."""

from dataclasses import dataclass, replace

import pytest

from tests.scenarios.label import Expected, Scenario, error, friction
from tests.scenarios.score import Score, assigned, score, total


@dataclass(frozen=True)
class Row:
    kind: str
    title: str
    pattern: str = ""
    location: str = ""
    events: int = 3
    fingerprint: str = "v1:pay"


@dataclass(frozen=True)
class View:
    route: str = ""


@dataclass(frozen=True)
class Found:
    row: Row
    view: View = View()


PAY = Found(Row("error", "TypeError: no card", location="shop.py:3 pay"))
RAGE = Found(Row("friction", "clicks without effect on Apply coupon", pattern="rage_click"))
LABELLED = Scenario(
    name="labelled", family="errors", story="", drive=print,
    expected=(error("pay"), friction("rage_click", "coupon")), allowed=(friction("dead_click", "coupon"),),
)  # fmt: skip


def counts(found, scenario=LABELLED):
    got = score(scenario, found)
    return got.right, got.met, len(got.missed), len(got.alarms)


def test_what_was_expected_is_right():
    assert counts([PAY, RAGE]) == (2, 2, 0, 0)


def test_nothing_found_misses_everything():
    assert counts([]) == (0, 0, 2, 0)


def test_anything_else_is_a_false_alarm():
    assert counts([PAY, RAGE, Found(Row("performance", "GET /home is slow"))]) == (2, 2, 0, 1)


def test_a_near_miss_scenario_allows_nothing():
    assert counts([PAY], replace(LABELLED, expected=(), allowed=())) == (0, 0, 0, 1)


def test_what_is_allowed_counts_neither_way():
    assert counts([PAY, RAGE, replace(RAGE, row=replace(RAGE.row, pattern="dead_click"))]) == (2, 2, 0, 0)


@pytest.mark.parametrize("change", [{"kind": "error"}, {"pattern": "u_turn"}, {"title": "clicks on Pay"}])
def test_kind_pattern_and_place_must_all_fit(change):
    wrong = replace(RAGE, row=replace(RAGE.row, location="", **change))
    assert counts([PAY, wrong]) == (1, 1, 1, 1)


def test_a_fingerprint_is_no_place():
    assert counts([replace(PAY, row=replace(PAY.row, location="shop.py:9 refund"))])[1] == 0


def test_the_view_tells_of_places_too():
    elsewhere = replace(PAY.row, location="")
    assert counts([Found(elsewhere, View(route="POST /pay")), RAGE]) == (2, 2, 0, 0)


def test_a_cause_that_was_split_is_one_right_and_the_rest_alarms():
    assert counts([PAY, PAY, PAY, RAGE]) == (2, 2, 0, 2)


def test_a_cause_may_be_split_as_far_as_its_label_says():
    twice = replace(LABELLED, expected=(replace(error("pay"), at_most=2),))
    assert counts([PAY, PAY, PAY], twice) == (2, 1, 0, 1)


def test_two_causes_in_one_finding_are_one_miss():
    two = replace(LABELLED, expected=(error("pay"), error("card")))
    assert counts([PAY], two) == (1, 1, 1, 0)


def test_events_are_counted_once():
    once = replace(LABELLED, expected=(error("pay", events=(3, 3)),))
    assert counts([PAY], once) == (1, 1, 0, 0)
    assert counts([replace(PAY, row=replace(PAY.row, events=6))], once) == (0, 0, 1, 1)


def test_the_order_is_one_more_thing_to_meet():
    ordered = replace(LABELLED, in_order=True)
    assert counts([PAY, RAGE], ordered) == (2, 3, 0, 0)
    assert counts([RAGE, PAY], ordered) == (2, 2, 1, 0)
    assert counts([PAY], ordered) == (1, 1, 2, 0)


def test_findings_are_given_to_expectations_so_that_most_are_met():
    assert assigned([[0, 1], [0]]) == {0: 1, 1: 0}
    assert assigned([[0], [0, 1], [1, 2]]) == {0: 0, 1: 1, 2: 2}


def test_totals():
    scores = [
        Score(scenario="a", right=3, met=3, expected=4, missed=("x",)),
        Score(scenario="b", right=0, met=0, expected=0, alarms=("y",)),
    ]
    reached = total(scores)
    assert (reached.precision, reached.recall) == (0.75, 0.75)
    assert total([]).recall == 1.0


def test_an_empty_pattern_in_a_label_is_any_pattern():
    any_pattern = replace(LABELLED, expected=(Expected(kinds=("friction",), where=("coupon",)),), allowed=())
    assert counts([RAGE], any_pattern) == (1, 1, 0, 0)
