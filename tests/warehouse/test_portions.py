"""What came in, a portion at a time: Events so large that DuckDB has no memory for as many as usual."""

from datetime import timedelta

import pytest

from improver.analysis import encounters
from improver.config import Settings
from improver.stages import detect
from improver.warehouse import days
from tests import world

MORE = """
insert into {table} by name
select * exclude (n) replace (
    seq + n as seq, received_at - to_seconds(n) as received_at, event_id || n as event_id, trace_id || n as trace_id,
    '{{"said": "' || repeat('said ' || n || ' ', {words}) || '"}}' as data)
from (from {table} order by seq limit 1), (select unnest(range({begin}, {end})) as n)
"""


@pytest.fixture
def runtime(tmp_path):
    with world.opened(Settings(data_dir=tmp_path / "data", warehouse={"memory_mb": 128})) as runtime:
        yield runtime


def multiply(runtime, table, times, words):
    for begin in range(1, times, 100):
        with runtime.warehouse.telemetry.transaction() as writer:
            writer.execute(MORE.format(table=table, begin=begin, end=begin + 100, words=words))
        runtime.warehouse.telemetry.checkpoint()


def test_large_events_are_counted_in_smaller_portions(runtime, caplog):
    caplog.set_level("INFO")
    world.send(runtime, world.server_key(runtime), world.error("r1"))
    multiply(runtime, "hot_errors", times=2001, words=5000)
    later = runtime.clock() + timedelta(days=2)
    assert days.close(runtime.warehouse.telemetry, later, later) >= 2001
    assert runtime.warehouse.telemetry.value("select count(*) from parts where of = 'errors'") > 1
    encounters.fold(runtime.warehouse.telemetry, runtime.settings.artificial, later)
    assert "too little memory for a portion" in caplog.text
    assert runtime.warehouse.telemetry.value("select sum(times) from encounters") == 2001


def test_large_traces_are_looked_at_in_smaller_windows(runtime, caplog):
    caplog.set_level("INFO")
    world.send(runtime, world.server_key(runtime), world.transaction("r1"))
    multiply(runtime, "hot_spans", times=2401, words=5000)
    detect.run(runtime)
    assert "too little memory for a window" in caplog.text
    looked = "select max(seq) from looked where detector = 'n_plus_one_db'"
    assert runtime.warehouse.telemetry.value(looked) == runtime.warehouse.telemetry.value("select max(seq) from spans")
