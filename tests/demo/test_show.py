"""What the demo tells its audience."""

import io
import json
from pathlib import Path

from rich.console import Console

from improver.demo import show
from improver.demo.bugs import BUGS
from improver.demo.progress import Progress, Step


def bugs() -> list[Progress]:
    done, stuck, new = (Progress(bug=bug, since=0.0) for bug in BUGS)
    for number, step in enumerate(Step):
        done.reach(step, float(number), "[bold]said[/bold]")
    done.attempt = {"id": "a1", "isolation": "exempt", "delivered_commit": "c" * 40, "verdicts": []}
    done.outcome = {"kind": "held"}
    stuck.reach(Step.EVENT, 0.1, "500 for 2 visitors")
    stuck.problem = "no_agent: it is not installed"
    return [done, stuck, new]


def printed(part: object, **more: int) -> str:
    console = Console(file=io.StringIO(), width=120, **more)  # type: ignore[arg-type]
    console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_the_ending_names_the_step_that_failed_for_each_bug() -> None:
    said = printed(show.ending(bugs()))
    assert "edit: failed at finding: no_agent: it is not installed" in said
    assert "delete: failed at event: waited too long for this: visitors met" in said
    assert "mark done: failed" not in said
    assert "6.0 s" in said and "cccccccccc" in said and "held" in said
    assert "unsandboxed" in said


def test_lines_are_told_once_and_as_they_are() -> None:
    console = Console(file=io.StringIO(), width=60)
    with show.stagehand(console, False) as stagehand:
        stagehand.show(bugs())
        stagehand.show(bugs())
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == len(Step) + 1
    assert "[bold]said[/bold]" in lines[0]


def test_a_terminal_gets_a_table_that_fits() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with show.stagehand(console, False) as stagehand:
        stagehand.show(bugs())
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "✓" in said and "✗" in said and "outcome" in said


def test_the_document_is_plain_json_with_one_entry_a_bug() -> None:
    told = json.loads(json.dumps(show.document(bugs(), "rehearsed", 12.34, "", "")))
    assert (told["ok"], told["unsandboxed"], told["seconds"]) == (False, True, 12.3)
    assert [bug["held"] for bug in told["bugs"]] == [True, False, False]
    assert told["bugs"][0]["seconds_to_deployed_fix"] == 6.0


def test_nothing_but_the_document_is_printed_for_machines() -> None:
    assert isinstance(show.stagehand(Console(), True), show.Silent)


def test_recorded_edits_are_called_that() -> None:
    assert "recorded edits" in show.opening("rehearsed", Path("/tmp/x"))
