"""One process owns the data folder."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.machine import unix

HOLD = """
import sys, time
from pathlib import Path
from improver.machine import unix
from improver.datadir import DataDir
with DataDir(Path(sys.argv[1])).owned():
    print("mine", flush=True)
    time.sleep(60)
"""


def test_a_second_owner_is_refused_and_told_who_has_it_until_the_first_dies(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "mine\n"
        with pytest.raises(ImproverError, match=f"process {holder.pid}") as refused, DataDir(tmp_path).owned():
            pass
        assert refused.value.hint
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    with DataDir(tmp_path).owned():
        assert (tmp_path / "lock").read_text() == str(os.getpid())


def test_a_command_that_owns_the_folder_for_a_moment_is_waited_for(tmp_path):
    first = DataDir(tmp_path)
    holding = first.owned()
    holding.__enter__()
    leaver = threading.Timer(0.3, holding.__exit__, (None, None, None))
    leaver.start()
    began = time.monotonic()
    with DataDir(tmp_path).owned(patience_s=10):
        assert 0.2 < time.monotonic() - began < 5
    leaver.join()


def test_a_daemon_that_owns_the_folder_is_not_waited_for(tmp_path):
    data = DataDir(tmp_path)
    with data.owned(), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(data.socket))
        listener.listen()
        began = time.monotonic()
        with pytest.raises(ImproverError, match="owns"), DataDir(tmp_path).owned(patience_s=10):
            pass
        assert time.monotonic() - began < 5


def test_the_path_of_a_folder_may_be_longer_than_a_sockets_address(tmp_path):
    data = DataDir(tmp_path / ("x" * 120))
    data.prepare()
    assert data.call() is None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener, unix.address(data.socket) as address:
        listener.bind(address)
        listener.listen()
        assert data.served()


def test_the_folder_is_for_its_owner_only(tmp_path):
    data = DataDir(tmp_path / "data")
    data.prepare()
    assert data.root.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ImproverError, match="file/data"):
        DataDir(tmp_path / "file" / "data").prepare()


def test_pausing_keeps_its_reason_and_resuming_closes_the_breaker(tmp_path):
    data = DataDir(tmp_path)
    data.pause("deploy freeze")
    assert data.paused() == "deploy freeze"
    before = data.resumed_at()
    data.resume()
    assert data.paused() == ""
    assert data.resumed_at() > before
