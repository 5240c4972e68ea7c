"""N+1 queries, and what only looks like them."""

import pytest

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns

SOURCE = "select id from orders where user_id = 7"
ITEM = "select * from items where order_id = {}"


def n_plus_one(calls: int = 8, ms: float = 10, source: str = SOURCE) -> Trace:
    trace = Trace()
    trace.query(source, 5)
    for number in range(calls):
        trace.query(ITEM.format(number), ms)
    return trace


def test_one_query_for_each_row_of_another_is_found_once_with_what_it_costs(tmp_path):
    (found,) = of_traces(tmp_path, n_plus_one(), n_plus_one())
    assert (found.pattern, found.kind, found.events) == ("n_plus_one_db", "performance", 2)
    assert found.title == "N+1 query in /orders: 8 × select * from items where order_id = ?"
    assert "one" in found.advice
    assert found.minutes_per_week == round(2 * 70 / 60000, 1)


def test_few_or_quick_queries_are_none(tmp_path):
    assert of_traces(tmp_path, n_plus_one(calls=4, ms=100), n_plus_one(calls=20, ms=1)) == []


def test_repeated_queries_without_a_source_are_none(tmp_path):
    assert of_traces(tmp_path, n_plus_one(source=ITEM.format(99))) == []


@pytest.mark.parametrize(
    "statement",
    [
        "insert into nights (hut, night) values (1, {})",
        "UPDATE stock SET n = n - 1 WHERE plant = {}",
        "delete from basket where line = {}",
    ],
)
def test_what_is_written_one_by_one_is_found_also_where_the_request_brought_it(statement, tmp_path):
    trace = Trace()
    for number in range(12):
        trace.query(statement.format(number), 8)
    assert patterns(of_traces(tmp_path, trace)) == ["n_plus_one_db"]


@pytest.mark.parametrize(("calls", "ms", "kind"), [(6, 20, 2), (12, 1, 2), (12, 8, 1)])
def test_a_few_writes_quick_ones_and_a_jobs_are_none(calls, ms, kind, tmp_path):
    trace = Trace(kind=kind)
    for number in range(calls):
        trace.query(f"insert into nights (hut, night) values (1, {number})", ms)
    assert of_traces(tmp_path, trace) == []


def test_queries_that_run_side_by_side_are_none(tmp_path):
    trace = Trace()
    trace.query(SOURCE, 5)
    for number in range(8):
        trace.query(ITEM.format(number), 100, begin_ms=10 + number)
    assert of_traces(tmp_path, trace) == []


def test_a_loop_over_different_queries_is_none(tmp_path):
    trace = Trace()
    trace.query(SOURCE, 5)
    for table in ("items", "prices", "stock", "colours", "sizes", "tags"):
        trace.query(f"select * from {table} where order_id = 1", 30)
    assert of_traces(tmp_path, trace) == []


def test_the_same_route_of_two_services_is_two(tmp_path):
    one, other = n_plus_one(), n_plus_one()
    other.service = "bakery"
    assert patterns(of_traces(tmp_path, one, other)) == ["n_plus_one_db", "n_plus_one_db"]


def test_of_a_query_that_stands_between_some_of_them_it_is_still_one(tmp_path):
    trace = Trace()
    trace.query(SOURCE, 5)
    for number in range(9):
        trace.query(ITEM.format(number), 20)
        if number in (2, 6):
            trace.query(f"update seen set n = {number}", 5)
    assert patterns(of_traces(tmp_path, trace)) == ["n_plus_one_db"]


def test_the_old_conventions_and_sentrys_say_the_same(tmp_path):
    old, page = Trace(), Page(op="http.server")
    for statement in (SOURCE, *(ITEM.format(number) for number in range(6))):
        old.span("SELECT", 15, **{"db.system": "mysql", "db.statement": statement})
        page.span("db.sql.query", statement, 15, **{"db.system": "mysql"})
    assert patterns(of_traces(tmp_path, old)) == ["n_plus_one_db"]
    assert patterns(of_pages(tmp_path, page)) == ["n_plus_one_db"]


def test_what_keeps_a_connection_and_what_asks_a_cache_is_none(tmp_path):
    trace = Trace()
    trace.query(SOURCE, 5)
    for number in range(8):
        trace.span("connect", 10, **{"db.system": "sqlite"})
        trace.query("BEGIN", 10)
        trace.span("GET", 20, **{"db.system.name": "redis", "db.query.text": f"GET item:{number}"})
    assert of_traces(tmp_path, trace) == []
