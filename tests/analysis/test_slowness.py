"""A route that became slower, and what is slow in it, are one where the one is the whole of the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from improver.analysis import meeting, slowness
from improver.analysis.merging import Kinships, of_symptom
from improver.model import FindingKind, Symptom

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def slow(pattern: str, ago: timedelta, minutes: float, route: str = "/search", **more: object) -> Symptom:
    hours = int(ago.total_seconds() // 3600)
    whole = Symptom(
        detector=pattern, kind=FindingKind.PERFORMANCE, grouping_version=1, key=f"{pattern} of {route}", target="site",
        service="", environment="production", source="otlp", title=pattern, route=route, pattern=pattern,
        first_seen=NOW - ago, last_seen=NOW, events=5, events_week=5, users=3, minutes_week=minutes,
        hourly=(0,) * (168 - hours) + (2,) * hours,
    )  # fmt: skip
    return replace(whole, **more)


def explained(*others: Symptom) -> bool:
    slower = slow("latency_regression", timedelta(days=3), 10.0)
    kinships, together = Kinships([]), slowness.explained([slower, *others], NOW)
    meeting.settle(kinships, {}, together, NOW)
    return kinships.root(of_symptom(slower)) in {of_symptom(other) for other in others}


@pytest.mark.parametrize("pattern", ["slow_db", "n_plus_one_db", "consecutive_http"])
def test_a_route_that_became_slower_by_what_is_slow_in_it_counts_with_that(pattern):
    assert explained(slow(pattern, timedelta(days=3), 9.0))
    once = (1,) + (0,) * 95 + (2,) * 72
    assert explained(slow(pattern, timedelta(days=20), 9.0, hourly=once))


@pytest.mark.parametrize(
    "other",
    [
        slow("slow_db", timedelta(days=3), 4.0),
        slow("slow_db", timedelta(days=7), 9.0),
        slow("slow_db", timedelta(days=3), 9.0, route="/huts"),
        slow("slow_db", timedelta(days=3), 9.0, environment="staging"),
        slow("latency_regression", timedelta(days=3), 10.0, route="/huts"),
    ],
    ids=["a part of it", "slow before", "another route", "another environment", "slower itself"],
)
def test_what_does_not_tell_the_whole_of_it_is_no_cause(other):
    assert not explained(other)
