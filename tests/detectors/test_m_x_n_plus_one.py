"""M×N+1 queries, and that they are told once."""

import pytest

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns

TABLES = ("prices", "stock", "reviews")


def in_turn(times: int = 5, ms: float = 8, tables: tuple[str, ...] = TABLES) -> Trace:
    trace = Trace(route="/catalogue")
    trace.query("select id from books", 5)
    for book in range(times):
        for table in tables:
            trace.query(f"select name from {table} where book = {book}", ms)
    return trace


def test_queries_in_turn_for_each_of_many_are_one_finding(tmp_path):
    (found,) = of_traces(tmp_path, in_turn(times=6), in_turn(times=6))
    assert (found.pattern, found.events) == ("m_x_n_plus_one", 2)
    assert found.title.startswith("M×N+1 queries in /catalogue: 6 × 3 in turn, select name from prices")


def test_a_query_and_a_request_in_turn_are_one(tmp_path):
    trace = Trace()
    for number in range(6):
        trace.query(f"select name from parcels where id = {number}", 10)
        trace.call("GET", f"http://carrier/parcels/{number}", 90)
    assert patterns(of_traces(tmp_path, trace)) == ["m_x_n_plus_one"]


PAGES = (
    "http://lists/members?cursor=c{}", "http://lists/members?page_size=100&pageToken=t{}", "http://lists/members?page={}",
    "http://lists/members?limit=100&offset={}00", "http://lists/members?starting_after=m{}",
    "http://lists/members?page[number]={}", "http://lists/members?%24skip={}00",
)  # fmt: skip


def turns(url: str) -> Trace:
    trace = Trace(kind=1)
    for number in range(8):
        trace.call("GET", url.format(number), 90)
        trace.query("insert into members values (?, ?)", 20)
    return trace


@pytest.mark.parametrize("url", PAGES)
def test_pages_of_a_list_and_what_is_done_with_each_are_none(tmp_path, url):
    assert of_traces(tmp_path, turns(url)) == []


@pytest.mark.parametrize("url", ["http://shop/orders?page=1&id={}", "http://shop/orders/{}/items?page_size=10"])
def test_the_first_page_for_each_of_many_is_one(tmp_path, url):
    assert patterns(of_traces(tmp_path, turns(url))) == ["m_x_n_plus_one"]


def test_a_port_that_the_system_gave_out_makes_it_no_other(tmp_path):
    traces = [turns(f"http://127.0.0.1:{port}/orders/{{}}") for port in (33185, 45383, 60999)]
    (found,) = of_traces(tmp_path, *traces)
    assert "http://127.0.0.1:*/orders/*" in found.title
    assert len(of_traces(tmp_path, turns("http://stock:8080/orders/{}"), turns("http://stock:8081/orders/{}"))) == 2


def test_two_rounds_or_quick_ones_are_none(tmp_path):
    assert of_traces(tmp_path, in_turn(times=2, ms=50), in_turn(times=10, ms=1)) == []


def test_different_queries_that_no_pattern_repeats_are_none(tmp_path):
    trace = Trace()
    for table in ("a", "b", "c", "d", "a", "c", "b", "d", "b", "a", "d", "c"):
        trace.query(f"select name from {table} where id = 1", 20)
    assert of_traces(tmp_path, trace) == []


def test_a_pattern_with_one_query_twice_in_it_is_an_n_plus_one_and_nothing_else(tmp_path):
    assert patterns(of_traces(tmp_path, in_turn(times=6, ms=20, tables=("prices", "prices", "stock")))) == [
        "n_plus_one_db"
    ]


def test_sentrys_spans_are_read_alike(tmp_path):
    page = Page(op="http.server")
    for number in range(5):
        for table in TABLES:
            page.span("db", f"SELECT name FROM {table} WHERE book = {number}", 10)
    assert patterns(of_pages(tmp_path, page)) == ["m_x_n_plus_one"]
