"""The disk fills up: what was acked stays, what was not is refused, and all goes on once there is room."""

from tests.faults import data_folder as data

FILLING = """
import duckdb, logging
from improver.errors import ImproverError

REFUSED = (ImproverError, duckdb.Error, OSError)
acked, failed = [], []

def fill(leave):
    free = os.statvfs(folder)
    size = free.f_bavail * free.f_frsize - leave
    (folder / "filler").write_bytes(b"f" * max(0, size))

def more(runtime, numbers):
    for number in numbers:
        try:
            runtime.spool.append_now([payload(number)])
        except ImproverError as error:
            assert error.retryable, error
            failed.append(number)
        else:
            acked.append(number)

def attempt(work):
    try:
        work()
    except REFUSED as error:
        return type(error).__name__
    return ""
"""

SPOOL = (
    FILLING
    + """
with owned_runtime(settings(folder)) as runtime:
    more(runtime, range(20))
    pipeline.digest(runtime)
    fill(leave=40_000)
    more(runtime, range(20, 200))
    assert failed, "the disk was to be full"
    attempt(lambda: pipeline.digest(runtime))
    (folder / "filler").unlink()
    more(runtime, range(200, 210))
    pipeline.digest(runtime)
    assert stored(runtime) == once(*acked), (len(stored(runtime)), len(acked))
    assert not runtime.spool.losses, runtime.spool.losses
with owned_runtime(settings(folder)) as runtime:
    pipeline.digest(runtime)
    assert stored(runtime) == once(*acked)
    assert not runtime.warehouse.damage
"""
)

LOADER = (
    FILLING
    + """
with owned_runtime(settings(folder)) as runtime:
    more(runtime, range(20))
    pipeline.digest(runtime)
    more(runtime, range(20, 600))
    fill(leave=30_000)
    said = attempt(lambda: pipeline.digest(runtime))
    assert said, "the log was to find no room"
    assert attempt(lambda: pipeline.digest(runtime)), "nor the second time"
    (folder / "filler").unlink()
    pipeline.digest(runtime)
    assert stored(runtime) == once(*acked), (len(stored(runtime)), len(acked))
with owned_runtime(settings(folder)) as runtime:
    assert stored(runtime) == once(*acked)
    assert not runtime.warehouse.damage
"""
)

CHECKPOINT = (
    FILLING
    + """
with owned_runtime(settings(folder)) as runtime:
    more(runtime, range(600))
    pipeline.digest(runtime)
    fill(leave=0)
    said = attempt(lambda: runtime.warehouse.telemetry.checkpoint())
    assert said, "the checkpoint was to find no room"
    attempt(lambda: runtime.warehouse.telemetry.checkpoint())
    (folder / "filler").unlink()
    more(runtime, range(600, 620))
    pipeline.digest(runtime)
    assert runtime.warehouse.telemetry.checkpoint()
    assert stored(runtime) == once(*acked)
with owned_runtime(settings(folder)) as runtime:
    assert stored(runtime) == once(*acked)
    assert not runtime.warehouse.damage
"""
)

CLOSING = (
    FILLING
    + """
from improver.warehouse import days
with owned_runtime(settings(folder)) as runtime:
    more(runtime, range(600))
    pipeline.digest(runtime)
    runtime.warehouse.telemetry.checkpoint()
    fill(leave=8_000)
    now = datetime.now(UTC)
    close = lambda: days.close(runtime.warehouse.telemetry, now + timedelta(days=2), now)
    assert attempt(close), "the day's file was to find no room"
    (folder / "filler").unlink()
    assert close() >= 600
    assert stored(runtime) == once(*acked)
with owned_runtime(settings(folder)) as runtime:
    assert stored(runtime) == once(*acked)
    assert len(list((folder / "data" / "days").iterdir())) == 2, "no half of a file is left"
"""
)


def test_a_spool_without_room_refuses_and_loses_nothing_that_it_took(tmp_path):
    data.lives(SPOOL, tmp_path, data.small_disk(tmp_path, 24))


def test_a_loader_without_room_goes_on_once_there_is_some(tmp_path):
    data.lives(LOADER, tmp_path, data.small_disk(tmp_path, 24))


def test_a_checkpoint_without_room_costs_nothing(tmp_path):
    data.lives(CHECKPOINT, tmp_path, data.small_disk(tmp_path, 24))


def test_a_day_that_cannot_be_closed_stays_open(tmp_path):
    data.lives(CLOSING, tmp_path, data.small_disk(tmp_path, 24))
