"""Tries without an end, and those that are normal."""

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns


def tries(failed: int = 5, pause: float = 1, then: bool = False, url: str = "http://printer/down") -> Trace:
    trace, at = Trace(route="/publish"), 1.0
    for number in range(failed + then):
        trace.call("POST", url.format(number), 2, begin_ms=at, failed=number < failed)
        at += 2 + pause * 2**number if pause > 1 else 3
    return trace


def test_tries_that_do_not_wait_are_found(tmp_path):
    (found,) = of_traces(tmp_path, tries(), tries())
    assert found.pattern == "retry_storm"
    assert found.title == "Retry storm in /publish: 5 failed tries of http://printer/down"


def test_sentrys_are_found_too(tmp_path):
    pages = [Page(op="http.server"), Page(op="http.server")]
    for page in pages:
        for _ in range(4):
            page.span("http.client", "POST http://printer/down", 2, status="unavailable", url="http://printer/down")
    assert patterns(of_pages(tmp_path, *pages)) == ["retry_storm"]


def test_so_many_are_too_many_however_long_they_wait(tmp_path):
    assert patterns(of_traces(tmp_path, tries(7, pause=200), tries(7, pause=200))) == ["retry_storm"]


def test_two_tries_pauses_that_grow_and_different_things_that_fail_are_none(tmp_path):
    for near_miss in (tries(2, then=True), tries(4, pause=200), tries(3, pause=150, then=True), tries(6, url="http://printer/{}/label")):
        other = Trace(route="/publish")
        other.spans = [{**span, "traceId": other.id, "parentSpanId": other.root} for span in near_miss.spans]
        assert of_traces(tmp_path, near_miss, other) == []
