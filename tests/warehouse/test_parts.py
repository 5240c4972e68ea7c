"""Files of closed days that are missing or damaged cost those days, and say so."""

import pytest

from improver.config import Settings
from improver.errors import ImproverError
from improver.warehouse import Warehouse, days, parts
from tests.warehouse.test_days import DAY, NOW, load, spans


@pytest.fixture
def telemetry(tmp_path):
    """Three spans of a closed day, and three of an open one."""
    warehouse = Warehouse.open(tmp_path, Settings().warehouse)
    load(warehouse.telemetry, "a")
    days.close(warehouse.telemetry, NOW, NOW)
    load(warehouse.telemetry, "b", at=NOW)
    yield warehouse.telemetry
    warehouse.close()


def closed(telemetry):
    return next(telemetry.days.glob(f"spans-{DAY:%Y-%m-%d}-*.parquet"))


def damaged(telemetry):
    with telemetry.reading() as reader:
        return parts.damaged(reader)


def test_a_file_that_vanishes_costs_its_day_and_is_named(telemetry):
    file = closed(telemetry)
    assert damaged(telemetry) == {}
    file.rename(file.with_suffix(".elsewhere"))
    assert spans(telemetry) == ["b0", "b1", "b2"]
    assert damaged(telemetry) == {file.name: "is missing"}


def test_a_file_that_is_cut_short_costs_its_day(telemetry):
    file = closed(telemetry)
    file.write_bytes(file.read_bytes()[:100])
    assert spans(telemetry) == ["b0", "b1", "b2"]
    assert "100 bytes instead of" in damaged(telemetry)[file.name]


def test_a_flipped_bit_is_found_when_all_is_read(telemetry):
    file = closed(telemetry)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with telemetry.transaction() as writer:
        assert parts.examine(writer) == {file.name: "does not match its checksum"}
        days.lay_views(writer)
    assert spans(telemetry) == ["b0", "b1", "b2"]


def test_a_damaged_file_is_closed_over_dropped_and_forgotten_around(telemetry):
    closed(telemetry).write_bytes(b"nonsense")
    assert spans(telemetry) == ["b0", "b1", "b2"]
    load(telemetry, "c")
    days.close(telemetry, NOW, NOW)
    assert spans(telemetry) == ["b0", "b1", "b2", "c0", "c1", "c2"]
    assert days.take_out(telemetry, lambda table: {"spans": "span_id = $n"}.get(table, ""), {"n": "c1"}, NOW) == 1
    assert days.drop(telemetry, NOW) == 4


def test_a_file_that_is_brought_back_counts_again(tmp_path):
    warehouse = Warehouse.open(tmp_path, Settings().warehouse)
    load(warehouse.telemetry, "a")
    days.close(warehouse.telemetry, NOW, NOW)
    file = closed(warehouse.telemetry)
    file.rename(tmp_path / "elsewhere")
    assert spans(warehouse.telemetry) == []
    warehouse.close()
    (tmp_path / "elsewhere").rename(file)
    again = Warehouse.open(tmp_path, Settings().warehouse)
    assert spans(again.telemetry) == ["a0", "a1", "a2"]
    assert damaged(again.telemetry) == {}
    again.close()


def test_a_writer_that_meets_a_damaged_file_is_to_try_again_and_then_can(telemetry):
    """Whoever loads a batch must not think that the batch is at fault."""
    closed(telemetry).write_bytes(b"nonsense")
    with pytest.raises(ImproverError, match="left out now") as refusal:
        load(telemetry, "c")
    assert refusal.value.retryable
    load(telemetry, "c")
    assert spans(telemetry) == ["b0", "b1", "b2", "c0", "c1", "c2"]
