"""The demo's app and its rehearsal: three bugs that its own tests miss, and edits that prove and mend each."""

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from improver import shipped_demo
from improver.demo.bugs import BUGS

PLAN: list[dict[str, Any]] = json.loads(shipped_demo.plan().read_text())
each_bug = pytest.mark.parametrize("scene", PLAN, ids=lambda scene: scene["location"])


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name, content in shipped_demo.files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def play(scene: dict[str, Any], app: Path, *, tests_only: bool = False) -> None:
    for edit in scene["edits"]:
        path = app / edit["path"]
        if "content" in edit:
            path.write_text(edit["content"])
        elif not tests_only:
            assert path.read_text().count(edit["old"]) == 1
            path.write_text(path.read_text().replace(edit["old"], edit["new"]))


def pytest_in(app: Path, *names: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *names]
    return subprocess.run(argv, cwd=app, capture_output=True, text=True, timeout=60)


def new_test(scene: dict[str, Any]) -> str:
    return str(next(edit["path"] for edit in scene["edits"] if "content" in edit))


def test_the_apps_own_tests_pass_although_the_bugs_are_there(app: Path) -> None:
    assert pytest_in(app).returncode == 0


@each_bug
def test_each_regression_test_fails_in_its_body_on_the_base(app: Path, scene: dict[str, Any]) -> None:
    play(scene, app, tests_only=True)
    done = pytest_in(app, new_test(scene))
    assert done.returncode == 1, done.stdout
    assert "failed" in done.stdout and "error" not in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(PLAN)))), ids=str)
def test_the_edits_fit_in_any_order(app: Path, order: tuple[int, ...]) -> None:
    for number in order:
        play(PLAN[number], app)


def test_the_whole_rehearsal_leaves_every_test_green(app: Path) -> None:
    for scene in PLAN:
        play(scene, app)
    done = pytest_in(app)
    assert done.returncode == 0, done.stdout


def test_the_rehearsal_has_a_scene_for_each_bug() -> None:
    assert len(PLAN) == len(BUGS)
    for bug in BUGS:
        assert [scene for scene in PLAN if bug.function in scene["location"]]
