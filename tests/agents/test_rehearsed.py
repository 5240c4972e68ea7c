"""Rehearsals run as they do in an Attempt: a child process in a box, its lines folded into a report."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from improver import plugins
from improver.agents import rehearsed
from improver.agents.rehearsed import Config
from improver.errors import ImproverError
from improver.model import AgentReport, AgentStatus, Boxed, FindingKind, Isolation, Job
from improver.sandbox import Order, run

Play = Callable[..., tuple[AgentReport, Boxed]]
FIX = {"path": "app.py", "old": "a - b", "new": "a + b"}


@pytest.fixture
def play(job: Job) -> Play:
    (job.tree / "app.py").write_text("def add(a, b):\n    return a - b\n")

    def perform(
        *parts: dict[str, Any], job: Job = job, isolation: Isolation = Isolation.EXEMPT
    ) -> tuple[AgentReport, Boxed]:
        plan = job.home / "plan.json"
        plan.write_text(json.dumps(parts))
        launch = rehearsed.command(job, Config(plan=plan))
        lines: list[str] = []
        order = Order(
            argv=launch.argv, tree=job.tree, stdin=launch.stdin, readable=launch.readable, wall_clock_s=1
        )  # fmt: skip
        boxed = run(order, isolation, on_line=lines.append)
        report = AgentReport()
        for line in lines:
            report = rehearsed.parse(report, line)
        return rehearsed.ended(report, boxed.code) if boxed.code is not None else report, boxed

    return perform


@pytest.mark.parametrize("isolation", [Isolation.EXEMPT, Isolation.BUBBLEWRAP])
def test_edits_are_played_and_it_says_that_they_were_rehearsed(play: Play, job: Job, isolation: Isolation) -> None:
    if isolation is Isolation.BUBBLEWRAP and shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    new = {"path": "tests/test_app.py", "content": "import app\n"}
    report, _ = play({"location": "app.py *", "edits": [FIX, new], "say": "add() adds."}, isolation=isolation)
    assert report == AgentReport(status=AgentStatus.COMPLETED, summary="rehearsed: add() adds.", edits=2)
    assert "a + b" in (job.tree / "app.py").read_text()
    assert (job.tree / "tests" / "test_app.py").read_text() == "import app\n"


def test_the_first_fitting_part_is_played(play: Play, job: Job) -> None:
    places = ("other.py *", "crash", "app.py a?d")
    parts = [{"location": place, "say": place} for place in places]
    assert play(*parts)[0].summary == "rehearsed: app.py a?d"
    assert play(*parts, job=replace(job, kind=FindingKind.CRASH))[0].summary == "rehearsed: crash"


def test_without_a_fitting_part_it_fails_and_says_so(play: Play) -> None:
    report, _ = play({"location": "other.py *"})
    assert (report.status, report.detail) == (AgentStatus.FAILED, "rehearsed: nothing was recorded for this Finding")


def test_an_edit_that_does_not_fit_the_file_fails(play: Play, job: Job) -> None:
    report, _ = play({"location": "*", "edits": [{**FIX, "old": "a * b"}]})
    assert report.status is AgentStatus.FAILED
    assert "app.py: the recorded text stands there 0 times" in report.detail


def test_a_rehearsed_crash_is_a_crash(play: Play) -> None:
    report, boxed = play({"location": "*", "edits": [FIX], "exit": 9})
    assert (report.status, report.edits, boxed.code) == (AgentStatus.CRASHED, 1, 9)
    assert report.detail.startswith("rehearsed: it ended with exit code 9")


def test_a_rehearsed_hang_meets_the_wall_clock(play: Play, job: Job) -> None:
    report, boxed = play({"location": "*", "sleep": 600, "edits": [FIX]})
    assert (report.status, boxed.code) == (AgentStatus.CRASHED, None)
    assert "a - b" in (job.tree / "app.py").read_text()


def test_missing_and_broken_plans_are_named(job: Job) -> None:
    assert "names no file" in rehearsed.missing(Config())
    plan = job.home / "plan.json"
    assert str(plan) in rehearsed.missing(Config(plan=plan))
    plan.write_text('[{"location": "*", "edits": [{"path": "a"}]}]')
    assert rehearsed.missing(Config(plan=plan)) == ""
    with pytest.raises(ImproverError, match="either `old` or `content`"):
        rehearsed.command(job, Config(plan=plan))


def test_its_help_says_that_nothing_is_thought_up() -> None:
    assert "recorded edits" in plugins.describe(rehearsed)


@pytest.mark.parametrize("line", ["[" * 200_000, "9" * 5_000, "NaN", '{"done'])
def test_a_line_that_is_no_message_changes_nothing(line: str) -> None:
    assert rehearsed.parse(AgentReport(), line) == AgentReport()
