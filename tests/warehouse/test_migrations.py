"""Schema changes run once, in order, after a backup; what is newer is refused."""

import duckdb
import pytest

from improver.config import Settings
from improver.errors import ImproverError
from improver.warehouse import Warehouse, migrations

WHOLE = Settings().warehouse


def older(folder, schema, upto):
    """A database as the improver of that schema left it."""
    folder.mkdir(exist_ok=True)
    with duckdb.connect(str(folder / f"{schema}.duckdb"), config={"storage_compatibility_version": "v1.5.0"}) as old:
        old.execute("create table migrations (number integer, applied_at timestamp)")
        for number, script in migrations.scripts(schema).items():
            if number <= upto:
                old.execute(script)
                old.execute("insert into migrations (number) values (?)", [number])
        return [row[0] for row in old.execute("select number from migrations").fetchall()]


def numbers(database):
    return [row["number"] for row in database.rows("select number from migrations order by 1")]


def test_events_of_before_the_days_are_still_there_after_the_upgrade(tmp_path):
    assert older(tmp_path, "telemetry", 2) == [1, 2]
    with duckdb.connect(str(tmp_path / "telemetry.duckdb")) as old:
        old.execute("insert into payloads values ('p', 'sentry', '', 'public', '2026-11-20', 12, 1)")
    warehouse = Warehouse.open(tmp_path, WHOLE)
    assert warehouse.telemetry.value("select count(*) from payloads") == 1
    assert numbers(warehouse.telemetry) == sorted(migrations.scripts("telemetry"))
    warehouse.close()
    kept = tmp_path / "backups" / "telemetry-schema-2.duckdb"
    assert kept.stat().st_mode & 0o077 == 0
    with duckdb.connect(str(kept), read_only=True) as before:
        assert before.execute("select count(*) from payloads").fetchall() == [(1,)]


def test_a_new_database_and_a_current_one_need_no_backup(tmp_path):
    for _ in range(2):
        warehouse = Warehouse.open(tmp_path, WHOLE)
        assert numbers(warehouse.state) == sorted(migrations.scripts("state"))
        warehouse.close()
    assert not (tmp_path / "backups").exists()


def test_a_newer_database_is_refused_with_what_to_do(tmp_path):
    Warehouse.open(tmp_path, WHOLE).close()
    with duckdb.connect(str(tmp_path / "state.duckdb")) as newer:
        newer.execute("insert into migrations (number) values (999)")
    with pytest.raises(ImproverError, match="newer improver") as refusal:
        Warehouse.open(tmp_path, WHOLE)
    assert "upgrade improver" in refusal.value.hint
    assert not (tmp_path / "damaged").exists()


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(tmp_path):
    older(tmp_path, "telemetry", 1)
    with duckdb.connect(str(tmp_path / "telemetry.duckdb")) as old:
        old.execute("create table metrics (mine integer)")  # in the way of the second change
    with pytest.raises(duckdb.CatalogException):
        Warehouse.open(tmp_path, WHOLE)
    with duckdb.connect(str(tmp_path / "telemetry.duckdb")) as left:
        assert left.execute("select max(number) from migrations").fetchall() == [(1,)]
        assert not left.execute("select 1 from duckdb_tables() where table_name = 'logs'").fetchall()
