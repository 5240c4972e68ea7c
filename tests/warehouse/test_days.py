"""Days of telemetry: closed into files exactly once, shown by one view, brought back, let go."""

import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from improver.config import Settings
from improver.warehouse import Warehouse, days, events, parts
from improver.warehouse.names import BY_DAY, hot

DAY = datetime(2026, 11, 19)
NOW = DAY + timedelta(days=1, hours=4)


@pytest.fixture
def telemetry(tmp_path):
    warehouse = Warehouse.open(tmp_path, Settings().warehouse)
    yield warehouse.telemetry
    warehouse.close()


def load(telemetry, *payloads, at=DAY, spans=3):
    """Spans of these Payloads, as the loader writes them."""
    with telemetry.transaction() as writer:
        seq = events.next_seq(writer)
        columns = writer.rows("select column_name, column_type from (describe spans)")
        given = {"VARCHAR": "", "JSON": "{}", "BIGINT": 0, "DOUBLE": 0.0, "BOOLEAN": True, "TIMESTAMP": at}
        blank = {one["column_name"]: given[one["column_type"]] for one in columns}
        rows = [
            blank | {"seq": seq + n, "payload_id": payload, "span_id": f"{payload}{n % spans}"}
            for n, payload in enumerate(p for p in payloads for _ in range(spans))
        ]
        writer.append("spans", pa.Table.from_pylist(rows))
        seen = {"collector": "otlp", "key_id": "", "trust": "server", "received_at": at, "bytes": 1, "events": spans}
        writer.append("payloads", pa.Table.from_pylist([seen | {"payload_id": payload} for payload in payloads]))


def spans(telemetry):
    return [row["span_id"] for row in telemetry.rows("select span_id from spans order by span_id")]


def files(telemetry):
    return sorted(path.name for path in telemetry.days.glob("*.parquet"))


# Loads and closes days without end, in a process that can be killed.
RESTLESS = """
import sys
from datetime import timedelta
from pathlib import Path
from improver.config import Settings
from improver.warehouse import Warehouse, days, parts
from tests.warehouse.test_days import DAY, load
warehouse = Warehouse.open(Path(sys.argv[1]), Settings().warehouse)
telemetry = warehouse.telemetry
number = telemetry.value("select count(*) from payloads")
while True:
    day = DAY + timedelta(days=number // 4)
    load(telemetry, f"p{number}", at=day)
    print("loaded", flush=True)
    number += 1
    if number % 4 == 0:
        days.close(telemetry, day, day)
        parts.sweep(telemetry)
        warehouse.compact()
"""


