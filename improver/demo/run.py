"""Runs the demo: three real failures in a real app, followed until telemetry says that their fixes held."""

import json
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from rich.console import Console

from improver.demo import show
from improver.demo.api import Api
from improver.demo.bugs import BUGS
from improver.demo.progress import Progress, Step
from improver.demo.stage import Stage, check_needed, staged
from improver.demo.visitor import Visitor
from improver.errors import ImproverError
from improver.repo import Repository

LOOK_EVERY_S = 0.3
RUNS_AFTER_FIX = 4  # one more than the clean runs that the config asks for
IN_TIME_S = {"rehearsed": 5 * 60.0}  # a tenth of that where nothing else is going on
AGENT_IN_TIME_S = 30 * 60.0  # a model takes its time


class Performance:
    """The visitors and the looking-on; what happens in between is improver's own doing."""

    def __init__(self, stage: Stage, repository: Repository, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._repository = repository
        self._clock = clock
        self._api = Api(stage.web_origin)
        self._visitors: dict[str, list[Visitor]] = {}
        self.bugs: list[Progress] = []

    def meet_the_bugs(self) -> None:
        for bug in BUGS:
            self._visitors[bug.name] = [Visitor(self._stage.app_origin) for _ in range(bug.visitors)]
            progress = Progress(bug=bug, since=self._clock())
            self.bugs.append(progress)
            statuses = [bug.act(visitor) for visitor in self._visitors[bug.name]]
            if statuses != [500] * bug.visitors:
                problem = f"{bug.name} answered {statuses}: the bug is not there"
                raise ImproverError(problem, hint=self._stage.last_lines("app"))
            progress.reach(Step.EVENT, self._clock(), f"500 for {bug.visitors} visitor{'s' * (bug.visitors > 1)}")

    def look(self) -> None:
        """Take in what the daemon knows, and be the visitors that a fix is waiting for."""
        self._stage.check()
        seen = self._api.snapshot()
        for progress in self.bugs:
            progress.follow(seen, self._clock())
            self._visit(progress)

    def _visit(self, progress: Progress) -> None:
        if Step.COMMIT in progress.marks and Step.RESTART not in progress.marks and self._runs(progress.commit):
            progress.reach(Step.RESTART, self._clock(), "healthy")
        if Step.RESTART in progress.marks and Step.WORKS not in progress.marks:
            self._do_again(progress)
        if Step.WORKS in progress.marks and Step.TOLD not in progress.marks:
            self._listen(progress)

    def _runs(self, commit: str) -> bool:
        release = self._repository.resolve(Visitor(self._stage.app_origin).release())
        return release is not None and self._repository.is_ancestor(commit, release)

    def _do_again(self, progress: Progress) -> None:
        visitors = self._visitors[progress.bug.name]
        statuses = [progress.bug.act(visitors[turn % len(visitors)]) for turn in range(RUNS_AFTER_FIX)]
        if 500 in statuses:
            progress.problem = f"it still fails: {statuses}"
            return
        progress.reach(Step.WORKS, self._clock(), f"{RUNS_AFTER_FIX} times")

    def _listen(self, progress: Progress) -> None:
        messages = self._visitors[progress.bug.name][0].messages()
        if messages:
            progress.reach(Step.TOLD, self._clock(), f"“{messages[0]}”")


def run_demo(agent: str, keep: bool, as_json: bool) -> int:
    """0 only if all three bugs were found, fixed, deployed and held."""
    check_needed(agent)
    signal.signal(signal.SIGTERM, _stop)
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="improver-demo-"))
    try:
        return _perform(folder, agent, keep, as_json, console)
    except KeyboardInterrupt:
        return 130
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # As Ctrl-C does: the processes are stopped on the way out.
    raise KeyboardInterrupt


def _perform(folder: Path, agent: str, keep: bool, as_json: bool, console: Console) -> int:
    started, problem, bugs = time.monotonic(), "", []
    if not as_json:
        console.print(show.opening(agent, folder), markup=False, highlight=False, soft_wrap=True)
    with staged(folder, agent) as stage:
        try:
            performance = Performance(stage, stage.build(), time.monotonic)
            bugs = performance.bugs
            stage.start()
            _close_the_loop(performance, show.stagehand(console, as_json), IN_TIME_S.get(agent, AGENT_IN_TIME_S))
        except ImproverError as error:
            problem = f"{error.message}\n{error.hint}".strip()
        daemon_log = stage.last_lines("daemon")
    seconds = time.monotonic() - started
    kept = str(folder) if keep else ""
    told = show.document(bugs, agent, seconds, kept, problem)
    if as_json:
        console.file.write(json.dumps(told) + "\n")
    else:
        _tell(console, bugs, problem, "" if told["ok"] else daemon_log, seconds, stage if keep else None)
    return 0 if told["ok"] else 1


def _close_the_loop(performance: Performance, stagehand: show.Stagehand, seconds: float) -> None:
    with stagehand:
        performance.meet_the_bugs()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            performance.look()
            stagehand.show(performance.bugs)
            if all(progress.held or progress.problem for progress in performance.bugs):
                return
            time.sleep(LOOK_EVERY_S)


def _tell(
    console: Console, bugs: list[Progress], problem: str, log: str, seconds: float, kept: Stage | None
) -> None:
    if bugs:
        console.print(show.ending(bugs))
    if problem:
        console.print(problem, style="red", markup=False, highlight=False, soft_wrap=True)
    if log:
        console.print(f"The end of the daemon's log:\n{log}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{seconds:.0f} s in all.", highlight=False)
    if kept:
        console.print(show.how_to_look(kept.folder, kept.web_origin), markup=False, highlight=False, soft_wrap=True)
