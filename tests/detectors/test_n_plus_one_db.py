"""N+1 queries, and what only looks like them."""

from tests.detectors.told import Trace, of_traces

SOURCE = "select id from orders where user_id = 7"
ITEM = "select * from items where order_id = {}"


def n_plus_one(calls: int = 8, ms: float = 10, source: str = SOURCE) -> Trace:
    trace = Trace()
    trace.query(source, 5)
    for number in range(calls):
        trace.query(ITEM.format(number), ms)
    return trace


def patterns(found):
    return [row.pattern for row in found]


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
