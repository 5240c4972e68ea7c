"""Two that want the same data folder, and one that may only read it."""

import subprocess
import sys

import pytest

from improver import pipeline
from improver.errors import ImproverError
from improver.opening import owned_runtime
from tests.faults import data_folder as data

SECOND = """
from improver.errors import ImproverError
try:
    with owned_runtime(settings(folder)) as runtime:
        ack(runtime, 666)
except ImproverError as error:
    print(error.message, error.hint, error.retryable)
"""


def test_the_second_of_two_is_refused_by_name_and_the_first_goes_on(tmp_path):
    with owned_runtime(data.settings(tmp_path)) as runtime:
        data.ack(runtime, 1)
        said = data.lives(SECOND, tmp_path)
        assert "another improver (process" in said
        assert "True" in said
        data.ack(runtime, 2)
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1, 2)
    assert data.stored_after_all(tmp_path) == data.once(1, 2)


def test_even_without_the_lock_file_two_never_write_one_warehouse(tmp_path):
    with owned_runtime(data.settings(tmp_path)) as runtime:
        data.ack(runtime, 1)
        runtime.data.lock_file.unlink()
        said = data.lives(SECOND, tmp_path)
        assert "another process has" in said
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1)
    assert data.stored_after_all(tmp_path) == data.once(1)


def test_a_folder_that_may_only_be_read_is_refused_and_left_as_it_is(tmp_path):
    folder = tmp_path / "data"
    with owned_runtime(data.settings(tmp_path)) as runtime:
        data.ack(runtime, 1)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    config = tmp_path / "improver.toml"
    config.write_text('data_dir = "data"\n[ingest]\nport = 0\ngrpc_port = 0\n[web]\nport = 0\n')
    command = [*data.read_only(folder), sys.executable, "-m", "improver", "--config", str(config), "run"]
    done = subprocess.run(command, cwd=data.ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before
    assert data.stored_after_all(tmp_path) == data.once(1)


def test_a_folder_that_is_a_file_is_a_clear_error(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(ImproverError, match="cannot use the data folder"), owned_runtime(data.settings(tmp_path)):
        raise AssertionError("it was opened")
