"""Python, git and the data folder."""

import shutil

import pytest

from improver.config import Settings
from improver.doctor import Health, machine


def test_python_and_git_are_found_with_their_versions():
    assert machine.python().health == Health.OK
    found = machine.git()
    assert found.health == Health.OK
    assert "git version" in found.said


def test_git_that_is_not_installed_is_a_failure(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = machine.git()
    assert (found.health, found.todo) == (Health.FAIL, "apt-get install git")


def test_a_git_that_is_too_old_is_a_failure(monkeypatch, tmp_path):
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = machine.git()
    assert (found.health, found.said) == (Health.FAIL, "git version 2.30.2")
    assert "2.38" in found.todo


def test_the_data_folder_is_made_private_and_its_space_is_told(tmp_path):
    found = machine.data_folder(Settings(data_dir=tmp_path / "data"))
    assert found.health == Health.OK
    assert "free" in found.said
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_disk_that_is_nearly_full_is_a_failure(tmp_path):
    mib = shutil.disk_usage(tmp_path).total >> 20
    found = machine.data_folder(Settings(data_dir=tmp_path / "data", spool={"min_free_mb": mib + 1}))
    assert found.health == Health.FAIL
    assert "turned away" in found.todo


@pytest.mark.parametrize("blocked", ["a file", "data"])
def test_a_folder_that_cannot_be_made_is_a_failure(tmp_path, blocked):
    (tmp_path / blocked).write_text("")
    folder = tmp_path / blocked if blocked == "data" else tmp_path / blocked / "data"
    found = machine.data_folder(Settings(data_dir=folder))
    assert found.health == Health.FAIL
    assert found.todo
