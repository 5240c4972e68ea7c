"""Routes that have become slower, and those that only seem so."""

from improver import plugins
from tests.detectors.rolled import Runs, symptoms
from tests.detectors.told import Trace, findings

DETECTOR = plugins.load("detectors", "latency_regression")


def told(*runs: Runs) -> list[str]:
    return [symptom.title for symptom in symptoms(DETECTOR, *runs)]


def test_a_route_that_takes_twice_as_long_since_a_release_is_found_with_it():
    (found,) = symptoms(
        DETECTOR,
        Runs(begin=14, end=3, release="1.0"),
        Runs(begin=3, release="1.1", ms=200),
        Runs(begin=14, release="1.0", route="/browse"),
    )
    assert found.title == "/search takes 2.0 × as long since release 1.1"
    assert (found.release, found.events_week) == ("1.1", 3 * 24 * 6)
    assert 600 < found.minutes_week * 1000 < 900


def test_without_releases_it_is_known_since_when():
    assert told(Runs(begin=14, end=4), Runs(begin=4, ms=300)) == ["/search takes 3.0 × as long since 2026-11-12 12:00"]


def test_of_a_busy_route_it_is_known_within_hours():
    assert len(told(Runs(begin=14, end=0.5, each_hour=20), Runs(begin=0.5, ms=250, each_hour=20))) == 1


def test_a_little_slower_hardly_any_milliseconds_and_quicker_are_none():
    assert told(Runs(begin=14, end=3), Runs(begin=3, ms=115)) == []
    assert told(Runs(begin=14, end=3, ms=5), Runs(begin=3, ms=12)) == []
    assert told(Runs(begin=14, end=3, ms=300), Runs(begin=3, ms=100)) == []


def test_what_is_over_again_is_none():
    assert told(Runs(begin=14, end=5), Runs(begin=5, end=4, ms=900), Runs(begin=4)) == []


def test_the_peak_of_every_day_is_none():
    peak = tuple(range(4, 12))
    quiet = tuple(hour for hour in range(24) if hour not in peak)
    assert told(Runs(begin=14, hours=quiet, each_hour=20), Runs(begin=14, hours=peak, ms=300, each_hour=20)) == []


def test_a_jobs_runs_and_a_route_that_hardly_ever_runs_are_none():
    assert told(Runs(begin=14, end=3, awaited=False), Runs(begin=3, ms=400, awaited=False)) == []
    assert told(Runs(begin=14, end=3, hours=(3,), each_hour=1), Runs(begin=3, ms=400, hours=(3,), each_hour=1)) == []


def test_the_service_that_the_time_is_spent_in_is_named(tmp_path):
    records = []
    for number in range(80):
        trace = Trace(route="/search", at=-number * 4 * 3600)
        called = trace.call("GET", "http://stock/all", 400 if number < 20 else 20)
        records += [trace.request(), entered(trace, called)]
    (found,) = [row for row in findings(tmp_path, "otlp", records) if "/search" in row.title]
    assert "of its time is spent in the service stock." in found.advice


def entered(trace: Trace, called: str) -> dict:
    """What the service that was called tells of it."""
    callee = Trace(service="stock", route="/all", at=trace.at, now_ms=trace.now_ms - 3)
    request = callee.request()
    [scope] = request["resourceSpans"][0]["scopeSpans"]
    scope["spans"][0] |= {"traceId": trace.id, "parentSpanId": called}
    return request


def test_what_one_user_runs_again_and_again_weighs_less_than_what_many_meet(tmp_path):
    one, many = (_slowed(tmp_path, whose) for whose in ("one", "each their own"))
    assert one.minutes_per_week < 0.75 * many.minutes_per_week
    assert "What one user repeats weighs less" in one.advice
    assert "weighs less" not in many.advice


def _slowed(tmp_path, whose: str):
    records = []
    for number in range(80):
        trace = Trace(route="/search", at=-number * 4 * 3600, user="one" if whose == "one" else f"u{number}")
        trace.call("GET", "http://stock/all", 4000 if number < 20 else 20)
        records.append(trace.request())
    (found,) = [row for row in findings(tmp_path, "otlp", records) if "/search" in row.title]
    return found
