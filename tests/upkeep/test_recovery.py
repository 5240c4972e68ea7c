"""A telemetry database that is lost comes back from closed days and the Spool, and the note says what does not."""

import shutil
from datetime import timedelta

import pytest

from improver import pipeline
from improver.read import status
from improver.upkeep import housekeeping, losses
from tests import world
from tests.world import NOW, Clock

TOMORROW = NOW + timedelta(days=1, hours=3)


@pytest.fixture
def settings(tmp_path):
    return world.settings(tmp_path, tmp_path, tmp_path / "none.json", dispatch={"auto": False})


def shop_with_errors(settings, clock):
    with world.opened(settings, clock) as runtime:
        world.send(runtime, "", world.error("r1", user="u1"), world.error("r1", user="u2"))
        clock.now = TOMORROW
        housekeeping.close_days(runtime)
        world.send(runtime, "", world.error("r1", user="u3", at=TOMORROW))


def users(runtime):
    return [row["user"] for row in runtime.warehouse.telemetry.rows('select "user" from errors order by 1')]


def test_closed_days_and_the_spool_make_a_lost_database_whole(settings):
    clock = Clock()
    shop_with_errors(settings, clock)
    (settings.data_dir / "telemetry.duckdb").write_bytes(b"nonsense" * 5000)
    with world.opened(settings, clock) as runtime:
        assert users(runtime) == ["u1", "u2", "u3"]
        [said] = status(runtime).storage.lost
        assert "Digested again from the Spool: 1 Payloads" in said
        world.send(runtime, "", world.error("r1", user="u4", at=TOMORROW))
        assert users(runtime) == ["u1", "u2", "u3", "u4"]


def test_what_neither_has_is_named_by_its_time(settings):
    clock = Clock()
    shop_with_errors(settings, clock)
    for segment in (settings.data_dir / "spool").iterdir():
        segment.unlink()
    (settings.data_dir / "telemetry.duckdb").write_bytes(b"nonsense" * 5000)
    with world.opened(settings, clock) as runtime:
        assert users(runtime) == ["u1", "u2"]
        [said] = losses.notes(runtime)
        assert "Lost: Events received between 2026-11-21 12:00:00 UTC and now, and the quarantine." in said


def test_the_note_is_shown_until_its_folder_is_removed(settings):
    clock = Clock()
    shop_with_errors(settings, clock)
    (settings.data_dir / "state.duckdb").write_bytes(b"nonsense" * 5000)
    for _ in range(2):
        with world.opened(settings, clock) as runtime:
            [said] = status(runtime).storage.lost
            assert "no backup can be read" in said


def test_a_damaged_log_costs_nothing_that_the_spool_still_has(settings, tmp_path):
    clock = Clock()
    with world.opened(settings, clock) as runtime:
        world.send(runtime, "", world.error("r1", user="u1"))
        runtime.warehouse.telemetry.checkpoint()
        world.send(runtime, "", world.error("r1", user="u2"))
        shutil.copytree(settings.data_dir, tmp_path / "killed", ignore=shutil.ignore_patterns("*.sock"))
    log = tmp_path / "killed" / "telemetry.duckdb.wal"
    content = bytearray(log.read_bytes())
    content[len(content) // 3] ^= 0xFF
    log.write_bytes(content)
    with world.opened(settings.model_copy(update={"data_dir": tmp_path / "killed"}), clock) as runtime:
        pipeline.digest(runtime)
        assert users(runtime) == ["u1", "u2"]
        [said] = losses.notes(runtime)
        assert "but for what the Spool still has of that" in said
