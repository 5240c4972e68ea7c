"""Queries in a row that could run side by side."""

from tests.detectors.told import Page, Trace, of_pages, of_traces, patterns

TABLES = ("prices", "stock", "reviews")


def in_a_row(ms: float = 80, gap: float = 1, tables: tuple[str, ...] = TABLES, **more) -> Trace:
    trace = Trace(route="/book", **more)
    for number, table in enumerate(tables):
        trace.query(f"select * from {table} where book = 1", ms, begin_ms=1 + number * (ms + gap))
    return trace


def test_different_queries_in_a_row_are_found_with_what_they_would_save(tmp_path):
    (found,) = of_traces(tmp_path, in_a_row(), in_a_row())
    assert (found.pattern, found.title) == ("consecutive_db", "3 queries one after the other in /book")
    assert "160 ms" in found.advice


def test_sentrys_are_found_too(tmp_path):
    pages = [Page(op="http.server"), Page(op="http.server")]
    for page in pages:
        for table in TABLES:
            page.span("db", f"SELECT * FROM {table} WHERE book = 1", 80)
    assert patterns(of_pages(tmp_path, *pages)) == ["consecutive_db"]


def test_quick_ones_those_with_work_in_between_and_those_of_jobs_are_none(tmp_path):
    for near_miss in (in_a_row(ms=20), in_a_row(gap=40), in_a_row(ms=40, tables=TABLES[:2]), in_a_row(kind=1)):
        other = Trace(route=near_miss.route, kind=near_miss.kind)
        other.spans = [{**span, "traceId": other.id, "parentSpanId": other.root} for span in near_miss.spans]
        assert of_traces(tmp_path, near_miss, other) == []


def test_where_one_of_them_is_slow_that_one_is_the_cause(tmp_path):
    traces = [Trace() for _ in range(3)]
    for trace in traces:
        trace.query("select * from prices", 900)
        trace.query("select * from stock", 200)
    assert patterns(of_traces(tmp_path, *traces)) == ["slow_db"]


def test_writes_are_none(tmp_path):
    traces = [Trace(), Trace()]
    for trace in traces:
        for table in TABLES:
            trace.query(f"insert into {table} values (1)", 90)
    assert of_traces(tmp_path, *traces) == []
