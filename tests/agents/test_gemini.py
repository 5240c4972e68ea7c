"""Recorded streams of Gemini CLI through its parser, and its settings; the real binary is in test_real_agents.py."""

import json
from dataclasses import replace

import pytest

from improver.agents import gemini
from improver.agents.gemini import Config
from improver.model import AgentReport, AgentStatus, Job
from tests import boxed_agents
from tests.boxed_agents import STREAMS


def folded(name: str) -> AgentReport:
    return boxed_agents.folded(gemini, (STREAMS / name).read_text().splitlines())


def test_a_finished_run_is_completed() -> None:
    report = gemini.ended(folded("gemini.jsonl"), 0)
    assert (report.status, report.summary, report.edits) == (AgentStatus.COMPLETED, "Fixed add().", 1)
    assert (report.tokens, report.usd, report.denials) == (5250, None, ("run_shell_command",))


def test_a_resumed_session_is_the_same_one_and_its_tokens_are_its_own() -> None:
    first, second = folded("gemini.jsonl"), folded("gemini-resumed.jsonl")
    assert first.session == second.session != ""
    assert second.tokens == 1050


@pytest.mark.parametrize("name", ["gemini-400.jsonl", "gemini-401.jsonl"])
def test_an_error_of_the_api_is_known_by_its_words(name: str) -> None:
    report = gemini.ended(folded(name), 145)
    assert report.status is AgentStatus.API_ERROR
    assert report.detail.startswith("[API Error: ")


def test_a_success_without_a_word_is_a_stream_that_broke_off() -> None:
    report = gemini.ended(folded("gemini-cut.jsonl"), 0)
    assert (report.status, report.detail) == (AgentStatus.API_ERROR, "the model's answer broke off")


def test_another_error_is_a_failure() -> None:
    line = {"type": "result", "status": "error", "error": {"type": "x", "message": "Loop detected"}}
    report = gemini.parse(AgentReport(), json.dumps(line))
    assert (report.status, report.detail) == (AgentStatus.FAILED, "Loop detected")


def test_without_a_result_it_crashed() -> None:
    lines = (STREAMS / "gemini.jsonl").read_text().splitlines()[:-1]
    assert gemini.ended(boxed_agents.folded(gemini, lines), 1).status is AgentStatus.CRASHED


@pytest.mark.parametrize(
    "line", ["", "YOLO mode", "[]", '{"type": "result", "stats": {"total_tokens": -1}}', '{"tool_id": 1}', "\x00"]
)
def test_lines_that_are_not_its_protocol_change_nothing(line: str) -> None:
    assert gemini.parse(AgentReport(summary="so far"), line) == AgentReport(summary="so far")


def test_it_has_the_tools_that_the_change_needs(job: Job) -> None:
    launch = gemini.command(replace(job, session="s1"), Config(binary="/bin/sh"))
    settings = json.loads(launch.papers["settings.json"])
    assert launch.argv[-2:] == ("--resume", "s1")
    assert settings["tools"]["core"] == [*gemini.TOOLS, "run_shell_command(python3 -m unittest -q)"]
    launch = gemini.command(replace(job, test=()), Config(binary="/bin/sh"))
    assert json.loads(launch.papers["settings.json"])["tools"]["core"] == [*gemini.TOOLS]


def test_the_real_key_stays_outside(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "real-key")
    launch = gemini.command(job, Config(binary="/bin/sh"))
    assert launch.upstream_headers == {"x-goog-api-key": "real-key"}
    assert launch.env["GEMINI_API_KEY"] == "made-up"
    assert "real-key" not in repr((launch.argv, launch.env, launch.stdin))


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert gemini.missing(Config()) == f"there is no `gemini` program: {gemini.INSTALL}"
