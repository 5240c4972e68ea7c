"""N+1 requests, and what only looks like them."""

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns


def parcels(calls: int = 9, ms: float = 70, url: str = "http://warehouse:8080/parcels/{}?full=1", **more) -> Trace:
    trace = Trace(route="/shipping/{order}")
    for number in range(calls):
        trace.call("GET", url.format(number), ms, **more)
    return trace


def test_one_request_for_each_of_many_is_found(tmp_path):
    (found,) = of_traces(tmp_path, parcels())
    assert (found.pattern, found.title) == (
        "n_plus_one_api",
        "N+1 requests in /shipping/{order}: 9 × http://warehouse:8080/parcels/*",
    )


def test_the_old_conventions_and_sentrys_say_the_same(tmp_path):
    old, page = Trace(), Page()
    for number in range(6):
        old.span("GET", 70, **{"http.method": "GET", "http.url": f"http://warehouse/parcels/{number}"})
        said = {"url": "/api/parcels", "http.query": f"?id={number}"}
        page.span("http.client", f"GET /api/parcels?id={number}", 70, **said)
    assert patterns(of_traces(tmp_path, old)) == ["n_plus_one_api"]
    assert patterns(of_pages(tmp_path, page)) == ["n_plus_one_api"]


def test_few_quick_failing_or_always_the_same_requests_are_none(tmp_path):
    near_misses = (parcels(calls=4), parcels(ms=10), parcels(url="http://jobs/7"), parcels(failed=True, ms=300))
    assert "n_plus_one_api" not in patterns(of_traces(tmp_path, *near_misses))


def test_requests_spread_over_time_are_none(tmp_path):
    trace = Trace()
    for number in range(8):
        trace.call("GET", f"http://jobs/{number}", 50, begin_ms=number * 1000)
    assert of_traces(tmp_path, trace) == []
