"""Following files: every line once, whole, through rotation, restarts and whatever else happens to logs."""

import gzip
import json
import os
import shutil
import sys
import tempfile
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import pipeline, plugins, polling
from improver.config import Settings
from tests import world

logs = plugins.load("collectors", "logs")
tail = sys.modules["improver.collectors._tail"]
rotation = sys.modules["improver.collectors._rotation"]


class Follower:
    """Polls as the daemon does, and keeps what came."""

    def __init__(self, *files):
        self.config = logs.Config(files=[str(file) for file in files])
        self.state = {}
        self.lines = []
        self.ids = []
        self.rejected = {}
        self.rejections = []

    def poll(self, times=1):
        for _ in range(times):
            polled = logs.poll(self.state, self.config)
            self.state = dict(polled.state)
            self.ids += [payload.id for payload in polled.payloads]
            self.rejected |= polled.rejected
            self.rejections += Counter(polled.rejected).elements()
            for payload in polled.payloads:
                self.lines += payload.body.decode().splitlines()
        return self.lines


def append(file, *lines):
    with file.open("a") as opened:
        opened.writelines(f"{line}\n" for line in lines)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "app.log"


@pytest.fixture
def follower(log):
    return Follower(log)


def test_without_files_nothing_is_polled_and_nothing_remembered():
    polled = logs.poll({}, logs.Config())
    assert (polled.payloads, polled.state) == ((), {})


def test_a_line_is_handed_on_once_and_an_idle_file_changes_no_state(log, follower):
    append(log, "one", "two")
    assert follower.poll(4) == ["one", "two"]
    before = follower.state
    assert follower.poll(2) == ["one", "two"]
    assert follower.state == before


def test_half_a_line_waits_for_its_end(log, follower):
    append(log, "one")
    with log.open("a") as file:
        file.write("tw")
    assert follower.poll(5) == ["one"]
    append(log, "o")
    assert follower.poll(4) == ["one", "two"]


def test_the_last_record_of_a_busy_file_waits_for_the_rest_of_it(log, follower):
    append(log, "INFO one", "ERROR failed")
    follower.poll()
    append(log, "Traceback (most recent call last):", '  File "/a.py", line 1, in f')
    follower.poll()
    append(log, "ValueError: x", "INFO two")
    polled = []
    for _ in range(4):
        before = len(follower.lines)
        follower.poll()
        polled.append(follower.lines[before:])
    whole = ["ERROR failed", "Traceback (most recent call last):", '  File "/a.py", line 1, in f', "ValueError: x"]
    assert any(lines[: len(whole)] == whole for lines in polled)


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(log, follower):
    append(log, "one")
    follower.poll(3)
    append(log, "two")
    log.rename(log.with_name("app.log.1"))
    append(log.with_name("app.log.1"), "three")  # its writer has not yet noticed
    append(log, "four")
    assert sorted(follower.poll(4)) == sorted(["one", "two", "three", "four"])


def test_two_rotations_while_nobody_looked_lose_nothing(log, follower):
    append(log, "one")
    follower.poll(3)
    for number, line in enumerate(["two", "three"]):
        append(log, line)
        os.utime(log, ns=(number + 1, 2_000_000_000_000_000_000 + number * 1_000_000_000))
        if (first := log.with_name("app.log.1")).exists():
            first.rename(log.with_name("app.log.2"))
        log.rename(first)
    append(log, "four")
    assert sorted(follower.poll(6)) == sorted(["one", "two", "three", "four"])


def test_a_file_that_is_copied_and_truncated_goes_on_in_its_copy(log, follower):
    append(log, "one")
    follower.poll(3)
    append(log, "two")
    shutil.copy(log, log.with_name("app.log.1"))
    with log.open("r+") as file:
        file.truncate()
    append(log, "three, and longer than both before")
    assert sorted(follower.poll(5)) == sorted(["one", "two", "three, and longer than both before"])
    assert follower.rejected == {}


def test_a_pattern_that_means_rotated_files_too_reads_none_twice(tmp_path, log):
    follower = Follower(tmp_path / "app.log*")
    append(log, "one")
    follower.poll(3)
    shutil.copy(log, log.with_name("app.log.1"))
    with log.open("r+") as file:
        file.truncate()
    append(log, "two")
    follower.poll(3)
    log.rename(log.with_name("app.log-20261121"))
    append(log, "three")
    assert sorted(follower.poll(4)) == sorted(["one", "two", "three"])


def test_the_same_lines_written_anew_are_other_lines(log, follower):
    append(log, "one")
    follower.poll(3)
    with log.open("r+") as file:
        file.truncate()
    follower.poll()
    append(log, "one")
    assert follower.poll(4) == ["one", "one"]
    assert len(set(follower.ids)) == len(follower.ids)


def test_what_was_truncated_unread_is_counted(log, follower):
    append(log, "one")
    follower.poll(3)
    append(log, "two")
    follower.poll()
    with log.open("r+") as file:
        file.truncate()
    follower.poll(2)
    assert follower.rejected == {"truncated": 1}


def test_compressed_files_folders_and_pipes_are_nobodys(tmp_path):
    follower = Follower(tmp_path / "*")
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(b"old\n"))
    (tmp_path / "folder.log").mkdir()
    os.mkfifo(tmp_path / "pipe.log")
    assert follower.poll(3) == []


