"""The Spool: acked is durable, whatever happens to the process, the disk or the file."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from improver.config import settings
from improver.errors import ImproverError
from improver.model import Payload, TrustLabel
from improver.spool import Loss, Position, Spool

AT = datetime(2026, 11, 21, 1, 46, 35, 123456, tzinfo=UTC)
ALL = 1 << 30
ROOMY = settings.Spool(min_free_mb=0)
SMALL = settings.Spool(min_free_mb=0, max_mb=16, segment_mb=1)


def payload(name, body=b"body", at=AT):
    return Payload(
        id=str(name), collector="sentry", path="/api/1/envelope/", received_at=at, body=body, key_id="k1",
        trust=TrustLabel.SERVER, content_type="text/plain", content_encoding="gzip",
    )  # fmt: skip


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool", ROOMY)
    yield spool
    spool.close()


def ids(read):
    return [payload.id for _, payload in read]


def segments(spool):
    return sorted(spool._directory.glob("*.seg"))


def filled(directory, count=5, size=100, config=ROOMY):
    """A closed spool with that many Payloads; where each ends."""
    spool = Spool(directory, config)
    for n in range(count):
        spool.append_now([payload(n, b"x" * size)])
    positions = [position for position, _ in spool.read(None, ALL)]
    spool.close()
    return positions


def test_a_payload_comes_back_exactly_as_it_went_in(spool):
    sent = [payload("a", bytes(range(256))), payload("b", b"")]
    spool.append_now(sent)
    assert [read for _, read in spool.read(None, ALL)] == sent


def test_reading_goes_on_after_a_position_and_stops_at_about_the_size_asked(spool):
    spool.append_now([payload(n, b"x" * 1000) for n in range(10)])
    first = spool.read(None, 2500)
    assert ids(first) == ["0", "1", "2"]
    assert ids(spool.read(first[-1][0], ALL)) == ["3", "4", "5", "6", "7", "8", "9"]
    assert ids(spool.read(first[0][0], 1)) == ["1"]
    assert spool.read(spool.read(None, ALL)[-1][0], ALL) == []


def test_positions_are_ordered_and_survive_text(spool):
    spool.append_now([payload(n) for n in range(3)])
    positions = [position for position, _ in spool.read(None, ALL)]
    assert positions == sorted(positions)
    assert [Position.parse(str(position)) for position in positions] == positions
    assert Position(2, 5) < Position(10, 1)


@pytest.mark.parametrize("text", ["", "12", "1:", ":1", "-1:2", "a:b", "1:2:3"])
def test_a_position_that_is_none_is_refused(text):
    with pytest.raises(ImproverError, match="not a position"):
        Position.parse(text)


def test_many_writers_are_all_acked_and_all_kept(spool):
    async def write():
        await asyncio.gather(*(spool.append(payload(n, b"y" * 2000)) for n in range(300)))

    threads = [threading.Thread(target=spool.append_now, args=([payload(f"t{n}")],)) for n in range(8)]
    for thread in threads:
        thread.start()
    asyncio.run(write())
    for thread in threads:
        thread.join()
    assert sorted(ids(spool.read(None, ALL))) == sorted([str(n) for n in range(300)] + [f"t{n}" for n in range(8)])


def test_an_append_whose_caller_gave_up_harms_nobody(spool):
    async def write():
        given_up = [asyncio.ensure_future(spool.append(payload(f"gone{n}"))) for n in range(50)]
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        await spool.append(payload("kept"))

    asyncio.run(write())
    assert "kept" in ids(spool.read(None, ALL))


def test_files_and_folder_are_for_the_owner_only(spool):
    spool.append_now([payload("a")])
    assert segments(spool)[0].stat().st_mode & 0o777 == 0o600
    assert spool._directory.stat().st_mode & 0o777 == 0o700


def test_segments_are_closed_at_their_size_and_read_in_order(tmp_path):
    spool = Spool(tmp_path, SMALL)
    for n in range(12):
        spool.append_now([payload(n, b"x" * 400_000)])
    assert len(segments(spool)) == 4
    assert ids(spool.read(None, ALL)) == [str(n) for n in range(12)]
    spool.close()


def test_a_reopened_spool_goes_on_where_it_was(tmp_path):
    positions = filled(tmp_path, 3)
    spool = Spool(tmp_path, ROOMY)
    spool.append_now([payload("new")])
    assert ids(spool.read(positions[1], ALL)) == ["2", "new"]
    assert spool.losses == ()
    spool.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from improver.config import settings
from improver.spool import Spool
from tests.spool.test_queue import payload, SMALL

async def writer(spool, name):
    for n in range(10**9):
        await spool.append(payload(f"{name}-{n}", b"z" * 3000))
        sys.stdout.write(f"{name}-{n}\\n")
        sys.stdout.flush()

async def main():
    spool = Spool(Path(sys.argv[1]), SMALL)
    await asyncio.gather(*(writer(spool, f"{sys.argv[2]}w{n}") for n in range(8)))

asyncio.run(main())
"""


