"""Days are closed, verified and let go by jobs, which say what they find; what is digested gives way to what comes."""

from datetime import UTC, datetime, timedelta

import pytest

from improver import read
from improver.config.settings import Spool
from improver.errors import ImproverError
from improver.read import status
from improver.upkeep import housekeeping
from tests import world
from tests.world import NOW, Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def runtime(tmp_path, clock):
    settings = world.settings(tmp_path, tmp_path, tmp_path / "none.json", dispatch={"auto": False})
    with world.opened(settings, clock) as runtime:
        world.send(runtime, "", world.error("r1", user="u1"), world.error("r1", user="u2"))
        yield runtime


def errors(runtime):
    return runtime.warehouse.telemetry.value("select count(*) from errors")


def test_a_day_is_closed_two_hours_after_its_end(runtime, clock):
    clock.now = NOW.replace(hour=1) + timedelta(days=1)
    assert housekeeping.close_days(runtime) == 0
    clock.advance(hours=1)
    assert housekeeping.close_days(runtime) == 4  # errors, and payloads
    assert errors(runtime) == 2
    storage = status(runtime).storage
    assert (storage.closed_days, storage.oldest_day, storage.damaged) == (1, NOW.date(), {})
    assert storage.closed_bytes > 0


def test_what_is_sent_again_after_its_day_was_closed_still_counts_once(runtime, clock):
    again = world.error("r1", user="u3")
    world.send(runtime, "", again)
    clock.now = NOW.replace(hour=2) + timedelta(days=1)
    housekeeping.close_days(runtime)
    clock.now = NOW + timedelta(minutes=5)  # the clock was set back
    world.send(runtime, "", again)
    assert errors(runtime) == 3


def test_damage_fails_the_job_with_the_file_s_name_and_status_shows_it(runtime, clock):
    clock.advance(days=1)
    housekeeping.close_days(runtime)
    housekeeping.verify_days(runtime)
    [file] = runtime.warehouse.telemetry.days.glob("errors-*.parquet")
    file.unlink()
    with pytest.raises(ImproverError, match=f"{file.name} is missing"):
        housekeeping.verify_days(runtime)
    assert status(runtime).storage.damaged == {file.name: "is missing"}
    assert errors(runtime) == 0
    assert read.findings(runtime) == []


def test_retention_unlinks_the_files_of_old_days(runtime, clock):
    clock.advance(days=1)
    housekeeping.close_days(runtime)
    clock.advance(days=runtime.settings.warehouse.keep_days + 1)
    housekeeping.retain(runtime)
    assert list(runtime.warehouse.telemetry.days.glob("*.parquet")) == []
    assert errors(runtime) == 0


def test_a_damaged_block_in_a_database_that_opens_is_told_with_its_table(tmp_path):
    settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
    with world.opened(settings) as runtime:
        with runtime.warehouse.telemetry.transaction() as writer:
            rows = "select 'otlp', md5(n::varchar), n, now()::timestamp from range(200000) t(n)"
            writer.execute(f"insert into rejections {rows}")
        housekeeping.verify_days(runtime)
    file = settings.data_dir / "telemetry.duckdb"
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    file.write_bytes(whole)
    with world.opened(settings) as runtime:
        assert runtime.warehouse.damage == []
        with pytest.raises(ImproverError, match=r"tables of telemetry\.duckdb cannot be read: rejections: "):
            housekeeping.verify_days(runtime)


def segments(runtime):
    return len(list(runtime.data.spool.glob("*.seg")))


@pytest.fixture
def opened(tmp_path):
    def opening(**spool):
        settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
        chosen = settings.model_copy(update={"spool": Spool(segment_mb=1, **spool)})
        return world.opened(chosen, world.Clock(datetime.now(UTC)))

    return opening


def fill(runtime):
    """Several segments, digested."""
    for _ in range(5):
        world.send(runtime, "", world.error("r1") | {"extra": "y" * 1_000_000})
    assert segments(runtime) >= 3


def test_digested_segments_are_kept_for_replay_while_there_is_room(opened):
    with opened(min_free_mb=0) as runtime:
        fill(runtime)
        housekeeping.checkpoint(runtime)
        assert segments(runtime) >= 3
        runtime.clock.advance(hours=25)
        housekeeping.checkpoint(runtime)
        assert segments(runtime) == 1


def test_digested_segments_go_at_once_while_the_disk_is_short(opened):
    with opened(min_free_mb=1 << 40) as runtime:
        fill(runtime)
        housekeeping.checkpoint(runtime)
        assert segments(runtime) == 1
