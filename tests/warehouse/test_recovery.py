"""A database that cannot be opened is replaced by what is left of it, kept aside, and its loss is named."""

import gzip
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from improver.config import Settings
from improver.errors import ImproverError
from improver.model import Deployment
from improver.warehouse import Warehouse, days, parts, records
from tests.warehouse.test_days import DAY, NOW, load, spans

WHOLE = Settings().warehouse
FIXTURES = Path(__file__).parent.parent / "fixtures" / "duckdb"


def killed(warehouse: Warehouse, folder: Path) -> Path:
    """The data folder as kill -9 leaves it: with its write-ahead logs."""
    shutil.copytree(warehouse.telemetry.file.parent, folder)
    warehouse.close()
    return folder


def damage(file: Path, at: float = 0.5) -> None:
    content = bytearray(file.read_bytes())
    place = int(len(content) * at)
    content[place : place + 64] = bytes(64)
    file.write_bytes(content)


@pytest.fixture
def folder(tmp_path):
    """A closed day, an open one that is checkpointed, and one that is only in the write-ahead log."""
    warehouse = Warehouse.open(tmp_path / "live", WHOLE)
    load(warehouse.telemetry, "a")
    days.close(warehouse.telemetry, NOW, NOW)
    parts.publish(warehouse.telemetry)
    load(warehouse.telemetry, "b", at=NOW)
    warehouse.telemetry.checkpoint()
    load(warehouse.telemetry, "c", at=NOW)
    return killed(warehouse, tmp_path / "killed")


def test_a_damaged_log_costs_what_was_in_it(folder):
    damage(folder / "telemetry.duckdb.wal", 0.3)
    warehouse = Warehouse.open(folder, WHOLE)
    assert spans(warehouse.telemetry) == ["a0", "a1", "a2", "b0", "b1", "b2"]
    [found] = warehouse.damage
    assert (found.schema, [path.name for path in found.kept.iterdir()]) == ("telemetry", ["telemetry.duckdb.wal"])
    assert found.lost.startswith("what was written after 20")
    warehouse.close()


def test_a_damaged_file_leaves_the_closed_days(folder):
    (folder / "telemetry.duckdb").write_bytes(b"no database at all" * 1000)
    warehouse = Warehouse.open(folder, WHOLE)
    assert spans(warehouse.telemetry) == ["a0", "a1", "a2"]
    [found] = warehouse.damage
    assert {path.name for path in found.kept.iterdir()} == {"telemetry.duckdb", "telemetry.duckdb.wal"}
    load(warehouse.telemetry, "d", at=NOW)
    assert warehouse.telemetry.value("select max(seq) from spans") == 6
    warehouse.close()


def deployment(name):
    return Deployment(id=name, target="shop", environment="", release=name, commit="", seen_at=NOW, source="person")


def test_a_damaged_state_comes_back_from_the_newest_backup_that_can_be_read(tmp_path):
    warehouse = Warehouse.open(tmp_path / "live", WHOLE)
    backups = tmp_path / "live" / "backups"
    backups.mkdir()
    for day in range(3):
        with warehouse.state.transaction() as writer:
            records.put(writer, deployment(f"r{day}"))
        fresh = warehouse.state.copies / "copy.duckdb"
        warehouse.state.copy(fresh)
        fresh.rename(backups / f"state-{DAY + timedelta(days=day):%Y-%m-%d}.duckdb")
    folder = killed(warehouse, tmp_path / "killed")
    damage(folder / "backups" / "state-2026-11-21.duckdb", 0.0)
    (folder / "state.duckdb").write_bytes(b"x" * 5000)
    again = Warehouse.open(folder, WHOLE)
    assert [row["id"] for row in again.state.rows("select id from deployments order by 1")] == ["r0", "r1"]
    [found] = again.damage
    assert "state-2026-11-20.duckdb" in found.lost
    again.close()


def test_a_file_that_another_process_has_open_is_no_damage(folder):
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", hold, str(folder / "telemetry.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(ImproverError, match="another process") as refusal:
            Warehouse.open(folder, WHOLE)
        other.stdin.close()
    assert refusal.value.retryable
    assert not (folder / "damaged").exists()


@pytest.mark.skipif(duckdb.__version__ >= "2", reason="DuckDB 2.0 can read its own files")
def test_what_a_newer_duckdb_wrote_is_refused_and_left_alone(folder):
    """The file was made with DuckDB 2.0, in that version's own format."""
    file = folder / "telemetry.duckdb"
    (folder / "telemetry.duckdb.wal").unlink()
    content = gzip.decompress((FIXTURES / "written-by-2.0.duckdb.gz").read_bytes())
    file.write_bytes(content)
    with pytest.raises(ImproverError, match="newer DuckDB") as refusal:
        Warehouse.open(folder, WHOLE)
    assert "upgrade improver" in refusal.value.hint
    assert file.read_bytes() == content
