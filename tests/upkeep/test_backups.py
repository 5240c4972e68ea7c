"""A backup holds everything, is read back, and comes back; whatever it replaces is kept."""

import io
import tarfile
from datetime import timedelta

import pytest

from improver import pipeline
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.upkeep import backups, housekeeping
from improver.upkeep.restore import READY, STAGED, restore
from tests import world
from tests.world import NOW, Clock

TOMORROW = NOW + timedelta(days=1, hours=3)


@pytest.fixture
def settings(tmp_path):
    return world.settings(tmp_path, tmp_path, tmp_path / "none.json", dispatch={"auto": False})


def shop_with_errors(settings, clock):
    """Two errors of a closed day, and one of today."""
    with world.opened(settings, clock) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, world.error("r1", user="u1"), world.error("r1", user="u2"))
        clock.now = TOMORROW
        assert housekeeping.close_days(runtime) == 4
        world.send(runtime, key, world.error("r1", user="u3", at=TOMORROW))
        pipeline.analyse(runtime)


def users(runtime):
    return [row["user"] for row in runtime.warehouse.telemetry.rows('select "user" from errors order by 1')]


@pytest.fixture
def saved(settings, tmp_path):
    """A backup of the shop, and the data folder that it came from."""
    clock = Clock()
    shop_with_errors(settings, clock)
    with world.opened(settings, clock) as runtime:
        made = backups.backup(runtime, file=str(tmp_path / "saved.tar"))
    assert made.events == 3
    assert made.rows["state"]["findings"] == 1
    return tmp_path / "saved.tar"


def test_a_backup_comes_back_on_an_empty_machine(saved, settings, tmp_path):
    elsewhere = settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    done = restore(DataDir(elsewhere.data_dir), saved, NOW)
    assert done.backup.events == 3
    with world.opened(elsewhere, Clock(TOMORROW)) as runtime:
        assert users(runtime) == ["u1", "u2", "u3"]
        assert runtime.warehouse.state.value("select count(*) from findings") == 1
        assert runtime.data.keys.read_bytes() == (settings.data_dir / "keys.toml").read_bytes()
        world.send(runtime, "", world.error("r1", user="u4", at=TOMORROW))
        assert users(runtime) == ["u1", "u2", "u3", "u4"]


def test_what_came_in_since_the_backup_is_digested_again_and_nothing_twice(saved, settings):
    with world.opened(settings, Clock(TOMORROW)) as runtime:
        world.send(runtime, "", world.error("r1", user="u5", at=TOMORROW))
    done = restore(DataDir(settings.data_dir), saved, NOW)
    with world.opened(settings, Clock(TOMORROW)) as runtime:
        assert users(runtime) == ["u1", "u2", "u3", "u5"]
    assert done.replaced.endswith("replaced-2026-11-21T12-00-00")


def test_a_backup_that_was_changed_is_refused_and_nothing_is_touched(saved, settings):
    content = bytearray(saved.read_bytes())
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        place = next(member for member in tar if member.name.startswith("days/errors")).offset_data + 100
    content[place] ^= 1
    saved.write_bytes(content)
    with pytest.raises(ImproverError, match="is not what was backed up"):
        restore(DataDir(settings.data_dir), saved, NOW)
    with world.opened(settings, Clock(TOMORROW)) as runtime:
        assert users(runtime) == ["u1", "u2", "u3"]
    assert not list(settings.data_dir.glob("re*ing")) + list(settings.data_dir.glob("replaced-*"))


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b"])
def test_what_is_no_backup_is_refused(settings, tmp_path, content):
    (tmp_path / "odd.tar").write_bytes(content)
    with pytest.raises(ImproverError, match="no backup that can be read"):
        restore(DataDir(settings.data_dir), tmp_path / "odd.tar", NOW)


def test_a_restore_that_was_interrupted_is_finished_at_the_next_start(saved, settings):
    data = DataDir(settings.data_dir)
    with world.opened(settings, Clock(TOMORROW)) as runtime:
        world.send(runtime, "", world.error("r1", user="u6", at=TOMORROW))
    restore(data, saved, NOW)
    staged = data.root / STAGED
    staged.mkdir()
    (data.root / "telemetry.duckdb").rename(staged / "telemetry.duckdb")  # as if it had not been put in place yet
    (staged / READY).write_text("replaced-again")
    with world.opened(settings, Clock(TOMORROW)) as runtime:
        assert users(runtime) == ["u1", "u2", "u3", "u6"]
    assert not staged.exists()


def test_a_backup_is_never_written_over(saved, settings):
    with world.opened(settings) as runtime, pytest.raises(ImproverError, match="exists"):
        backups.backup(runtime, file=str(saved))


def test_the_state_is_backed_up_daily_and_a_week_of_it_is_kept(settings):
    clock = Clock()
    with world.opened(settings, clock) as runtime:
        for _ in range(9):
            kept = backups.daily(runtime)
            clock.advance(days=1)
        found = sorted(path.name for path in kept.parent.iterdir())
    assert found == [f"state-2026-11-{day}.duckdb" for day in range(23, 30)]
    assert kept.stat().st_mode & 0o077 == 0
