"""The stage is set below one folder, and struck completely."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from improver import shipped_demo
from improver.demo.stage import check_needed, free_ports, staged
from improver.errors import ImproverError


def test_everything_is_below_one_folder(tmp_path: Path) -> None:
    with staged(tmp_path, "rehearsed") as stage:
        repository = stage.build()
        config = tomllib.loads(stage.config.read_text())
    assert shipped_demo.is_first_tree(repository.tree("main"))
    assert config["data_dir"].startswith(str(tmp_path))
    assert config["targets"]["todo"]["repo"] == str(tmp_path / "todo")
    assert config["targets"]["todo"]["agent"] == "rehearsed"
    assert config["ingest"]["port"] == stage.ingest_port


def test_free_ports_differ() -> None:
    assert len(set(free_ports(5))) == 5


def test_a_process_that_ended_is_told_with_its_last_words(tmp_path: Path) -> None:
    with staged(tmp_path, "rehearsed") as stage:
        stage.log("app").write_text("one\ntwo\n")
        stage._processes["app"] = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
        stage._processes["app"].wait(20)
        with pytest.raises(ImproverError, match="the app ended with exit code 3") as ended:
            stage.check()
    assert ended.value.hint == "one\ntwo"


def test_no_process_is_left_when_something_goes_wrong(tmp_path: Path) -> None:
    with pytest.raises(ImproverError), staged(tmp_path, "rehearsed") as stage:
        stage._processes["app"] = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        raise ImproverError("a test")
    assert stage._processes["app"].poll() is not None


def test_an_agent_that_there_is_not_is_refused_before_anything_is_made() -> None:
    with pytest.raises(ImproverError, match="unknown name 'zzz'"):
        check_needed("zzz")
