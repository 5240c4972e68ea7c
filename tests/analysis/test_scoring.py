"""Score and Severity: every factor shown, the product of what is shown, and stable whatever the order."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improver.analysis.impact import Crowd, Exposed, Price, impact
from improver.analysis.scoring import score
from improver.model import FindingKind, Frame, Severity, Trend
from tests.found import NOW, finding

THREE = Price(minutes=3.0, because="assumed")
HERE = Exposed(route=400, everywhere=1000)


def people(count, times=1, traffic=""):
    return Crowd(traffic=traffic, named=True, times=times, people=count)


def scored(found=None, crowds=(), *, price=THREE, exposed=HERE):
    return score(found or finding(), price, impact(crowds) if crowds else None, exposed, NOW)


def met(*crowds, **said):
    """A Finding that these met in this week."""
    times = sum(crowd.times * crowd.people for crowd in crowds)
    return scored(finding(events_week=times, **said), crowds)


def test_the_value_is_the_product_of_what_its_reasons_show():
    spike = (20, *(0,) * 23) * 6 + (90, *(0,) * 23)
    found = scored(finding(events_week=210, hourly=spike, trend=Trend.ESCALATING, location=None))
    assert found.reasons[:4] == (
        "630 min a week: 210 × 3 min",
        "3 min each: assumed",
        "trend × 2: escalating, 10–30 were forecast, 90 seen in the last day",
        "fixability × 0.3: nothing leads to a file of the target",
    )
    assert (found.value, found.minutes_per_week, found.forecast) == (380.0, 630.0, (10, 30))


def test_one_noisy_user_does_not_outrank_two_hundred():
    noisy, many = met(people(1, 10_000)), met(people(100), people(100, 2))
    assert noisy.value < many.value / 5
    assert noisy.reasons[1] == (
        "counted as 43 of 10,000: what one user repeats weighs less, and one met it 10,000 times"
    )


def test_what_only_bots_met_stays_and_ranks_low_and_says_why():
    found = met(people(3, 30, "bot"), people(1, 10, "monitor"))
    assert (found.value, found.severity) == (3.0, Severity.P3)
    why = "not counted: 100% of 100, which bots and monitors met; as no person met it, it counts once"
    assert found.reasons[1] == why
    assert found.reasons[-1] == "severity P3: no person met it"


def test_bots_among_people_are_left_out_and_their_share_is_said():
    found = met(people(40), people(2, 30, "bot"))
    assert found.minutes_per_week == 120
    assert "not counted: 60% of 100, which bots met" in found.reasons


def test_measured_minutes_stand_as_they_are_but_for_who_repeats():
    slow = finding(kind=FindingKind.PERFORMANCE, minutes_week=50.0, events_week=20)
    once = Crowd(traffic="", named=True, times=1, people=20, minutes=50.0)
    often = Crowd(traffic="", named=True, times=20, people=1, minutes=50.0)
    assert scored(slow, [once]).minutes_per_week == 50
    assert scored(slow, [often]).minutes_per_week == pytest.approx(50 * 11.9 / 20, abs=0.5)


@pytest.mark.parametrize(
    ("users", "everybody", "level"),
    [(300, 1000, "P0"), (100, 1000, "P1"), (30, 1000, "P2"), (3, 1000, "P3"), (1, 1, "P2"), (8, 8, "P1")],
)
def test_severity_goes_by_the_share_of_all_users_and_few_of_few_say_little(users, everybody, level):
    crowds = [people(users)]
    assert scored(None, crowds, exposed=Exposed(route=everybody, everywhere=everybody)).severity == level


def test_a_crash_and_lost_data_are_graver_and_friction_is_less_grave():
    crowds = [people(30)]
    crash, lost = finding(kind=FindingKind.CRASH), finding(title="DataLossError: x", exception="DataLossError")
    assert [scored(found, crowds).severity for found in (crash, lost)] == ["P1", "P1"]
    assert scored(finding(kind=FindingKind.FRICTION), crowds).severity == "P3"


def test_where_users_are_not_known_runs_tell_and_count_one_less():
    found = scored(finding(exposures=1000, failures=900, exposed="runs"), exposed=Exposed())
    assert found.severity == "P1"
    assert found.reasons[-1] == "severity P1: about 86% of all runs, as users are not known"
    assert scored(exposed=Exposed()).reasons[-1] == "severity P3: it is not known how many meet it"


def test_users_are_told_as_a_share_of_those_who_were_there():
    assert "users: 40 of 400 who were there, about 9.0% allowing for chance" in met(people(40)).reasons


def test_a_cause_outside_the_code_lowers_what_a_change_can_do():
    refused = finding(title="ConnectionRefusedError: [Errno 111] refused", exception="ConnectionRefusedError")
    found = scored(refused)
    assert found.value == pytest.approx(scored().value / 4, rel=0.05)
    assert "infrastructure, as a connection was refused or broke" in found.reasons[3]


def test_what_repeats_says_so():
    told = finding(exposures=40, failures=40, exposed="runs", frames=(Frame(function="f"),))
    assert scored(told).reasons[3] == "fixability × 1: it points at shop.py; it repeats, 40 of 40 runs failed so"


def test_too_early_for_a_forecast_is_said():
    early = finding(first_seen=NOW - timedelta(hours=3), trend=Trend.NEW, hourly=(0,) * 167 + (5,))
    assert "trend × 1: new, 5 in the last day; too early for a forecast" in scored(early).reasons


crowds = st.lists(
    st.builds(people, st.integers(1, 500), st.integers(1, 5000), st.sampled_from(["", "", "bot", "test"])), max_size=6
)


@given(crowds, st.permutations(range(6)))
def test_the_order_of_what_was_told_changes_nothing(found, order):
    shuffled = [found[place] for place in order if place < len(found)]
    assert met(*shuffled) == met(*found)


@given(crowds, st.integers(1, 300), st.integers(1, 50))
def test_more_occurrences_of_people_never_rank_lower(found, more, times):
    assert met(*found, people(more, times)).value >= met(*found).value or not impact(found).people


@given(st.integers(1, 10**6))
def test_one_user_is_worth_at_most_eighty_occurrences(times):
    assert met(people(1, times)).minutes_per_week <= 80 * 3


@given(st.integers(1, 500), st.integers(1, 10**5))
def test_bots_change_nothing_that_people_are_ranked_by(users, times):
    alone, among_bots = met(people(users)), met(people(users), people(5, times, "bot"))
    assert (alone.value, alone.severity) == (among_bots.value, among_bots.severity)


@given(st.integers(0, 10**6), st.floats(0.1, 30), st.sampled_from([None, finding().location]))
def test_any_score_is_reproduced_from_its_reasons(events, minutes, location):
    found = scored(finding(events_week=events, location=location), price=Price(minutes=minutes, because="assumed"))
    counted, each = re.search(r": ([\d,.]+) × ([\d.e+-]+) min$", found.reasons[0]).groups()
    said = "\n".join(found.reasons)
    trend, fixability = (re.search(rf"{name} × ([\d.]+):", said)[1] for name in ("trend", "fixability"))
    product = float(counted.replace(",", "")) * float(each) * float(trend) * float(fixability)
    assert found.value == pytest.approx(product, rel=0.06, abs=0.1)


def test_a_little_more_moves_nothing():
    assert scored(finding(events_week=1000)).value == scored(finding(events_week=1003)).value
    assert replace(scored(), reasons=()) == replace(scored(), reasons=())
