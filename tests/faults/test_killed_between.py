"""kill -9 at one named moment: between the disk and the ack, and between the Warehouse and the Spool."""

from improver.opening import owned_runtime
from improver.upkeep import housekeeping
from tests.faults import data_folder as data

AFTER_SYNC = """
with owned_runtime(settings(folder)) as runtime:
    ack(runtime, 1)
    real = os.fdatasync
    def synced(file):
        real(file)
        die()
    os.fdatasync = synced
    ack(runtime, 2)
    print("acked")
"""


def test_killed_between_sync_and_ack_it_is_kept_and_sent_again_it_is_kept_once(tmp_path):
    assert data.dies(AFTER_SYNC, tmp_path) == "", "nobody was told that it is safe"
    assert data.stored_after_all(tmp_path) == data.once(1, 2)
    with owned_runtime(data.settings(tmp_path)) as runtime:
        [body] = [one.body for _, one in runtime.spool.read(None, 1 << 30) if data.event_id(2).encode() in one.body]
        runtime.spool.append_now([data.payload(99, body)])
    assert data.stored_after_all(tmp_path) == data.once(1, 2)


BEFORE_SYNC = """
with owned_runtime(settings(folder)) as runtime:
    ack(runtime, 1)
    os.fdatasync = lambda file: die()
    ack(runtime, 2)
    print("acked")
"""


def test_killed_before_the_sync_nothing_that_was_acked_is_missing(tmp_path):
    assert data.dies(BEFORE_SYNC, tmp_path) == ""
    assert data.stored_after_all(tmp_path).items() >= data.once(1).items()


BEFORE_COMMIT = """
import contextlib
from improver.warehouse import Database
with owned_runtime(settings(folder)) as runtime:
    ack(runtime, 1)
    pipeline.digest(runtime)
    ack(runtime, 2, 3)
    real = Database.transaction
    @contextlib.contextmanager
    def transaction(self):
        with real(self) as writer:
            yield writer
            {before}die()
        {after}die()
    Database.transaction = transaction
    pipeline.digest(runtime)
"""


def test_killed_before_the_commit_it_is_loaded_later(tmp_path):
    data.dies(BEFORE_COMMIT.format(before="", after="# "), tmp_path)
    assert data.stored_after_all(tmp_path) == data.once(1, 2, 3)


def test_killed_right_after_the_commit_nothing_is_loaded_twice(tmp_path):
    data.dies(BEFORE_COMMIT.format(before="# ", after=""), tmp_path)
    assert data.stored_after_all(tmp_path) == data.once(1, 2, 3)


FILL = """
with owned_runtime(settings(folder, keep_hours=0, segment_mb=1)) as runtime:
    for number in range(4):
        ack(runtime, number)
        runtime.spool.append_now([payload(100 + number, b"x" * 1_100_000)])
        pipeline.digest(runtime)
"""
AT_UNLINK = """
from improver.upkeep import housekeeping
real = Path.unlink
def unlink(path, missing_ok=False):
    if path.suffix == ".seg":
        {after}real(path)
        die()
    real(path, missing_ok)
with owned_runtime(settings(folder, keep_hours=0, segment_mb=1)) as runtime:
    Path.unlink = unlink
    housekeeping.retain(runtime)
"""


def test_killed_between_commit_and_unlink_nothing_is_doubled_and_the_rest_is_let_go_later(tmp_path):
    data.lives(FILL, tmp_path)
    spool = tmp_path / "data" / "spool"
    before = len(list(spool.glob("*.seg")))
    data.dies(AT_UNLINK.format(after="# "), tmp_path)
    assert len(list(spool.glob("*.seg"))) == before
    data.dies(AT_UNLINK.format(after=""), tmp_path)
    assert len(list(spool.glob("*.seg"))) == before - 1
    chosen = {"keep_hours": 0, "segment_mb": 1}
    assert data.stored_after_all(tmp_path, **chosen) == data.once(0, 1, 2, 3)
    with owned_runtime(data.settings(tmp_path, **chosen)) as runtime:
        housekeeping.retain(runtime)
        assert len(list(spool.glob("*.seg"))) == 1
        assert data.stored(runtime) == data.once(0, 1, 2, 3)