def test_kill_9_loses_nothing_that_was_acked(tmp_path):
    acked = []
    root = Path(__file__).parent.parent.parent
    for run in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, tmp_path / "spool", str(run)], cwd=root, stdout=subprocess.PIPE, text=True
        )
        acked.append(process.stdout.readline().strip())
        time.sleep(0.15)
        process.send_signal(signal.SIGKILL)
        # The last line may be torn: its writer was killed while saying so.
        acked += [line.strip() for line in process.stdout.readlines() if line.endswith("\n")]
        process.wait()
        process.stdout.close()
    spool = Spool(tmp_path / "spool", SMALL)
    kept = ids(spool.read(None, ALL))
    spool.close()
    assert len(acked) > 50
    assert set(acked) <= set(kept)
    assert len(kept) == len(set(kept))


@pytest.mark.parametrize("keep", [0, 1, 11, 50, 300])
def test_a_torn_tail_is_cut_and_counted(tmp_path, keep):
    positions = filled(tmp_path)
    segment = next(tmp_path.glob("*.seg"))
    size = positions[-1].offset
    os.truncate(segment, min(size - 1, positions[-2].offset + keep))
    torn = segment.stat().st_size - positions[-2].offset
    spool = Spool(tmp_path, ROOMY)
    assert ids(spool.read(None, ALL)) == ["0", "1", "2", "3"]
    assert sum(loss.bytes for loss in spool.losses) == torn
    spool.append_now([payload("next")])
    assert ids(spool.read(positions[-2], ALL)) == ["next"]
    assert spool.pending_bytes() > 0
    spool.close()


def test_a_tail_of_zeros_is_cut(tmp_path):
    filled(tmp_path)
    with next(tmp_path.glob("*.seg")).open("ab") as file:
        file.write(b"\0" * 5000)
    spool = Spool(tmp_path, ROOMY)
    assert ids(spool.read(None, ALL)) == ["0", "1", "2", "3", "4"]
    assert [loss.bytes for loss in spool.losses] == [5000]
    spool.close()


def damage(segment, offset):
    with segment.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 0xFF]))


def test_a_damaged_record_costs_the_rest_of_its_segment_and_says_so(tmp_path):
    positions = filled(tmp_path)
    damage(next(tmp_path.glob("*.seg")), positions[2].offset - 3)
    spool = Spool(tmp_path, ROOMY)
    spool.append_now([payload("next")])
    assert ids(spool.read(None, ALL)) == ["0", "1", "next"]
    assert ids(spool.read(positions[1], ALL)) == ["next"]
    assert spool.losses == (
        Loss(segment=1, start=positions[1].offset, end=positions[-1].offset, reason="checksum does not match"),
    )
    spool.close()


def test_damage_at_the_very_end_does_not_count_as_waiting(tmp_path):
    positions = filled(tmp_path)
    damage(next(tmp_path.glob("*.seg")), positions[2].offset - 3)
    spool = Spool(tmp_path, ROOMY)
    assert ids(spool.read(positions[1], ALL)) == []
    assert spool.pending_bytes() == 0
    assert spool.received_after(positions[1]) is None
    spool.close()


def test_damage_in_the_segment_being_written_does_not_cost_what_comes_later(spool):
    for n in range(4):
        spool.append_now([payload(n)])
    positions = [position for position, _ in spool.read(None, ALL)]
    damage(segments(spool)[0], positions[1].offset - 2)
    assert ids(spool.read(None, ALL)) == ["0"]
    deadline = time.monotonic() + 5
    while not spool.losses and time.monotonic() < deadline:
        spool.read(None, ALL)
    spool.append_now([payload("later")])
    assert ids(spool.read(None, ALL)) == ["0", "later"]
    assert [loss.bytes for loss in spool.losses] == [positions[3].offset - positions[0].offset]


def test_a_file_of_another_version_is_left_alone(tmp_path):
    (tmp_path / f"{7:016d}.seg").write_bytes(b"improver spool 9\nwhatever")
    spool = Spool(tmp_path, ROOMY)
    spool.append_now([payload("new")])
    assert ids(spool.read(None, ALL)) == ["new"]
    assert [loss.reason for loss in spool.losses] == ["not a segment of this version"]
    assert (tmp_path / f"{7:016d}.seg").read_bytes() == b"improver spool 9\nwhatever"
    spool.close()


def test_an_emptied_folder_is_read_from_its_start(tmp_path):
    filled(tmp_path, 2)
    spool = Spool(tmp_path, ROOMY)
    assert ids(spool.read(Position(57, 1000), ALL)) == ["0", "1"]
    spool.read(spool.read(None, ALL)[-1][0], ALL)
    assert spool.pending_bytes() == 0
    spool.close()


def test_full_means_too_much_undigested(tmp_path):
    spool = Spool(tmp_path, SMALL)
    spool.append_now([payload(n, b"x" * (1 << 20)) for n in range(15)])
    assert not spool.full()
    spool.append_now([payload("last", b"x" * (1 << 20))])
    assert spool.full()
    spool.read(spool.read(None, ALL)[-1][0], ALL)
    assert not spool.full()
    spool.close()


