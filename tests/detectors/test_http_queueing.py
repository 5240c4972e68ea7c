"""Requests that wait in the browser."""

from tests.detectors.told import Page, of_pages


def waiting(ms: float = 900) -> Page:
    page, began = Page(), 1_795_000_000.0
    for number in range(8):
        page.span(
            "resource.script", f"https://cdn/{number}.js", ms + 50,
            **{"http.request.fetch_start": began, "http.request.request_start": began + ms / 1000},
        )  # fmt: skip
    return page


def test_requests_that_wait_are_found_once_for_a_host(tmp_path):
    (found,) = of_pages(tmp_path, waiting(), waiting())
    assert (found.pattern, found.title) == (
        "http_queueing",
        "Requests wait for 900 ms before they are sent in /orders",
    )


def test_those_that_wait_for_less_and_once_are_none(tmp_path):
    assert of_pages(tmp_path, waiting(400), waiting(400)) == []
    assert of_pages(tmp_path, waiting()) == []


def test_what_says_nothing_or_nonsense_of_it_is_none(tmp_path):
    page = Page()
    for started in ("soon", 1795000000.0):
        said = {"http.request.request_start": started, "http.request.fetch_start": 0}
        page.span("http.client", "GET /api", 900, **said)
    assert of_pages(tmp_path, page, page) == []