def test_whenever_it_is_killed_each_row_is_there_once(tmp_path):
    for seconds in (0.2, 0.45, 0.7):
        command = [sys.executable, "-c", RESTLESS, tmp_path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
            process.stdout.readline()
            time.sleep(seconds)
            process.kill()
        warehouse = Warehouse.open(tmp_path, Settings().warehouse)
        counts = "select count(*), count(distinct seq), (select 3 * count(*) from payloads) from spans"
        with warehouse.telemetry.cursor() as cursor:
            [(rows, distinct, loaded)] = cursor.execute(counts).fetchall()
        warehouse.close()
        assert rows == distinct == loaded > 0
        assert warehouse.damage == []


def test_every_table_of_events_is_kept_by_the_day():
    assert {*events.TABLES.values(), "payloads"} == set(BY_DAY)


def test_a_closed_day_is_in_files_and_reads_as_before(telemetry):
    load(telemetry, "a", "b")
    load(telemetry, "c", at=NOW)
    before = spans(telemetry)
    assert days.close(telemetry, NOW, NOW) == 8
    assert spans(telemetry) == before
    assert telemetry.value(f"select count(*) from {hot('spans')}") == 3
    assert [name[:17] for name in files(telemetry)] == ["payloads-2026-11-", "spans-2026-11-19-"]


def test_each_closed_day_is_folded_in_so_that_a_month_takes_no_more_memory_than_a_day(telemetry):
    load(telemetry, "first", at=DAY - timedelta(days=9))
    telemetry.checkpoint()
    days.close(telemetry, DAY - timedelta(days=8), NOW)
    of_one = telemetry.log_bytes()
    for number in range(5):
        load(telemetry, f"p{number}", at=DAY - timedelta(days=number))
    telemetry.checkpoint()
    assert days.close(telemetry, DAY + timedelta(days=1), NOW) == 20
    assert 0 < telemetry.log_bytes() < 2 * of_one


def test_what_comes_in_late_gets_a_further_file(telemetry):
    load(telemetry, "a")
    days.close(telemetry, NOW, NOW)
    load(telemetry, "b")
    assert len(spans(telemetry)) == 6
    days.close(telemetry, NOW, NOW)
    assert len(spans(telemetry)) == 6
    assert len(files(telemetry)) == 4


def test_no_number_is_given_twice_after_days_were_closed_and_dropped(telemetry):
    load(telemetry, "a")
    days.close(telemetry, NOW, NOW)
    with telemetry.transaction() as writer:
        assert events.next_seq(writer) == 4
    assert days.drop(telemetry, NOW + timedelta(days=40)) == 2
    with telemetry.transaction() as writer:
        assert events.next_seq(writer) == 4
    assert spans(telemetry) == []
    assert parts.sweep(telemetry) == 2
    assert files(telemetry) == []


def test_a_payload_of_a_closed_day_can_be_taken_back(telemetry):
    load(telemetry, "a", "b")
    days.close(telemetry, NOW, NOW)
    with telemetry.transaction() as writer:
        events.forget(writer, ["a"])
    assert spans(telemetry) == ["b0", "b1", "b2"]
    assert telemetry.value("select count(*) from payloads") == 1


def test_what_is_taken_back_and_rolled_back_is_where_it_was(telemetry):
    load(telemetry, "a")
    days.close(telemetry, NOW, NOW)
    with pytest.raises(ZeroDivisionError), telemetry.transaction() as writer:
        events.forget(writer, ["a"])
        raise ZeroDivisionError
    assert parts.sweep(telemetry) == 0
    assert len(spans(telemetry)) == 3


def test_rows_are_taken_out_of_open_and_closed_days(telemetry):
    load(telemetry, "a", "b")
    days.close(telemetry, NOW, NOW)
    load(telemetry, "c", at=NOW)
    where = {"spans": "ends_with(span_id, $n)"}
    assert days.take_out(telemetry, lambda table: where.get(table, ""), {"n": "1"}, NOW) == 3
    assert spans(telemetry) == ["a0", "a2", "b0", "b2", "c0", "c2"]
    assert parts.sweep(telemetry) == 1


def test_rows_that_come_in_while_a_day_is_being_closed_stay(telemetry):
    load(telemetry, "a")
    with telemetry.aside() as writer:
        writer.rows(f"select count(*) from {hot('spans')}")  # from here on it sees no other
        load(telemetry, "b")
        days._write(writer, "spans", DAY.date(), f"select * from {hot('spans')}", NOW)
        writer.execute(f"delete from {hot('spans')}")
        days.lay_views(writer)
    assert spans(telemetry) == ["a0", "a1", "a2", "b0", "b1", "b2"]


def test_a_file_that_nobody_committed_is_gone_at_the_next_start(tmp_path):
    warehouse = Warehouse.open(tmp_path, Settings().warehouse)
    load(warehouse.telemetry, "a")
    with pytest.raises(ZeroDivisionError), warehouse.telemetry.aside() as writer:
        days._write(writer, "spans", DAY.date(), f"select * from {hot('spans')}", NOW)
        raise ZeroDivisionError
    assert len(files(warehouse.telemetry)) == 1
    warehouse.close()
    again = Warehouse.open(tmp_path, Settings().warehouse)
    assert files(again.telemetry) == []
    assert len(spans(again.telemetry)) == 3
    again.close()


def test_the_data_folder_can_be_moved(tmp_path):
    warehouse = Warehouse.open(tmp_path / "here", Settings().warehouse)
    load(warehouse.telemetry, "a")
    days.close(warehouse.telemetry, NOW, NOW)
    warehouse.close()
    (tmp_path / "here").rename(tmp_path / "it's there")
    moved = Warehouse.open(tmp_path / "it's there", Settings().warehouse)
    assert len(spans(moved.telemetry)) == 3
    moved.close()


def test_ids_compress_to_what_they_hold_and_a_closed_day_is_small(telemetry):
    """300 Payloads whose spans have random ids: the bound is far above what was measured, and far below text."""
    load(telemetry, *(f"{n:032x}" for n in range(300)), spans=20)
    days.close(telemetry, NOW, NOW)
    assert telemetry.value("select sum(bytes) from parts where of = 'spans'") / 6000 < 30


def test_compacting_gives_the_room_back(telemetry):
    load(telemetry, *(f"{n:032x}" for n in range(500)), spans=20)
    telemetry.checkpoint()
    days.close(telemetry, NOW, NOW)
    before = spans(telemetry)
    telemetry.checkpoint()
    assert telemetry.free_bytes() > 0
    assert telemetry.compact() > 0
    assert spans(telemetry) == before
    load(telemetry, "later", at=NOW)
    assert len(spans(telemetry)) == len(before) + 3


def test_the_files_of_closed_days_are_ordinary_parquet_that_only_the_owner_can_read(telemetry):
    load(telemetry, "a")
    days.close(telemetry, NOW, NOW)
    for path in telemetry.days.glob("*.parquet"):
        assert path.stat().st_mode & 0o077 == 0
        assert duckdb.sql(f"select count(*) from '{path}'").fetchall() > [(0,)]


def test_a_day_of_wide_rows_is_closed_within_the_memory_that_is_set(tmp_path):
    """130 MB that compress badly, which is more than the database may have in memory at once."""
    warehouse = Warehouse.open(tmp_path, Settings(warehouse={"memory_mb": 128}).warehouse)
    load(warehouse.telemetry, "p0")
    noise = " || ".join(f"md5((n * {part})::varchar)" for part in range(1, 65))
    with warehouse.telemetry.transaction() as writer:
        writer.execute(
            f"""insert into hot_spans select * exclude (n) replace (seq + n as seq, '"' || {noise} || '"' as data)
                from (select * from hot_spans limit 1), range(10, 65010) numbers(n)"""
        )
    assert days.close(warehouse.telemetry, NOW, NOW) >= 65_000
    warehouse.close()
