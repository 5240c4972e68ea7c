"""Releases in which a route fails more often."""

from improver import plugins
from tests.detectors.rolled import Runs, symptoms

DETECTOR = plugins.load("detectors", "error_rate_regression")


def released(before: float, after: float, **more) -> tuple[Runs, Runs]:
    return (
        Runs(begin=14, end=3, release="1.0", failed=before, **more),
        Runs(begin=3, release="1.1", failed=after, **more),
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