def test_full_means_too_little_disk(tmp_path):
    spool = Spool(tmp_path, settings.Spool(min_free_mb=1 << 40))
    assert spool.full()
    spool.close()


def test_release_unlinks_only_what_is_digested_and_old(tmp_path):
    spool = Spool(tmp_path, SMALL)
    for n in range(6):
        spool.append_now([payload(n, b"x" * (1 << 20))])
    assert len(segments(spool)) == 6
    read = spool.read(None, ALL)
    now = datetime.now(UTC)
    assert spool.release(read[3][0], older_than=now - timedelta(hours=1)) == 0
    for segment in segments(spool)[:2]:
        os.utime(segment, (0, 0))
    assert spool.release(read[3][0], older_than=now - timedelta(hours=1)) == 2
    assert ids(spool.read(None, ALL)) == ["2", "3", "4", "5"]
    assert spool.release(read[-1][0], older_than=now + timedelta(hours=1)) == 3
    assert ids(spool.read(None, ALL)) == ["5"], "the newest segment stays: its number says where to go on"
    spool.close()


def test_release_keeps_digested_segments_only_while_there_is_room(tmp_path):
    spool = Spool(tmp_path, SMALL)
    for n in range(20):
        spool.append_now([payload(n, b"x" * (1 << 20))])
    last = spool.read(None, ALL)[-1][0]
    spool.release(last, older_than=datetime(2000, 1, 1, tzinfo=UTC))
    held = sum(segment.stat().st_size for segment in segments(spool))
    assert 14 << 20 < held <= 16 << 20
    spool.close()


def test_what_waits_is_known_by_when_it_came(spool):
    later = AT + timedelta(seconds=50)
    spool.append_now([payload("a", at=AT), payload("b", at=later)])
    assert spool.received_after(Position()) == (AT, later)
    first, last = [position for position, _ in spool.read(None, ALL)]
    assert spool.received_after(first) == (later, later)
    assert spool.received_after(last) is None
    spool.read(last, ALL)
    assert spool.pending_bytes() == 0


def test_a_closed_spool_refuses_and_has_written_what_was_waiting(tmp_path):
    spool = Spool(tmp_path, ROOMY)
    futures = [spool._submit((payload(n),)) for n in range(50)]
    spool.close()
    assert all(future.exception() is None for future in futures)
    with pytest.raises(ImproverError, match="closed") as refused:
        spool.append_now([payload("late")])
    assert refused.value.retryable


def test_a_folder_that_cannot_be_used_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproverError, match="cannot open the Spool"):
        Spool(tmp_path / "file" / "spool", ROOMY)


FILE_TOO_LARGE = """
import resource, sys
from pathlib import Path
from improver.errors import ImproverError
from improver.spool import Spool
from tests.spool.test_queue import ALL, ROOMY, ids, payload

resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
spool = Spool(Path(sys.argv[1]), ROOMY)
spool.append_now([payload("before", b"x" * 60_000)])
try:
    spool.append_now([payload("too much", b"x" * 60_000)])
except ImproverError as error:
    assert error.retryable, error
else:
    raise SystemExit("no error")
spool.append_now([payload("after", b"x" * 60_000)])
assert ids(spool.read(None, ALL)) == ["before", "after"], ids(spool.read(None, ALL))
spool.close()
assert ids(Spool(Path(sys.argv[1]), ROOMY).read(None, ALL)) == ["before", "after"]
"""

NO_SPACE = """
import sys
from pathlib import Path
from improver.errors import ImproverError
from improver.spool import Spool
from tests.spool.test_queue import ALL, ROOMY, ids, payload

filler = Path(sys.argv[1]) / "filler"
filler.write_bytes(b"f" * 3_000_000)
spool = Spool(Path(sys.argv[1]) / "spool", ROOMY)
spool.append_now([payload("before", b"x" * 300_000)])
for _ in range(3):
    try:
        spool.append_now([payload("too much", b"x" * 2_000_000)])
    except ImproverError as error:
        assert error.retryable and "No space" in error.message, error
    else:
        raise SystemExit("no error")
filler.unlink()
spool.append_now([payload("after", b"x" * 2_000_000)])
assert ids(spool.read(None, ALL)) == ["before", "after"]
spool.close()
again = Spool(Path(sys.argv[1]) / "spool", ROOMY)
assert ids(again.read(None, ALL)) == ["before", "after"] and not again.losses
assert len(list((Path(sys.argv[1]) / "spool").iterdir())) == 2
"""


def run(argv):
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_failed_write_leaves_no_trace_and_the_spool_goes_on(tmp_path):
    run([sys.executable, "-c", FILE_TOO_LARGE, tmp_path / "spool"])


def test_a_full_disk_fails_the_append_and_only_that(tmp_path):
    if not shutil.which("bwrap"):
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    box = ["bwrap", "--dev-bind", "/", "/", "--size", str(4 << 20), "--tmpfs", str(tmp_path)]
    if subprocess.run([*box, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs user namespaces: sysctl kernel.unprivileged_userns_clone=1")
    run([*box, sys.executable, "-c", NO_SPACE, tmp_path])
