"""Slow queries, and who waits for them."""

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns

YEAR = "select sum(price) from orders where placed > '2026-01-01' and shop = 7"


def yearly(ms: float = 800, **more) -> Trace:
    trace = Trace(route="/yearly", **more)
    trace.query(YEAR, ms)
    return trace


def test_a_statement_that_is_slow_again_and_again_is_found(tmp_path):
    (found,) = of_traces(tmp_path, yearly(), yearly(900), yearly())
    assert found.pattern == "slow_db"
    assert found.title == "Slow query: select sum(price) from orders where placed > ? and shop = ?"


def test_sentrys_are_found_too(tmp_path):
    pages = [Page(op="http.server") for _ in range(3)]
    for page in pages:
        page.span("db", YEAR, 700)
    assert patterns(of_pages(tmp_path, *pages)) == ["slow_db"]


def test_a_slow_run_or_two_and_quick_ones_are_none(tmp_path):
    assert of_traces(tmp_path, yearly(), yearly(), *(yearly(400) for _ in range(6))) == []


def test_what_a_job_waits_for_is_none(tmp_path):
    assert of_traces(tmp_path, *(yearly(kind=1) for _ in range(5))) == []


def test_many_slow_queries_of_one_shape_are_an_n_plus_one_only(tmp_path):
    traces = [Trace(), Trace(), Trace()]
    for trace in traces:
        trace.query("select id from shops", 5)
        for shop in range(6):
            trace.query(f"select sum(price) from orders where shop = {shop}", 600)
    assert patterns(of_traces(tmp_path, *traces)) == ["n_plus_one_db"]
