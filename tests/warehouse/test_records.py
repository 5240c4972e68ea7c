"""Nouns come back from their tables as they went in."""

import dataclasses
from datetime import UTC, datetime

import pytest

from improver.config import Settings
from improver.errors import ImproverError
from improver.model import Finding, FindingKind, FindingStatus, Frame, Location, Score, SkipReason
from improver.warehouse import Warehouse, records

NOW = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture
def warehouse(tmp_path):
    opened = Warehouse.open(tmp_path, Settings().warehouse)
    yield opened
    opened.close()


def finding(**fields):
    whole = {
        "id": "f1", "kind": FindingKind.ERROR, "target": "shop", "environment": "prod", "service": "web",
        "fingerprint": "v1:k", "title": "T", "status": FindingStatus.OPEN, "first_seen": NOW, "last_seen": NOW,
        "updated_at": NOW,
    }  # fmt: skip
    return Finding(**(whole | fields))


def test_a_record_comes_back_as_it_went_in(warehouse):
    whole = finding(
        location=Location(file="a.py", revision="r"),
        frames=(Frame(filename="a.py", lineno=3),),
        score=Score(value=1.5, reasons=("x",)),
        skipped=SkipReason.AUTO_OFF,
        hourly=(1, 2),
        title="'; drop table findings; --\x00\u202e",
    )
    with warehouse.state.transaction() as writer:
        records.put(writer, whole)
        assert records.get(writer, Finding, "f1") == whole


def test_putting_again_replaces(warehouse):
    with warehouse.state.transaction() as writer:
        records.put(writer, finding())
        records.put(writer, finding(title="new"))
        assert [f.title for f in records.select(writer, Finding)] == ["new"]


def test_a_failed_transaction_leaves_nothing(warehouse):
    with pytest.raises(ZeroDivisionError), warehouse.state.transaction() as writer:
        records.put(writer, finding())
        raise ZeroDivisionError
    assert warehouse.state.value("select count(*) from findings") == 0


@pytest.mark.parametrize("noun", records.TABLES, ids=lambda noun: noun.__name__)
def test_every_field_of_a_noun_has_a_column(warehouse, noun):
    columns = {r["column_name"] for r in warehouse.state.rows(f"describe {records.TABLES[noun]}")}
    assert columns == {field.name for field in dataclasses.fields(noun)}


def test_sql_reaches_neither_files_nor_other_databases(warehouse, tmp_path):
    import duckdb

    outside = tmp_path.parent / "outside.duckdb"
    for sql in (
        "select * from read_text('/etc/passwd')",
        f"attach '{outside}'",
        f"copy (select 1) to '{outside}'",
        "set enable_external_access = true",
        "install httpfs",
    ):
        with pytest.raises(duckdb.Error):
            warehouse.telemetry.rows(sql)


def test_a_database_of_a_newer_improver_is_refused(warehouse, tmp_path):
    with warehouse.state.transaction() as writer:
        writer.execute("insert into migrations (number) values (999)")
    warehouse.close()
    with pytest.raises(ImproverError, match="newer improver") as refused:
        Warehouse.open(tmp_path, Settings().warehouse)
    assert "upgrade" in refused.value.hint
