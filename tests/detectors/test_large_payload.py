"""Answers that are too large."""

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns


def answer(size: int = 900_000, ms: float = 400, url: str = "/api/orders", op: str = "http.client") -> Page:
    page = Page()
    page.span(op, f"GET {url}", ms, **{"url": url, "http.response_content_length": size})
    return page


def test_a_large_answer_that_people_wait_for_is_found(tmp_path):
    (found,) = of_pages(tmp_path, answer(), answer())
    assert (found.pattern, found.title) == ("large_payload", "Large answer: 900 kB from /api/orders")


def test_what_a_server_fetches_is_found(tmp_path):
    traces = [Trace(), Trace()]
    for trace in traces:
        trace.call("GET", "http://stock/all", 300, **{"http.response.body.size": 2_000_000})
    assert patterns(of_traces(tmp_path, *traces)) == ["large_payload"]


def test_a_huge_answer_is_found_however_quick_the_line_was(tmp_path):
    quick = answer(2_500_000, ms=9), answer(2_500_000, ms=9)
    assert patterns(of_pages(tmp_path, *quick)) == ["large_payload"]


def test_between_servers_a_huge_answer_that_is_quick_is_none(tmp_path):
    traces = [Trace(), Trace()]
    for trace in traces:
        trace.call("GET", "http://stock/all", 9, **{"http.response.body.size": 2_500_000})
    assert of_traces(tmp_path, *traces) == []


def test_small_quick_and_by_nature_large_ones_are_none(tmp_path):
    for near_miss in ({"size": 200_000}, {"ms": 50}, {"url": "/export.pdf"}, {"url": "/a.png", "op": "resource.img"}):
        assert of_pages(tmp_path, answer(**near_miss), answer(**near_miss)) == []


def test_once_is_none(tmp_path):
    assert of_pages(tmp_path, answer()) == []
