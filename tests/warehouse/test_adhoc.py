"""SQL that somebody typed reads our tables, and can do nothing else."""

import threading

import pytest

from improver.config import Settings
from improver.errors import ImproverError
from improver.warehouse import Warehouse, adhoc, days
from tests.warehouse.test_days import NOW, load


@pytest.fixture
def telemetry(tmp_path):
    (tmp_path / "keys.toml").write_text("secret = 1")
    warehouse = Warehouse.open(tmp_path, Settings().warehouse)
    load(warehouse.telemetry, "a")
    days.close(warehouse.telemetry, NOW, NOW)
    load(warehouse.telemetry, "b", at=NOW)
    yield warehouse.telemetry
    warehouse.close()


def ask(telemetry, query, limit=100, seconds=30):
    adhoc.asked_of(query)
    return adhoc.ask(telemetry, query, limit=limit, seconds=seconds)


def test_open_and_closed_days_are_answered_for(telemetry):
    answer = ask(telemetry, "with s as (select * from Spans) select count(*) as n, max(seq) from s, range(1)")
    assert (answer.columns, answer.rows, answer.cut) == (("n", "max(seq)"), [[6, 6]], False)


def test_the_tables_of_a_query_are_known():
    assert adhoc.asked_of("select (select max(seq) from errors) from spans join findings using (id)") == {
        "errors", "spans", "findings",
    }  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('{folder}/keys.toml')",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from '{folder}/keys.toml'",
        "select * from glob('/**')",
        "select * from read_parquet('{folder}/days/*')",
        "select * from '{folder}/days/parts.parquet'",
        "select (select content from read_blob('/etc/passwd'))",
        "with x as (select * from read_text('/etc/passwd')) select * from x",
        "select * from query('select 1')",
        "select * from query_table('spans')",
        "select * from duckdb_settings()",
        "select * from force_checkpoint()",
        "select * from hot_spans",
        "select * from information_schema.tables",
        "select * from copied.spans",
        "select getenv('HOME')",
        "select nextval('x')",
        "copy spans to '{folder}/out.csv'",
        "copy (select 1) to '/tmp/improver-out.csv'",
        "attach '{folder}/state.duckdb' as s",
        "pragma database_list",
        "set memory_limit = '90GB'",
        "load httpfs",
        "install httpfs",
        "export database '/tmp/improver-out'",
        "delete from hot_spans",
        "drop view spans",
        "create table t as select 1",
        "insert into offsets values ('1:1', now())",
        "call force_checkpoint()",
        "checkpoint",
        "begin",
        "explain analyze select 1",
        "select 1; select 2",
        "select 1; drop view spans",
        "this is no sql",
        "",
    ],
)
def test_everything_but_a_look_at_our_tables_is_refused(telemetry, query):
    query = query.format(folder=telemetry.file.parent)
    with pytest.raises(ImproverError):
        if (named := adhoc.asked_of(query)) - set(adhoc.tables(telemetry)):
            raise ImproverError(f"there is no table {named}")
        adhoc.ask(telemetry, query, limit=10, seconds=10)
    assert telemetry.value("select count(*) from spans") == 6


def test_what_would_be_read_from_files_is_refused_by_the_database_too(telemetry):
    """Were a name to slip through, there is nothing to read but the days themselves."""
    for query in (
        f"select * from read_text('{telemetry.file.parent}/keys.toml')",
        "select * from read_text('/etc/passwd')",
        f"select * from read_text('{telemetry.days}/../keys.toml')",
    ):
        with pytest.raises(ImproverError, match="Permission"):
            adhoc.ask(telemetry, query, limit=10, seconds=10)


def test_a_query_that_changes_something_fails_in_the_database_too(telemetry):
    with pytest.raises(ImproverError, match="read-only"):
        adhoc.ask(telemetry, "delete from hot_spans", limit=10, seconds=10)
    assert telemetry.value("select count(*) from spans") == 6


def test_a_query_that_takes_too_long_is_stopped_and_the_next_one_answered(telemetry):
    with pytest.raises(ImproverError, match=r"longer than 0\.3 s"):
        ask(telemetry, "select count(*) from range(100000000) a, range(100000000) b", seconds=0.3)
    assert ask(telemetry, "select 1").rows == [[1]]
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_more_than_fits_is_cut(telemetry):
    answer = ask(telemetry, "select * from range(1000)", limit=3)
    assert (answer.rows, answer.cut) == ([[0], [1], [2]], True)
    wide = ask(telemetry, "select repeat('x', 5000000) from range(10)")
    assert wide.cut
    assert len(wide.rows) < 5


def test_any_value_can_be_said_in_json(telemetry):
    answer = ask(telemetry, "select 1.5::decimal(4,1), date '2026-11-21', 'ab'::blob, [1, 2], {'a': [null]}, null")
    assert answer.rows == [["1.5", "2026-11-21", "6162", [1, 2], {"a": [None]}, None]]


def test_a_table_is_exported_and_no_spreadsheet_takes_it_for_formulas(telemetry):
    with telemetry.transaction() as writer:
        writer.execute("update hot_spans set name = '=cmd()', service = ' @x', route = 'a,\"b\"'")
    file = telemetry.copies / "spans.csv"
    assert adhoc.export(telemetry, "spans", file) == 6
    text = file.read_text()
    assert "'=cmd()" in text
    assert "' @x" in text
    assert ",=cmd" not in text
    assert adhoc.export(telemetry, "spans", telemetry.copies / "spans.parquet") == 6
