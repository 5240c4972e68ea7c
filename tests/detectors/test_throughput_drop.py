"""Routes that nobody gets to any more."""

import pytest

from improver import plugins
from tests.detectors.rolled import Runs, symptoms

DETECTOR = plugins.load("detectors", "throughput_drop")
OTHERS = Runs(begin=25, route="/browse")


def used(**more) -> Runs:
    return Runs(**{"begin": 25, "route": "/checkout", "each_hour": 10, **more})


def told(*runs: Runs) -> list[str]:
    return [symptom.title for symptom in symptoms(DETECTOR, *runs)]


def test_a_route_that_stops_while_others_go_on_is_found():
    assert told(used(end=0.5), OTHERS) == ["/checkout is used far less than usual: 0 × in 6 hours, else 60 ×"]


def test_a_quiet_route_is_compared_over_days():
    quiet = {"hours": (1, 5, 9, 13, 17, 21), "each_hour": 4}
    assert told(used(end=2, **quiet), OTHERS) == ["/checkout is used far less than usual: 0 × in 48 hours, else 48 ×"]
    assert told(used(end=0.5, **quiet), OTHERS) == []


def test_what_came_back_is_none():
    assert told(used(end=2), used(begin=0.5), OTHERS) == []


def test_what_stops_together_is_a_holiday_or_missing_telemetry():
    assert told(used(end=0.5), Runs(begin=25, end=0.5, route="/browse")) == []


def test_an_hour_of_deployment_is_none():
    assert told(used(end=3 / 24), used(begin=2 / 24), OTHERS) == []


def test_hours_that_are_always_quiet_are_none():
    assert told(used(hours=tuple(range(12, 24))), OTHERS) == []


def test_what_varies_that_much_anyway_and_hardly_used_routes_are_none():
    each_week = enumerate((3, 9, 30, 2))
    weeks = [used(begin=7 * week + 0.5, end=7 * week, each_hour=each) for week, each in each_week]
    assert told(*weeks, OTHERS) == []
    assert told(used(end=0.5, each_hour=2), OTHERS) == []


def test_without_weeks_to_compare_with_there_is_none():
    assert told(used(begin=6, end=0.5), Runs(begin=6, route="/browse")) == []


def job(**more) -> Runs:
    return Runs(**{"begin": 20, "route": "send_invoices", "awaited": False, "each_hour": 1, **more})


SILENT_JOBS = {
    "hourly": (job(end=2), "send_invoices of web ran every hour, and has not for 48 hours"),
    "nightly": (job(end=4, hours=(3,)), "send_invoices of web ran every 24 hours, and has not for 104 hours"),
    "with another": (
        [job(end=2), job(end=2, hours=(1, 5, 9, 13, 17, 21), route="archive")],
        "send_invoices and 1 other of web ran every hour, and has not for 48 hours",
    ),
}


@pytest.mark.parametrize("name", SILENT_JOBS)
def test_a_job_that_kept_its_rhythm_and_is_silent_is_found_once(name):
    jobs, title = SILENT_JOBS[name]
    assert told(*(jobs if isinstance(jobs, list) else [jobs]), OTHERS) == [title]


def days(*since: float, **more) -> list[Runs]:
    """Of a job that runs on these days only."""
    return [job(begin=day, end=day - 1, **more) for day in since]


RESTING_JOBS = {
    "late by less than it ever was": [job(end=0.2)],
    "a weekend like the one before": [*days(20, 19, 18, 17, 16, 13, 12, 11, 10, 9, 6, 5, 4, 3, hours=(3,))],
    "done after some days": [job(begin=8, end=4)],
    "started by somebody now and then": [*days(25, 24, 19, 18, 17, 11, 9, hours=(9, 10, 15))],
    "too seldom to have a rhythm": [*days(24, 17, 10, hours=(3,))],
    "it runs again": [job(end=3), job(begin=1)],
}


@pytest.mark.parametrize("name", RESTING_JOBS)
def test_a_job_that_rests_or_is_done_is_none(name):
    assert told(*RESTING_JOBS[name], OTHERS) == []


def test_a_job_that_is_silent_with_all_else_is_none():
    assert told(job(end=2), Runs(begin=25, end=2, route="/browse")) == []
