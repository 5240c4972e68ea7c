"""Requests in a row that could be sent side by side."""

import pytest

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns


def profile(ms: float = 1100, gap: float = 5, hosts: tuple[str, ...] = ("mail", "orders", "points"), **more) -> Trace:
    trace = Trace(route="/profile", **more)
    for number, host in enumerate(hosts):
        trace.call("GET", f"http://{host}/slow?user=7", ms, begin_ms=1 + number * (ms + gap))
    return trace


def test_slow_requests_in_a_row_are_found(tmp_path):
    (found,) = of_traces(tmp_path, profile())
    assert (found.pattern, found.title) == ("consecutive_http", "3 requests one after the other in /profile")


def test_a_browsers_are_found(tmp_path):
    page = Page()
    for what in ("basket", "points", "news"):
        page.span("http.client", f"GET /api/{what}", 1200, **{"http.method": "GET", "url": f"/api/{what}"})
    assert patterns(of_pages(tmp_path, page)) == ["consecutive_http"]


@pytest.mark.parametrize(
    "near_miss",
    [
        {"ms": 400},
        {"gap": 900},
        {"gap": -1000},
        {"hosts": ("mail", "orders")},
        {"hosts": ("mail", "mail", "mail")},
        {"kind": 1},
    ],
)
def test_quick_spread_parallel_few_repeated_and_unwaited_ones_are_none(near_miss, tmp_path):
    assert of_traces(tmp_path, profile(**near_miss)) == []
