"""Recorded streams of OpenCode through its parser, and its settings; the real binary is in test_real_agents.py."""

import json
from dataclasses import replace

import pytest

from improver.agents import opencode
from improver.agents.opencode import Config
from improver.model import AgentReport, AgentStatus, Job
from tests import boxed_agents
from tests.boxed_agents import STREAMS

CONFIG = Config(binary="/bin/sh", model="some/model")


def folded(name: str) -> AgentReport:
    return boxed_agents.folded(opencode, (STREAMS / name).read_text().splitlines())


def test_a_finished_run_is_completed_and_its_steps_are_summed() -> None:
    report = opencode.ended(folded("opencode.jsonl"), 0)
    assert (report.status, report.summary, report.edits) == (AgentStatus.COMPLETED, "Fixed add().", 1)
    assert (report.tokens, report.usd, report.denials) == (5 * 1050, None, ("bash",))


def test_a_resumed_session_is_the_same_one_and_its_tokens_are_its_own(job: Job) -> None:
    first, second = folded("opencode.jsonl"), folded("opencode-resumed.jsonl")
    assert first.session == second.session != ""
    assert second.tokens == 1050


@pytest.mark.parametrize("name", ["opencode-400.jsonl", "opencode-401.jsonl"])
def test_an_error_is_an_api_error(name: str) -> None:
    report = opencode.ended(folded(name), 1)
    assert report.status is AgentStatus.API_ERROR
    assert report.detail.startswith("APIError: scripted 40")


def test_what_ends_between_two_steps_crashed() -> None:
    report = opencode.ended(folded("opencode-interrupted.jsonl"), 0)
    assert (report.status, report.detail) == (AgentStatus.CRASHED, "it ended with exit code 0 before it was done")
    report = opencode.ended(folded("opencode.jsonl"), 1)
    assert report.status is AgentStatus.CRASHED


@pytest.mark.parametrize("reason", ["length", "unknown", "error"])
def test_an_answer_that_broke_off_is_no_end(reason: str) -> None:
    line = json.dumps({"type": "step_finish", "part": {"reason": reason}})
    report = opencode.ended(opencode.parse(AgentReport(), line), 0)
    assert (report.status, report.detail) == (AgentStatus.API_ERROR, f"the model's answer broke off: {reason}")


def test_denials_decide_where_nothing_was_written() -> None:
    lines = (STREAMS / "opencode.jsonl").read_text().splitlines()
    without_edit = [line for line in lines if '"tool":"edit"' not in line]
    report = opencode.ended(boxed_agents.folded(opencode, without_edit), 0)
    assert (report.status, report.detail) == (AgentStatus.DENIED, "not allowed: bash")


@pytest.mark.parametrize(
    "line", ["", "Error: x", "[]", '{"type": "step_finish", "part": {"tokens": {"input": -1}}}', '{"part": {}}', "\x00"]
)
def test_lines_that_are_not_its_protocol_change_nothing(line: str) -> None:
    assert opencode.parse(AgentReport(summary="so far"), line) == AgentReport(summary="so far")


def test_it_may_edit_its_tree_read_the_evidence_and_run_the_tests(job: Job) -> None:
    launch = opencode.command(replace(job, session="ses_1"), CONFIG)
    settings = json.loads(launch.env["OPENCODE_CONFIG_CONTENT"])
    assert launch.argv[-2:] == ("--session", "ses_1")
    assert settings["permission"]["bash"] == {
        "*": "deny", "python3 -m unittest -q": "allow", "python3 -m unittest -q *": "allow",
    }  # fmt: skip
    assert settings["permission"]["external_directory"] == {"*": "deny", f"{job.side}/*": "allow"}
    assert settings["permission"]["edit"]["setup.cfg"] == "deny"
    untested = opencode.command(replace(job, test=()), CONFIG)
    assert json.loads(untested.env["OPENCODE_CONFIG_CONTENT"])["permission"]["bash"] == {"*": "deny"}


def test_the_real_key_stays_outside(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    launch = opencode.command(job, Config(binary="/bin/sh", model="m", base_path="/api/v1"))
    assert launch.upstream_headers == {"authorization": "Bearer sk-real"}
    assert launch.upstream_paths == ("/api/v1/chat/completions",)
    assert "sk-real" not in repr((launch.argv, launch.env, launch.stdin))


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opencode.missing(Config()).startswith("agents.opencode.model is empty")
    monkeypatch.setenv("PATH", "/nowhere")
    assert opencode.missing(Config(model="m")) == f"there is no `opencode` program: {opencode.INSTALL}"
