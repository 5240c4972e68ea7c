"""The Warehouse's write-ahead log is damaged after a kill -9: the Spool gives everything again, once."""

import pytest

from improver import pipeline
from improver.opening import owned_runtime
from tests.faults import data_folder as data

# Two batches in the file, three in its log.
KILLED = """
with owned_runtime(settings(folder)) as runtime:
    for number in range(5):
        ack(runtime, 2 * number, 2 * number + 1)
        pipeline.digest(runtime)
        if number == 1:
            runtime.warehouse.telemetry.checkpoint()
    die()
"""
ALL = data.once(*range(10))


def log_of(folder):
    return folder / "data" / "telemetry.duckdb.wal"


def cut(share):
    def truncate(log):
        with log.open("r+b") as file:
            file.truncate(int(log.stat().st_size * share))

    return truncate


def zeroed(log):
    size = log.stat().st_size
    data.damage(log, size // 2, b"\0" * (size - size // 2))


def flipped(share):
    def flip(log):
        at = int(log.stat().st_size * share)
        byte = log.read_bytes()[at]
        data.damage(log, at, bytes([byte ^ 0x10]))

    return flip


def garbage(log):
    with log.open("ab") as file:
        file.write(b"\xa5" * 777)


WAYS = {
    "untouched": lambda log: None,
    "gone": lambda log: log.unlink(),
    "emptied": cut(0),
    "truncated early": cut(0.2),
    "truncated late": cut(0.9),
    "zeroed from the middle": zeroed,
    "flipped at its start": flipped(0.001),
    "flipped in the middle": flipped(0.5),
    "flipped near its end": flipped(0.97),
    "followed by garbage": garbage,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_damaged_log_costs_nothing_that_the_spool_still_has(tmp_path, way):
    data.dies(KILLED, tmp_path)
    WAYS[way](log_of(tmp_path))
    assert data.stored_after_all(tmp_path) == ALL
    assert data.stored_after_all(tmp_path) == ALL, "and it stays so"


@pytest.mark.parametrize("way", ["zeroed from the middle", "flipped in the middle"])
def test_a_log_that_cannot_be_read_is_kept_and_told(tmp_path, way):
    data.dies(KILLED, tmp_path)
    WAYS[way](log_of(tmp_path))
    with owned_runtime(data.settings(tmp_path)) as runtime:
        [damage] = runtime.warehouse.damage
        assert damage.schema == "telemetry"
        assert "written after" in damage.lost
        assert (damage.kept / "telemetry.duckdb.wal").exists()


RELEASED = """
from improver.upkeep import housekeeping
with owned_runtime(settings(folder, keep_hours=0, segment_mb=1)) as runtime:
    for number in range(5):
        ack(runtime, number)
        runtime.spool.append_now([payload(100 + number, b"x" * 1_100_000)])
        pipeline.digest(runtime)
    housekeeping.retain(runtime)
    print(len(list((folder / "data" / "spool").glob("*.seg"))))
    die()
"""


def test_what_the_spool_let_go_of_does_not_hang_on_the_log(tmp_path):
    """A segment goes once the Warehouse would have its rows without its log as well."""
    assert int(data.dies(RELEASED, tmp_path)) < 5, "segments were let go of"
    log = log_of(tmp_path)
    if log.exists():
        log.unlink()
    assert data.stored_after_all(tmp_path) == data.once(*range(5))


@pytest.mark.parametrize("content", [b"", b"\0" * 20_000, b"not a database " * 2000])
def test_a_database_that_cannot_be_read_is_built_anew_from_the_spool(tmp_path, content):
    data.dies(KILLED, tmp_path)
    (tmp_path / "data" / "telemetry.duckdb").write_bytes(content)
    with owned_runtime(data.settings(tmp_path)) as runtime:
        pipeline.digest(runtime)
        assert data.stored(runtime) == ALL
        assert [damage.schema for damage in runtime.warehouse.damage] == ["telemetry"]


def test_a_flipped_bit_in_the_database_is_no_silent_loss(tmp_path):
    """DuckDB checks a block when it reads it: whatever is asked fails, or is right."""
    data.dies(KILLED, tmp_path)
    file = tmp_path / "data" / "telemetry.duckdb"
    for at in range(4096, file.stat().st_size, 65536):
        data.damage(file, at, bytes([file.read_bytes()[at] ^ 0x10]))
    assert data.stored_after_all(tmp_path) == ALL