def polled_by_nobody(follower, times):
    """Root may read everything: in a process of a user who may not, what is left out of these polls."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        lines = follower.poll(times)
        os.write(write, json.dumps([lines, follower.rejections]).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        answer = json.loads(told.read())
    os.waitpid(child, 0)
    return answer


def test_a_file_that_may_not_be_read_is_counted_once():
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "app.log"
        Path(folder).chmod(0o755)
        append(log, "one")
        log.chmod(0)
        assert polled_by_nobody(Follower(log), 4) == [[], ["unreadable"]]
        log.chmod(0o644)
        assert polled_by_nobody(Follower(log), 4) == [["one"], []]


def test_files_beyond_the_limit_go_on_where_reading_stopped_once_they_are_written_to(tmp_path):
    state, lines = {}, []
    for number, name in enumerate("abcd" * 3):
        append(tmp_path / f"{name}.log", f"line {number}")
        os.utime(tmp_path / f"{name}.log", ns=(0, 2_000_000_000_000_000_000 + number * 1_000_000_000))
        for _ in range(3):
            found = rotation.matching([str(tmp_path / "*.log")])
            followed = tail.follow(found, state, lambda body, pattern: len(body), limit=2)
            state = followed.state
            lines += [line for chunk in followed.chunks for line in chunk.body.decode().splitlines()]
    assert lines == [f"line {number}" for number in range(12)]


def test_a_line_without_end_is_cut_and_passed_over_in_bounded_memory(log, follower):
    with log.open("wb") as file:
        for _ in range(100):
            file.write(b"x" * (1 << 20))
    append(log, "", "after")
    tracemalloc.start()
    follower.poll(9)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(line) for line in follower.lines] == [tail.MAX_LINE, len("after")]
    assert follower.rejected == {"line_too_long": 1}
    assert peak < 16 << 20


def test_one_poll_takes_no_more_than_its_share_and_the_next_goes_on(tmp_path):
    for name in range(20):
        (tmp_path / f"{name}.log").write_text("".join(f"{n} {'x' * 990}\n" for n in range(1500)))
    follower = Follower(tmp_path / "*.log")
    first = logs.poll(logs.poll({}, follower.config).state, follower.config)
    assert 1 << 20 < sum(len(payload.body) for payload in first.payloads) <= tail.MAX_POLL
    follower.poll(8)
    assert len(follower.lines) == 20 * 1500


def test_lines_of_nothing_come_in_bounded_numbers(log, follower):
    log.write_text("x\n" * 100_000)
    follower.poll(2)
    assert len(follower.lines) <= tail.MAX_LINES
    assert follower.poll(8) == ["x"] * 100_000


def test_a_configured_path_is_absolute():
    with pytest.raises(ValueError, match="absolute"):
        logs.Config(files=["app.log"])


# Through the daemon's own polling, Spool and Warehouse.


def opened(tmp_path, log):
    return world.opened(Settings(data_dir=tmp_path / "data", collectors={"logs": {"files": [str(log)]}}))


def stored(runtime):
    pipeline.digest(runtime)
    return [row["body"] for row in runtime.warehouse.telemetry.rows("select body from logs order by seq")]


def test_a_kill_between_spool_and_memory_costs_and_doubles_nothing(tmp_path, log):
    append(log, "one", "two")
    with opened(tmp_path, log) as runtime:
        for line in ("three", "four", "five", "six"):
            polled = logs.poll(polling._state(runtime, "logs"), logs.Config(files=[str(log)]))
            runtime.spool.append_now(polled.payloads)  # and killed here, before the state was saved
            append(log, line)
            polling.poll(runtime, "logs")
        for _ in range(3):
            polling.poll(runtime, "logs")
        assert stored(runtime) == ["one", "two", "three", "four", "five", "six"]


def test_a_restart_goes_on_where_it_stopped(tmp_path, log):
    append(log, "one")
    with opened(tmp_path, log) as runtime:
        for _ in range(3):
            polling.poll(runtime, "logs")
    append(log, "two")
    log.rename(log.with_name("app.log.1"))
    append(log, "three")
    with opened(tmp_path, log) as runtime:
        for _ in range(4):
            polling.poll(runtime, "logs")
        assert sorted(stored(runtime)) == sorted(["one", "two", "three"])


# Whatever a writer does between two polls.

DEEDS = st.lists(st.sampled_from(["write", "write", "half", "rename", "copy", "poll", "poll", "killed"]), max_size=14)


@settings(deadline=None, max_examples=40)
@given(deeds=DEEDS)
def test_every_line_comes_once_and_whole(tmp_path_factory, deeds):
    log = tmp_path_factory.mktemp("follow") / "app.log"
    follower, written, half = Follower(log), [], ""
    append(log)
    follower.poll()
    for number, deed in enumerate(deeds):
        if deed == "write":
            written.append(f"{half}line {number}")
            append(log, f"line {number}")
            half = ""
        elif deed == "half" and not half:
            half = f"half {number} "
            with log.open("a") as file:
                file.write(half)
        elif deed == "rename" and not half and log.exists():
            os.utime(log, ns=(0, 2_000_000_000_000_000_000 + number))
            log.rename(log.with_name(f"app.log.{number}"))
        elif deed == "copy" and not half and log.exists():
            append(log, f"line {number}")
            written.append(f"line {number}")
            follower.poll()  # of an empty file that is filled and emptied in between nothing is left to know it by
            append(log, f"another {number}")
            written.append(f"another {number}")
            shutil.copy(log, log.with_name(f"app.log.{number}"))
            with log.open("r+") as file:
                file.truncate()
            follower.poll()
        elif deed == "poll":
            follower.poll()
        elif deed == "killed":
            logs.poll(follower.state, follower.config)
    written.append(f"{half}last")
    append(log, "last")
    follower.poll(5)
    assert sorted(follower.lines) == sorted(written)
