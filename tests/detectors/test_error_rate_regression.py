"""Releases in which a route fails more often."""

import pytest

from improver import plugins
from tests.detectors.rolled import Runs, symptoms
from tests.detectors.told import Trace, of_traces, patterns

DETECTOR = plugins.load("detectors", "error_rate_regression")


def released(before: float, after: float, **more) -> tuple[Runs, Runs]:
    return (
        Runs(begin=14, end=3, release="1.0", failed=before, **more),
        Runs(begin=3, release="1.1", failed=after, **more),
    )


def refusing(before: float, after: float, **more) -> tuple[Runs, Runs]:
    return (
        Runs(begin=14, end=3, release="1.0", refused=before, **more),
        Runs(begin=3, release="1.1", refused=after, **more),
    )


def told(*runs: Runs) -> list[str]:
    return [symptom.title for symptom in symptoms(DETECTOR, *runs)]


def test_a_release_that_fails_more_is_found():
    (found,) = symptoms(DETECTOR, *released(0.02, 0.25))
    assert found.title == "25.0% of /search fail since release 1.1, before 2.0%"
    assert (found.release, found.events_week) == ("1.1", 108)


def test_hardly_more_fewer_and_too_few_are_none():
    assert told(*released(0.1, 0.12)) == []
    assert told(*released(0.3, 0.02)) == []
    assert told(*released(0.0, 0.3, each_hour=1, hours=(5,))) == []


def test_what_failed_while_it_started_only_is_none():
    starting = Runs(begin=3, end=2.8, each_hour=60, failed=0.9, release="1.1")
    assert told(Runs(begin=14, end=3, release="1.0"), starting, Runs(begin=2.8, each_hour=60, release="1.1")) == []


def test_an_old_release_that_still_runs_somewhere_is_not_the_newest():
    assert told(*released(0.3, 0.0), Runs(begin=14, release="0.9", failed=0.01)) == []


def test_failures_that_come_on_bad_days_anyway_are_none():
    bad_days = [
        Runs(
            begin=day,
            end=day - 1,
            release="1.0" if day > 3 else "1.1",
            failed=0.6 if day in (14, 10, 6, 3, 1) else 0.0,
        )
        for day in range(14, 0, -1)
    ]
    assert told(*bad_days) == []


def test_a_release_since_which_far_more_is_refused_is_found():
    (found,) = symptoms(DETECTOR, *refusing(0.1, 0.5))
    assert found.title == "50.0% of /search are refused since release 1.1, before 10.0%"
    assert found.events_week == 216


def test_what_is_refused_a_little_more_or_on_one_day_only_is_none():
    assert told(*refusing(0.1, 0.16)) == []
    assert told(*refusing(0.4, 0.6)) == []
    after = [Runs(begin=day, end=day - 1, release="1.1", refused=0.6 if day == 3 else 0.1) for day in (3, 2, 1)]
    assert told(Runs(begin=14, end=3, release="1.0", refused=0.1), *after) == []


def test_a_route_that_fails_and_is_refused_more_is_told_of_once():
    before, after = Runs(begin=14, end=3, release="1.0"), Runs(begin=3, release="1.1", failed=0.25, refused=0.5)
    assert told(before, after) == ["25.0% of /search fail since release 1.1, before 0.0%"]


def answers(status: int, user: str) -> list[Trace]:
    """Of two releases, of which the later one answers every second asker with this status."""
    refused = [number >= 60 and number % 2 == 0 for number in range(120)]
    return [
        Trace(
            route="/bookings", at=number * 1800, release="1.0" if number < 60 else "1.1", user=user.format(number % 9),
            answered=status if refused[number] else 200,
        )
        for number in range(120)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "user", "found"),
    [
        (400, "visitor-{}", ["error_rate_regression"]),
        (422, "", ["error_rate_regression"]),
        (404, "visitor-{}", ["error_rate_regression"]),
        (422, "script", []),
        (404, "", []),
        (401, "visitor-{}", []),
        (429, "visitor-{}", []),
    ],
)
def test_what_people_are_refused_is_found_and_not_what_strangers_and_programs_are(tmp_path, status, user, found):
    assert patterns(of_traces(tmp_path, *answers(status, user))) == found


def test_a_stranger_who_asks_for_nonsense_among_people_is_none(tmp_path):
    traces = answers(422, "visitor-{}")
    for trace in traces:
        trace.user = "" if trace.answered == 422 else trace.user
    assert patterns(of_traces(tmp_path, *traces, *answers(200, "visitor-{}"))) == []
