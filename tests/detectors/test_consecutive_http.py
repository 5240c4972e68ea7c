"""Requests in a row that could be sent side by side."""

import pytest

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns

HOSTS = ("mail", "orders", "points")


def profile(ms: float = 1100, gap: float = 5, hosts: tuple[str, ...] = HOSTS, rest_ms: float = 0, **more) -> Trace:
    trace = Trace(route="/profile", **more)
    for number, host in enumerate(hosts):
        trace.call("GET", f"http://{host}/slow?user=7", ms, begin_ms=1 + number * (ms + gap))
    trace.span("render", rest_ms, kind=1)
    return trace


def asked(*urls: str, ms: float = 400) -> Trace:
    trace = Trace(route="/profile")
    for url in urls:
        trace.call("GET", url, ms)
    return trace


def test_slow_requests_in_a_row_are_found(tmp_path):
    (found,) = of_traces(tmp_path, profile())
    assert (found.pattern, found.title) == ("consecutive_http", "3 requests one after the other in /profile")


@pytest.mark.parametrize(
    "urls",
    [
        ("http://weather/now", "http://trains/next", "http://huts/open"),
        ("http://a/users/7", "http://b/orders?user=7", "http://c:8080/points/7/sum"),
        ("https://a/v1/mail", "https://a/v2/news", "https://a/v2/basket"),
        ("http://auth/oauth/token", "http://a/mail", "http://b/news", "http://c/basket", "http://c/points"),
    ],
)
def test_those_are_found_that_nothing_had_to_be_known_for_but_what_was_asked_first(urls, tmp_path):
    assert patterns(of_traces(tmp_path, asked(*urls))) == ["consecutive_http"]


@pytest.mark.parametrize(
    "urls",
    [
        ("http://a/token", "http://a/accounts/17", "http://a/clubs/4/card"),
        ("http://a/me", "http://a/carts?owner=17", "http://a/prices?cart=99", "http://a/rates?zone=3"),
        ("http://a/search?q=oak", "http://a/photos/ab12", "http://a/lenses/f00d1"),
        ("http://auth/login", "http://a/mail", "http://b/news"),
    ],
)
def test_each_that_needs_what_the_one_before_it_said_is_none(urls, tmp_path):
    assert of_traces(tmp_path, asked(*urls, ms=900)) == []


def test_what_writes_may_need_its_order(tmp_path):
    trace = Trace(route="/checkout")
    for what in ("orders", "charges", "mails"):
        trace.call("POST", f"http://{what}/new", 900)
    assert of_traces(tmp_path, trace) == []


def test_a_browsers_are_found(tmp_path):
    page = Page()
    for what in ("basket", "points", "news"):
        page.span("http.client", f"GET /api/{what}", 1200, **{"http.method": "GET", "url": f"/api/{what}"})
    assert patterns(of_pages(tmp_path, page)) == ["consecutive_http"]


@pytest.mark.parametrize(
    "near_miss",
    [
        {"ms": 90},
        {"ms": 200},
        {"ms": 400, "rest_ms": 900},
        {"gap": 900},
        {"gap": -1000},
        {"hosts": ("mail", "orders")},
        {"hosts": ("mail", "mail", "mail")},
        {"kind": 1},
    ],
)
def test_quick_spread_parallel_few_repeated_and_unwaited_ones_are_none(near_miss, tmp_path):
    assert of_traces(tmp_path, profile(**near_miss)) == []
