"""Recorded streams through the parser, and the real Claude Code binary in a real box with a scripted model."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from improver import plugins
from improver.agents import claude
from improver.agents.claude import Config
from improver.model import AgentReport, AgentStatus, Boxed, Isolation, Job
from improver.sandbox import ModelProxy
from tests import boxed_agents
from tests.boxed_agents import FILES, STREAMS
from tests.scripted_model import ScriptedModel, Step, bash, edit, fail, read, say, write

REAL_KEY = "sk-real-and-never-inside"


def folded(name: str) -> AgentReport:
    return boxed_agents.folded(claude, (STREAMS / name).read_text().splitlines())


@pytest.mark.parametrize("name", ["claude-code.jsonl", "claude-in-bwrap.jsonl"])
def test_a_finished_run_is_completed(name: str) -> None:
    report = folded(name)
    assert (report.status, report.edits, report.denials) == (AgentStatus.COMPLETED, 1, ())
    assert report.summary == "Fixed add(): it subtracted. Tests pass."
    assert report.usd and report.tokens
    assert report.session


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        ("claude-api-error.jsonl", AgentStatus.API_ERROR, "api_error: API Error: 500"),
        ("claude-max-turns.jsonl", AgentStatus.MAX_TURNS, "max_turns: Reached maximum number of turns (2)"),
        ("claude-budget.jsonl", AgentStatus.BUDGET, "budget_exhausted: Reached maximum budget ($0.05)"),
        ("claude-denied.jsonl", AgentStatus.DENIED, "not allowed: Bash"),
    ],
)
def test_a_failure_is_known_by_its_reason(name: str, status: AgentStatus, detail: str) -> None:
    report = folded(name)
    assert report.status is status
    assert report.detail.startswith(detail)
    assert claude.ended(report, 0) == report


def test_money_is_counted_when_the_budget_ran_out() -> None:
    report = folded("claude-budget.jsonl")
    assert (report.usd, report.tokens) == (0.082, 20_100)


def test_without_a_result_it_crashed_whatever_the_exit_code() -> None:
    report = claude.ended(folded("claude-interrupted.jsonl"), 0)
    assert (report.status, report.detail) == (AgentStatus.CRASHED, "it ended with exit code 0 and no result")


def test_denials_do_not_spoil_a_change_that_was_made() -> None:
    finished = json.loads((STREAMS / "claude-denied.jsonl").read_text().splitlines()[-1])
    report = claude.parse(AgentReport(edits=1), json.dumps(finished))
    assert (report.status, report.denials) == (AgentStatus.COMPLETED, ("Bash",))


def test_an_error_without_a_known_reason_is_a_failure() -> None:
    line = {"type": "result", "subtype": "success", "is_error": True, "terminal_reason": "aborted_streaming"}
    assert claude.parse(AgentReport(), json.dumps(line)).status is AgentStatus.FAILED


@pytest.mark.parametrize(
    "line",
    ["", "npm warn something", "[]", "null", '{"type": 3}', '{"type": "assistant", "message": 7}', '{"type": "user"}',
     '{"type": "result", "modelUsage": []}', '{"type": "stream_event"}', "\x00" * 9],
)  # fmt: skip
def test_lines_that_are_not_its_protocol_change_nothing(line: str) -> None:
    assert claude.parse(AgentReport(summary="so far"), line) == AgentReport(summary="so far")


@pytest.mark.parametrize(
    "told",
    [
        '"total_cost_usd": NaN', '"total_cost_usd": 1e999', '"total_cost_usd": -1', '"total_cost_usd": 1e300',
        '"modelUsage": {"m": {"inputTokens": 9223372036854775808}}', '"modelUsage": {"m": {"outputTokens": -1}}',
    ],
)  # fmt: skip
def test_a_number_that_no_store_could_take_makes_no_result(told: str) -> None:
    assert claude.parse(AgentReport(), f'{{"type": "result", {told}}}') == AgentReport()


def test_tokens_stay_countable_over_any_number_of_models() -> None:
    usage = {str(n): {"inputTokens": 2**53, "outputTokens": 2**53} for n in range(2000)}
    report = claude.parse(AgentReport(), json.dumps({"type": "result", "modelUsage": usage}))
    assert (report.status, report.tokens) == (AgentStatus.COMPLETED, 2**53)


def test_it_asks_for_messages_and_models_and_nothing_else_of_the_account(job: Job) -> None:
    paths = claude.command(job, Config(binary="/bin/sh")).upstream_paths
    assert paths == ("/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/models/")


def test_the_command_line_gives_no_more_rights_than_needed(job: Job) -> None:
    launch = claude.command(job, Config(binary="/bin/sh", model="claude-test"))
    words = " ".join(launch.argv)
    assert "--restricted --permission-mode acceptEdits --permission-prompts none --setting-sources  --strict" in words
    assert "--allowedTools Bash(python3 -m unittest -q) Bash(python3 -m unittest -q *)" in words
    assert "--disallowedTools Read(./.github/**) Edit(./.github/**) Read(./setup.cfg) Edit(./setup.cfg)" in words
    assert "--max-turns 12 --max-budget-usd 1.5" in words
    assert f"--add-dir {job.side}" in words
    assert words.endswith("--model claude-test")
    assert launch.stdin == job.prompt.encode()
    assert job.prompt not in words


def test_without_a_test_command_it_runs_no_commands(job: Job) -> None:
    argv = claude.command(replace(job, test=()), Config(binary="/bin/sh")).argv
    assert argv[argv.index("--tools") + 1] == "Read,Edit,Write,Glob,Grep"
    assert "--allowedTools" not in argv


def test_its_session_is_named_by_the_attempt(job: Job) -> None:
    def session(job: Job) -> str:
        argv = claude.command(job, Config(binary="/bin/sh")).argv
        return argv[argv.index("--session-id") + 1]

    assert session(job) == session(job) != session(replace(job, attempt_id="a2"))


def test_a_session_is_gone_on_with(job: Job) -> None:
    argv = claude.command(replace(job, session="s1"), Config(binary="/bin/sh")).argv
    assert argv[argv.index("--resume") + 1] == "s1"
    assert "--session-id" not in argv


def test_the_real_key_stays_outside(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", REAL_KEY)
    monkeypatch.setenv("TOKEN", "oauth-real")
    launch = claude.command(job, Config(binary="/bin/sh"))
    assert launch.upstream_headers == {"x-api-key": REAL_KEY}
    assert launch.env["ANTHROPIC_API_KEY"] == "made-up"
    subscribed = claude.command(job, Config(binary="/bin/sh", oauth_token="env:TOKEN"))
    assert subscribed.upstream_headers == {"authorization": "Bearer oauth-real"}
    assert subscribed.env["CLAUDE_CODE_OAUTH_TOKEN"] == "made-up"
    assert "ANTHROPIC_API_KEY" not in subscribed.env


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert claude.missing(Config(binary="/no/such/claude")).startswith("'/no/such/claude' is not there: install")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert "holds no key" in claude.missing(Config(binary="/bin/sh"))
    assert claude.missing(Config(binary="/bin/sh", api_key="")) == ""


def test_it_keeps_its_plugin_contract() -> None:
    assert not [name for name in plugins.names("agents") if plugins.violations("agents", plugins.load("agents", name))]


# From here on: the real binary.


class Checkout(Protocol):
    path: Path

    def git(self, *args: str, cwd: Path | None = None) -> str: ...
    def commit(self, files: dict[str, str], message: str = "") -> str: ...


SPY = """
import os, socket, subprocess
print("spied:", os.environ, subprocess.getoutput("cat {ours} /proc/*/environ; git config --list; git remote -v"))
try:
    socket.create_connection(("192.0.2.1", 443), 2)
