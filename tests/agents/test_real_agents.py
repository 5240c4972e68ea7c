"""The real Codex, OpenCode and Gemini CLI in a real box, behind the real proxy, with a scripted model."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Protocol

import pytest

from improver.agents import codex, gemini, opencode
from improver.model import AgentStatus, Job
from improver.model.configured import Configured
from tests import js_clients
from tests.boxed_agents import Played, play
from tests.scripted_model import ScriptedModel, Step, bash, edit, fail, read, say, write

REAL_KEY = "sk-real-and-never-inside"


class Checkout(Protocol):
    path: Path

    def git(self, *args: str, cwd: Path | None = None) -> str: ...
    def commit(self, files: dict[str, str], message: str = "") -> str: ...


@dataclass(frozen=True, kw_only=True)
class Installed:
    agent: ModuleType
    program: str
    model: str

    def config(self, upstream: str) -> Configured:
        binary = str(js_clients.node_modules(js_clients.AGENTS) / self.program)
        made: Configured = self.agent.Config(
            binary=binary, model=self.model, upstream=upstream, api_key="env:REAL_KEY"
        )
        return made


AGENTS = {
    "codex": Installed(agent=codex, program=".bin/codex", model="gpt-scripted"),
    "opencode": Installed(agent=opencode, program="opencode-linux-x64/bin/opencode", model="scripted"),
    "gemini": Installed(agent=gemini, program=".bin/gemini", model="gemini-2.5-pro"),
}


@pytest.fixture(params=AGENTS)
def installed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Installed:
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    monkeypatch.setenv("REAL_KEY", REAL_KEY)
    found = AGENTS[request.param]
    if missing := found.agent.missing(found.config("http://127.0.0.1")):
        pytest.skip(f"needs {request.param}: {missing}")
    return found


Run = Callable[..., Played]


@pytest.fixture
def run(installed: Installed, checkout: Checkout, tree: Path) -> Run:
    def one(model: ScriptedModel, job: Job, *, wall_clock_s: float = 60) -> Played:
        config = installed.config(model.url)
        return play(installed.agent, config, job, checkout.path / ".git", wall_clock_s=wall_clock_s)

    return one


def fix(tree: Path) -> tuple[Step, ...]:
    return (
        read(tree / "app.py"),
        edit(tree / "app.py", "a - b", "a + b"),
        write(tree / "test_more.py", "import unittest\n"),
        bash("python3 -m unittest -q"),
        say("add() adds now."),
    )


def test_a_whole_fix_and_then_a_second_round_of_the_same_session(
    run: Run, job: Job, tree: Path, checkout: Checkout
) -> None:
    (job.side / "event.json").write_text('{"exception": "AssertionError"}')
    plan = (read(job.side / "event.json"), *fix(tree))
    with ScriptedModel(*plan, key=REAL_KEY) as model:
        first = run(model, job)
        model.goes_on_with(edit(tree / "app.py", "a + b", "b + a"), say("It is the other way round."))
        second = run(model, replace(job, session=first.report.session, prompt="Round two, please."))
    assert (first.report.status, first.report.summary) == (AgentStatus.COMPLETED, "add() adds now."), first.boxed.output
    assert first.report.tokens and first.report.session and not first.report.denials
    assert first.proxy.refusals == 0
    assert checkout.git("status", "--short", cwd=tree).splitlines() == ["M app.py", "?? test_more.py"]
    heard = "".join(asked.body.decode() for asked in model.asked)
    assert "AssertionError" in heard  # it could read the evidence,
    assert "Ran 1 test" in heard  # and run the tests
    assert (second.report.status, second.report.session) == (AgentStatus.COMPLETED, first.report.session)
    assert "b + a" in (tree / "app.py").read_text(), second.boxed.output
    last = model.asked[-1].body.decode()
    assert job.prompt in last and "Round two, please." in last  # it went on where it was
    everything = heard + first.boxed.output + second.boxed.output
    assert REAL_KEY not in everything
    assert all(REAL_KEY.encode() not in path.read_bytes() for path in job.home.rglob("*") if path.is_file())


def test_one_failure_of_the_api_is_tried_again(run: Run, job: Job, tree: Path) -> None:
    first, *rest = fix(tree)
    with ScriptedModel(replace(first, status=503, times=1), *rest, key=REAL_KEY) as model:
        played = run(model, job)
    assert played.report.status is AgentStatus.COMPLETED, played.boxed.output
    assert "a + b" in (tree / "app.py").read_text()


def test_an_api_that_refuses_is_an_api_error(run: Run, job: Job, tree: Path) -> None:
    with ScriptedModel(fail(401), key=REAL_KEY) as model:
        played = run(model, job)
    assert played.report.status is AgentStatus.API_ERROR, played.boxed.output
    assert played.report.detail


def test_a_stream_that_breaks_off_is_no_result(run: Run, job: Job, tree: Path) -> None:
    broken = replace(say("never heard"), cut=True)
    with ScriptedModel(read(tree / "app.py"), broken, key=REAL_KEY) as model:
        played = run(model, job, wall_clock_s=6)
    assert played.report.status in (AgentStatus.API_ERROR, AgentStatus.TIMEOUT), played.boxed.output


def test_a_model_that_never_answers_meets_the_wall_clock(run: Run, job: Job, tree: Path) -> None:
    with ScriptedModel(replace(say("too late"), wait_s=30), key=REAL_KEY) as model:
        played = run(model, job, wall_clock_s=8)
    assert (played.report.status, played.boxed.code) == (AgentStatus.TIMEOUT, None)
    assert model.asked


def test_requests_beyond_its_number_end_it(run: Run, job: Job, tree: Path) -> None:
    forever = [step for n in range(20) for step in (read(tree / "app.py"), bash("python3 -m unittest -q"))]
    with ScriptedModel(*forever, key=REAL_KEY) as model:
        played = run(model, replace(job, turns=1))
    assert played.report.status is not AgentStatus.COMPLETED, played.boxed.output
    assert played.proxy.refusals and len(model.asked) == 8


def test_it_runs_the_tests_and_reads_nothing_of_ours(run: Run, job: Job, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "ours").write_text("do not read")
    spy = (read(tmp_path / "ours"), bash(f"cat {tmp_path}/ours /proc/*/environ; git config --list"), say("Nothing."))
    with ScriptedModel(*spy, key=REAL_KEY) as model:
        played = run(model, job)
    heard = played.boxed.output + json.dumps([asked.body.decode() for asked in model.asked])
    assert "do not read" not in heard
    assert REAL_KEY not in heard
