"""The sandbox, tried for real."""

import os
from pathlib import Path

import pytest

from improver import sandbox
from improver.doctor import Check, Health, box, escapes
from improver.model import Isolation

LIMITS = {"box: memory limit", "box: processes limit", "box: disk limit"}
# Known to be open with file and TCP rules alone; none of them is news.
OPEN_TO_LANDLOCK = {"control socket", "host processes", "git hook", "git link"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def checks(isolation: Isolation, tmp_path: Path) -> dict[str, Check]:
    return {check.name: check for check in box.examine(isolation, tmp_path / "data")}


def test_every_way_out_is_tried_and_closed(tmp_path: Path) -> None:
    if sandbox.probe() != Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    found = checks(Isolation.BUBBLEWRAP, tmp_path)
    assert {check.health for check in found.values()} == {Health.OK}, found
    assert len(found) == 1 + len(escapes.TRIES) + len(LIMITS)
    assert "18 of 18 ways out are closed" in found["sandbox"].said
    assert found["sandbox"].said.endswith(sandbox.held(Isolation.BUBBLEWRAP))


def test_without_a_box_each_of_them_leads_out(tmp_path: Path) -> None:
    """The checks can fail: what they look for is really there outside. The limits hold without a box, too."""
    found = checks(Isolation.HOST, tmp_path)
    assert found["sandbox"].health == Health.FAIL
    closed = {name for name, check in found.items() if check.health == Health.OK}
    assert closed - ({"box: kernel setting"} if os.geteuid() else set()) == LIMITS


def test_what_landlock_leaves_open_is_said(tmp_path: Path) -> None:
    if not sandbox.landlock.abi():
        pytest.skip("needs a kernel with Landlock: 5.13 or newer, with landlock in its lsm= list")
    found = checks(Isolation.LANDLOCK, tmp_path)
    open_ = {name.removeprefix("box: ") for name, check in found.items() if check.health != Health.OK}
    assert found["sandbox"].health == Health.WARN and "no further than branch" in found["sandbox"].said
    assert {"home folder", "ssh keys", "other repository", "data folder", "loopback"}.isdisjoint(open_)
    assert open_ <= OPEN_TO_LANDLOCK | {"sandbox", "mount", "kernel setting", "abstract socket"}


def test_no_sandbox_is_a_warning_with_what_to_install(tmp_path: Path) -> None:
    [found] = checks(Isolation.NONE, tmp_path).values()
    assert (found.health, found.todo) == (Health.WARN, "apt-get install bubblewrap")


def test_elsewhere_than_on_linux_it_says_that_it_is_untested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    [found] = checks(Isolation.NONE, tmp_path).values()
    assert "untested" in found.todo