except OSError as error:
    print(error)
"""


@pytest.fixture
def tree(job: Job, checkout: Checkout) -> Path:
    checkout.commit(FILES)
    checkout.git("remote", "add", "origin", f"https://ada:{REAL_KEY}@git.example.invalid/shop.git")
    checkout.git("worktree", "add", "--quiet", "--detach", str(job.tree))
    return job.tree


@pytest.fixture
def isolation(monkeypatch: pytest.MonkeyPatch) -> Isolation:
    monkeypatch.setenv("ANTHROPIC_API_KEY", REAL_KEY)
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    if missing := claude.missing(Config()):
        pytest.skip(f"needs Claude Code: {missing}")
    return Isolation.BUBBLEWRAP


def attempt(
    job: Job, checkout: Checkout, isolation: Isolation, model: ScriptedModel
) -> tuple[AgentReport, Boxed, ModelProxy]:
    played = boxed_agents.play(claude, Config(upstream=model.url), job, checkout.path / ".git", isolation=isolation)
    return played.report, played.boxed, played.proxy


def test_the_real_binary_reads_edits_tests_and_finishes_in_its_box(
    job: Job, checkout: Checkout, tree: Path, isolation: Isolation
) -> None:
    evidence = job.side / "event.json"
    evidence.write_text('{"exception": "AssertionError"}')
    plan = (
        read(evidence), read(tree / "app.py"), edit(tree / "app.py", "a - b", "a + b"),
        write(tree / "test_more.py", "import unittest\n"), bash("python3 -m unittest -q"), say("add() adds now."),
    )  # fmt: skip
    with ScriptedModel(*plan, key=REAL_KEY) as model:
        report, boxed, proxy = attempt(job, checkout, isolation, model)
    assert (report.status, report.summary, report.denials) == (AgentStatus.COMPLETED, "add() adds now.", ())
    assert report.edits == 2
    assert report.tokens and report.usd
    assert checkout.git("status", "--short", cwd=tree).splitlines() == ["M app.py", "?? test_more.py"]
    assert "a + b" in (tree / "app.py").read_text()
    last = json.loads(model.asked[-1].body)
    assert "AssertionError" in json.dumps(last["messages"])  # it could read the evidence,
    assert "Ran 1 test" in json.dumps(last["messages"])  # and run the tests
    assert {asked.headers["x-api-key"] for asked in model.asked} == {REAL_KEY}
    assert (proxy.requests, proxy.refusals) == (len(model.asked), 0)
    assert REAL_KEY not in boxed.output + "".join(asked.body.decode() for asked in model.asked)
    assert all(REAL_KEY.encode() not in path.read_bytes() for path in job.home.rglob("*") if path.is_file())


def test_the_real_binary_finds_neither_key_nor_network_nor_our_files(
    job: Job, checkout: Checkout, tree: Path, isolation: Isolation, tmp_path: Path
) -> None:
    (tmp_path / "ours").write_text("do not read")
    spy = SPY.format(ours=tmp_path / "ours")
    steps = (
        read(tmp_path / "ours"), read(tree / "setup.cfg"), write(tree / "test_spy.py", spy),
        bash("python3 -m unittest -q"), say("Nothing."),
    )  # fmt: skip
    with ScriptedModel(*steps, key=REAL_KEY) as model:
        report, boxed, _ = attempt(job, checkout, isolation, model)
    heard = boxed.output + "".join(asked.body.decode() for asked in model.asked)
    assert "spied: environ" in heard
    assert "Network is unreachable" in heard
    assert "do not read" not in heard
    assert REAL_KEY not in heard
    assert "[metadata]" not in heard  # protected
    assert report.denials


@pytest.mark.parametrize(
    ("plan", "turns", "status"),
    [((fail(400),), 9, AgentStatus.API_ERROR), ((read(Path("app.py")),), 2, AgentStatus.MAX_TURNS)],
    ids=["api_error", "max_turns"],
)
def test_the_real_binarys_failures_are_told_apart(
    job: Job,
    checkout: Checkout,
    tree: Path,
    isolation: Isolation,
    plan: tuple[Step, ...],
    turns: int,
    status: AgentStatus,
) -> None:
    with ScriptedModel(*plan, key=REAL_KEY) as model:
        report, _, _ = attempt(replace(job, turns=turns), checkout, isolation, model)
    assert report.status is status


def test_a_program_beside_a_worktree_is_not_taken_for_claude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-claude").write_text("#!/bin/sh\n")
    (tmp_path / "my-claude").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert "'my-claude' is not there" in claude.missing(Config(binary="my-claude"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "is not there" not in claude.missing(Config(binary="my-claude"))
