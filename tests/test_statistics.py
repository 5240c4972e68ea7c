"""Shifts, change points and rates."""

import math

import pytest

from improver.statistics import Count, change_points, dispersion, g_value, rate_rise, shift


def test_a_shift_lies_between_what_the_samples_allow():
    before, after = [100 + n % 10 for n in range(40)], [150 + n % 10 for n in range(20)]
    found = shift(before, after)
    assert found.estimate == 50
    assert found.low > 40
    assert (found.beyond(0.25), shift(after, before).beyond(0.25), shift(before, before).beyond(0.25)) == (1, -1, 0)


def test_samples_of_nothing_and_of_one_value_have_no_shift():
    assert shift([], [1.0]).beyond(0) == 0
    assert shift([1.0] * 5, [1.0] * 5).beyond(0) == 0
    assert shift([math.nan, math.inf], [1.0]).beyond(0) == 0


def test_levels_are_told_apart_and_noise_is_not():
    noise = [((n * 7919) % 13) / 13 for n in range(90)]
    steps = [value + (5 if n >= 60 else 0) for n, value in enumerate(noise)]
    assert change_points(steps) == [60]
    assert change_points(noise) == []
    assert change_points([]) == change_points([1.0] * 50) == []


def test_a_rate_that_varies_anyway_rises_less_surely():
    steady = [Count(hits=5, runs=100)] * 10
    clustered = [Count(hits=hits, runs=100) for hits in (0, 25) * 5]
    assert (dispersion(steady), dispersion(clustered) > 10) == (1.0, True)
    before, after = Count(hits=50, runs=1000), Count(hits=30, runs=300)
    assert rate_rise(before, after, 1.0) > 3 > rate_rise(before, after, dispersion(clustered))
    assert rate_rise(Count(hits=0, runs=0), after, 1.0) == 0


def test_a_share_that_changed_has_a_g_value_and_one_that_did_not_has_none():
    assert g_value(Count(hits=10, runs=1000), Count(hits=10, runs=1000)) == pytest.approx(0)
    assert g_value(Count(hits=10, runs=1000), Count(hits=90, runs=1000)) > 10.8
