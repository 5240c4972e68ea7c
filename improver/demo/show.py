"""Shows the loop closing: a live table on a terminal, plain lines elsewhere, one JSON document for machines."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from improver.demo.progress import Progress, Step

REHEARSED = "rehearsed: it plays recorded edits, no model is asked"


class Stagehand(Protocol):
    """Tells an audience what happens."""

    def __enter__(self) -> "Stagehand": ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def show(self, bugs: Sequence[Progress]) -> None: ...


class Silent:
    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        return None

    def show(self, bugs: Sequence[Progress]) -> None:
        return None


class Lines(Silent):
    """One line for each step of each bug, as it is reached."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: set[tuple[str, Step]] = set()

    def show(self, bugs: Sequence[Progress]) -> None:
        for progress in bugs:
            for step, mark in progress.marks.items():
                if (progress.bug.name, step) not in self._told:
                    self._told.add((progress.bug.name, step))
                    line = f"{mark.seconds:6.1f} s  {progress.bug.name:<10} {step:<8} {mark.says}"
                    self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class Moving:
    """The steps as rows, the bugs as columns, redrawn as they fill."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8)
        self._spinner = Spinner("dots", style="cyan")

    def __enter__(self) -> "Moving":
        self._live.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._live.stop()

    def show(self, bugs: Sequence[Progress]) -> None:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column("", style="dim", no_wrap=True)
        for progress in bugs:
            table.add_column(progress.bug.name, ratio=1, overflow="ellipsis", no_wrap=True)
        for step in Step:
            table.add_row(step.value, *(self._cell(progress, step) for progress in bugs))
        self._live.update(table)

    def _cell(self, progress: Progress, step: Step) -> Text | Spinner:
        mark = progress.marks.get(step)
        if mark:
            return Text.assemble(("✓", "green"), (f"{mark.seconds:5.1f} s  ", "dim"), mark.says)
        if progress.problem and step == progress.next_step:
            return Text(f"✗ {progress.problem}", "red")
        return self._spinner if step == progress.next_step else Text("·", "dim")


def stagehand(console: Console, as_json: bool) -> Stagehand:
    if as_json:
        return Silent()
    return Moving(console) if console.is_terminal else Lines(console)


def opening(agent: str, folder: Path) -> str:
    how = REHEARSED if agent == "rehearsed" else agent
    return f"A to-do app with three bugs, watched by improver. Agent: {how}.\nEverything happens in {folder}"


def how_to_look(folder: Path, web: str) -> str:
    return (
        f"Everything is kept in {folder}:\n"
        f"  improver --config {folder}/improver.toml findings   what was found, and what became of it\n"
        f"  git -C {folder}/todo log -p   the fixes\n"
        f"  improver --config {folder}/improver.toml run   then look at {web}"
    )


def ending(bugs: Sequence[Progress]) -> Group:
    """One row a bug, and what is missing."""
    table = Table()
    for column in ("bug", "error → deployed fix", "gates", "commit", "outcome"):
        table.add_column(column, justify="right" if column.startswith("error") else "left")
    for progress in bugs:
        table.add_row(*(Text(cell) for cell in _row(progress)))
    problems = [Text(failure(progress), "red") for progress in bugs if not progress.held]
    notes = [Text("unsandboxed: the agent's edits and the tests ran without a sandbox")] if unsandboxed(bugs) else []
    return Group(table, *notes, *problems)


def failure(progress: Progress) -> str:
    step = progress.next_step or Step.OUTCOME
    return f"{progress.bug.name}: failed at {step}: {progress.problem or f'waited too long for this: {step.gloss}'}"


def unsandboxed(bugs: Sequence[Progress]) -> bool:
    return any(progress.unsandboxed for progress in bugs)


def document(bugs: Sequence[Progress], agent: str, seconds: float, folder: str, problem: str) -> dict[str, Any]:
    return {
        "ok": not problem and all(progress.held for progress in bugs),
        "agent": agent,
        "unsandboxed": unsandboxed(bugs),
        "seconds": round(seconds, 1),
        "folder": folder,
        "problem": problem,
        "bugs": [_described(progress) for progress in bugs],
    }


def _row(progress: Progress) -> tuple[str, str, str, str, str]:
    restart, gates = progress.marks.get(Step.RESTART), progress.marks.get(Step.GATES)
    return (
        progress.bug.name,
        f"{restart.seconds:.1f} s" if restart else "–",
        gates.says if gates else "–",
        progress.commit[:10] or "–",
        str(progress.outcome.get("kind") or "–"),
    )


def _described(progress: Progress) -> dict[str, Any]:
    restart = progress.marks.get(Step.RESTART)
    return {
        "name": progress.bug.name,
        "held": progress.held,
        "finding": progress.finding.get("id"),
        "location": progress.finding.get("location"),
        "attempt": progress.attempt.get("id"),
        "isolation": progress.attempt.get("isolation"),
        "gates": [{"gate": v["gate"], "result": v["result"]} for v in progress.attempt.get("verdicts", ())],
        "commit": progress.commit,
        "outcome": progress.outcome.get("kind"),
        "seconds_to_deployed_fix": round(restart.seconds, 1) if restart else None,
        "steps": {step.value: round(mark.seconds, 1) for step, mark in progress.marks.items()},
        "problem": "" if progress.held else failure(progress),
    }
