"""The Target's own command is kept, apart from what says which tests it runs."""

from pathlib import Path

import pytest

from improver.gates._pytest_run import _argv, is_pytest

OURS = 6  # "-p", its value, and four options


@pytest.mark.parametrize(
    "command",
    [
        ["pytest"], [".venv/bin/pytest", "-q"], ["python", "-m", "pytest", "tests"], ["uv", "run", "pytest"],
        ["env", "A=b", "pytest"], ["coverage", "run", "-m", "pytest"], ["py.test"],
    ],
)  # fmt: skip
def test_pytest_is_recognised(command):
    assert is_pytest(command)


@pytest.mark.parametrize(
    "command", [["npm", "test"], ["make", "pytest"], ["sh", "-c", "pytest"], ["tox", "-e", "pytest"], ["unittest"], []]
)
def test_what_may_run_pytest_some_other_way_is_not(command):
    assert not is_pytest(command)


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").touch()
    (tmp_path / "app").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["pytest", "-q", "tests"], ["pytest", "-q"]),
        (["pytest", "tests/test_a.py::test_x", "-x"], ["pytest", "-x"]),
        (["pytest", "--cov", "app", "-k", "tests", "tests/"], ["pytest", "--cov", "app", "-k", "tests"]),
        (["python", "-m", "pytest", "-m", "not slow", "tests"], ["python", "-m", "pytest", "-m", "not slow"]),
    ],
)
def test_only_the_named_files_are_run(tree, command, kept):
    argv = list(_argv(command, tree, ["tests/test_b.py"], Path("/plugin")))
    assert argv[: -OURS - 1] == kept
    assert argv[-1] == "./tests/test_b.py"


def test_without_files_the_command_runs_what_it_always_runs(tree):
    argv = list(_argv(["pytest", "tests"], tree, [], Path("/plugin")))
    assert argv[:2] == ["pytest", "tests"]


def test_a_path_that_the_command_sets_itself_gets_the_plugin_too(tree):
    argv = list(_argv(["env", "PYTHONPATH=src", "pytest"], tree, [], Path("/plugin")))
    assert argv[1] == "PYTHONPATH=src:/plugin"
