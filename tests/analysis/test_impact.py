"""Whose occurrences were, and what they cost: counted, weighed, shrunk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improver.analysis.impact import ENOUGH, Crowd, Ends, Impact, impact, price, richest, rounded, share
from improver.statistics import weight


def users(people, times=1, *, traffic="", **other):
    return Crowd(**{"traffic": traffic, "named": True, "times": times, "people": people} | other)


crowds = st.lists(
    st.builds(
        Crowd,
        traffic=st.sampled_from(["", "bot", "monitor", "test"]),
        named=st.booleans(),
        times=st.integers(1, 100_000),
        people=st.integers(1, 1000),
    ),
    max_size=8,
)


def test_ten_thousand_of_one_user_do_not_outweigh_three_hundred_of_two_hundred():
    noisy, many = impact([users(1, 10_000)]), impact([users(100, 1), users(100, 2)])
    assert noisy.weighed < 50 < many.weighed == 300
    assert (noisy.most, noisy.users) == (10_000, 1)


def test_bots_monitors_and_tests_do_not_count():
    found = impact([users(3, 1), users(5, 20, traffic="bot"), users(1, 10, traffic="test")])
    assert (found.times, found.people, found.weighed, found.users) == (113, 3, 3, 3)
    assert found.artificial == {"bot": 100, "test": 10}


def test_measured_minutes_of_one_who_repeats_weigh_less():
    found = impact([users(1, 1000, minutes=1000.0), users(10, 1, minutes=10.0)])
    assert 10 < found.weighed_minutes < 50


@given(crowds, crowds)
def test_the_order_in_which_crowds_come_changes_nothing(one, other):
    assert impact([*one, *other]).weighed == pytest.approx(impact([*other, *one]).weighed)


@given(crowds, st.integers(1, 10_000))
def test_bots_never_change_what_people_come_to(found, times):
    if impact(found).people:
        assert impact([*found, users(7, times, traffic="bot")]).weighed == pytest.approx(impact(found).weighed)
    assert impact([users(7, times, traffic="bot")]).weighed == 1


@given(st.integers(1, 10**7), st.integers(1, 1000))
def test_more_occurrences_weigh_more_but_one_user_stays_bounded(times, more):
    assert weight(times) < weight(times + more) <= weight(times) + more
    assert weight(times) <= 80


def test_a_price_follows_what_came_afterwards_and_says_so():
    ends = Ends(times=40, minutes=12 * 1.4 + 28 * 10, buckets={25: 12})
    found = price(3.0, Ends(), ends, 10.0)
    assert found.minutes == rounded((12 * 1.4 + 280 + 30) / 50)
    assert found.because == (
        "12 of 40 were followed by a success (median 1.4 min; at most 10 count); the usual 3 min weighs as 10 more"
    )


def test_too_few_ends_leave_what_was_assumed():
    few = Ends(times=ENOUGH - 1, minutes=90.0)
    assert price(3.0, few, few, 10.0).minutes == 3.0


def test_a_finding_with_few_ends_has_the_price_of_its_kind():
    kind = Ends(times=90, minutes=45.0, buckets={20: 90})
    found = price(3.0, kind, Ends(times=2, minutes=20.0), 10.0)
    assert found.minutes == 0.75
    assert found.because.startswith("of all of its kind, 90 of 90 were followed by a success (median 0.58 min; ")


def test_a_share_of_few_is_shrunk_and_of_many_is_not():
    assert share(1, 1) < 0.05
    assert share(3, 2) == share(3, 3)
    assert share(2000, 10_000) == pytest.approx(0.2, abs=0.002)


def test_of_several_sources_the_one_that_told_most_counts():
    assert richest([Impact(times=3, weighed=3), Impact(times=9, weighed=2)]).times == 9
    assert richest([]) is None
