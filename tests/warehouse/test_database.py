"""A database goes on after what DuckDB calls fatal, and its copies are as of one moment."""

import subprocess
import sys
import threading
from importlib.util import find_spec

import pytest

from improver.config import Settings
from improver.warehouse import Warehouse
from improver.warehouse.copies import inspect
from tests.warehouse.test_days import load, spans

# In a process of its own: the limit on the size of files stands for a full disk.
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import duckdb
from improver.config import Settings
from improver.warehouse import Warehouse

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
telemetry = Warehouse.open(Path(sys.argv[1]), Settings().warehouse).telemetry
with telemetry.transaction() as writer:
    writer.execute("create table filling as select i, md5(i::varchar) as text from range(300000) t(i)")
whole = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (telemetry.file.stat().st_size + 4096, whole[1]))
try:
    telemetry.checkpoint()
    print("checkpointed")
except duckdb.Error as error:
    print(type(error).__name__)
resource.setrlimit(resource.RLIMIT_FSIZE, whole)
print(telemetry.value("select count(*) from filling"))
with telemetry.transaction() as writer:
    writer.execute("insert into filling values (-1, '')")
print(telemetry.value("select count(*) from filling"), telemetry.checkpoint())
"""


def test_a_full_disk_costs_nothing_that_was_committed_and_the_database_is_opened_anew(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = done.stdout.split()
    assert said[0] != "checkpointed", "the limit did not bite"
    assert said[1:] == ["300000", "300001", "True"]


@pytest.fixture
def warehouse(tmp_path):
    opened = Warehouse.open(tmp_path, Settings().warehouse)
    yield opened
    opened.close()


def test_a_copy_holds_what_was_committed_when_it_began(warehouse):
    load(warehouse.telemetry, "a")
    stop = threading.Event()

    def keep_loading():
        number = 0
        while not stop.is_set():
            load(warehouse.telemetry, f"b{number}")
            number += 1

    loading = threading.Thread(target=keep_loading)
    loading.start()
    try:
        for number in range(3):
            file = warehouse.telemetry.copies / f"{number}.duckdb"
            warehouse.telemetry.copy(file)
            rows = inspect(file)
            assert rows["hot_spans"] == 3 * rows["hot_payloads"]
    finally:
        stop.set()
        loading.join()


def test_compacting_waits_for_readers_and_writers_and_loses_nothing(warehouse):
    stop, loaded = threading.Event(), []

    def keep_loading():
        while not stop.is_set():
            load(warehouse.telemetry, f"p{len(loaded)}")
            loaded.append(1)
            spans(warehouse.telemetry)

    loading = threading.Thread(target=keep_loading)
    loading.start()
    try:
        for _ in range(3):
            warehouse.compact()
    finally:
        stop.set()
        loading.join()
    assert len(spans(warehouse.telemetry)) == 3 * len(loaded)


def test_the_newest_place_in_the_spool_is_still_the_newest_after_compacting(warehouse):
    with warehouse.telemetry.transaction() as writer:
        for number in range(50):
            writer.execute("insert into offsets values (?, now()::timestamp)", [f"1:{number}"])
    warehouse.compact()
    assert warehouse.telemetry.rows("select position from offsets") == [{"position": "1:49"}]


@pytest.fixture
def telemetry(warehouse):
    return warehouse.telemetry


def test_half_a_character_in_a_question_is_a_question_mark(telemetry):
    assert telemetry.value("select $asked", {"asked": "a\ud800b"}) == "a?b"
    assert telemetry.rows("select $asked as told", {"asked": "caf\u00e9 \udc00"}) == [{"told": "caf\u00e9 ?"}]


def test_half_a_character_is_written_as_a_question_mark(telemetry):
    with telemetry.transaction() as writer:
        writer.execute("insert into rejections values (?, ?, ?, now()::timestamp)", ["otlp", "odd \ud800", 1])
    assert telemetry.value("select reason from rejections") == "odd ?"


def test_pyarrow_looks_only_once_for_modules_that_are_not_installed(tmp_path):
    Warehouse.open(tmp_path, Settings().warehouse).close()
    assert all(name in sys.modules or find_spec(name) for name in ("pandas", "dateutil"))
