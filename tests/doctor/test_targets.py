"""Targets with everything in place, and with one thing missing at a time."""

import sys

import pytest

from improver.config import Settings
from improver.doctor import Health, targets
from improver.model import Isolation
from tests import world


def looked_at(settings: Settings) -> dict[str, tuple[Health, str, str]]:
    """On the host, so that these tests need no sandbox."""
    return {one.name: (one.health, one.said, one.todo) for one in targets.examine(settings, Isolation.HOST)}


def test_a_target_with_everything_in_place_is_well(settings):
    found = looked_at(settings())
    del found["shop: isolation"]
    assert [health for health, _, _ in found.values()] == [Health.OK] * 4


def test_no_target_is_a_warning(tmp_path):
    assert looked_at(Settings(data_dir=tmp_path))["targets"][0] == Health.WARN


@pytest.mark.parametrize(
    ("target", "check", "said", "todo"),
    [
        ({"branch": "nonsuch"}, "repository", "no branch 'nonsuch'", "targets.shop.branch"),
        ({"test": ["nonsuch-runner"]}, "tests", "no program 'nonsuch-runner'", "install it"),
        ({"agent": "command"}, "agent", "agents.command.argv is empty", "name the command line"),
        ({"autonomy": "pr"}, "delivery", "nowhere to open one", "targets.shop.remote"),
        ({"remote": "nonsuch"}, "delivery", "nonsuch", ""),
        ({"setup": ["nonsuch-installer"]}, "setup", "no program 'nonsuch-installer'", "install it"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(settings, target, check, said, todo):
    found = looked_at(settings(**target))[f"shop: {check}"]
    assert found[0] == Health.FAIL
    assert said in found[1]
    assert todo in found[2]


def test_a_folder_that_is_no_repository_is_a_failure(settings, repo):
    (repo / ".git").rename(repo / "no longer git")
    assert looked_at(settings())["shop: repository"][0] == Health.FAIL


def test_no_test_command_is_a_warning(settings):
    assert looked_at(settings(test=[]))["shop: tests"][0] == Health.WARN


def test_a_python_without_the_test_runner_is_a_failure(settings, tmp_path):
    bare = tmp_path / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    health, said, todo = looked_at(settings(test=[str(bare), "-m", "pytest"]))["shop: tests"]
    assert health == Health.FAIL
    assert "has no module pytest" in said
    assert "readable" in todo


def test_changed_files_are_a_warning_where_they_stop_a_commit(settings, repo):
    (repo / "shop.py").write_text("")
    assert looked_at(settings(autonomy="commit"))["shop: repository"][0] == Health.WARN
    assert looked_at(settings(autonomy="branch"))["shop: repository"][0] == Health.OK


def test_a_remote_is_asked(settings, repo, tmp_path):
    world.git(tmp_path, "init", "-q", "--bare", "remote.git")
    world.git(repo, "remote", "add", "origin", str(tmp_path / "remote.git"))
    assert looked_at(settings(remote="origin"))["shop: delivery"][0] == Health.WARN
    world.git(repo, "push", "-q", "origin", "main")
    assert looked_at(settings(remote="origin"))["shop: delivery"][0] == Health.OK


def test_a_person_is_reminded_that_a_target_runs_unsandboxed(settings):
    health, _, todo = looked_at(settings(isolation="host"))["shop: isolation"]
    assert health == Health.WARN
    assert "sandbox" in todo
