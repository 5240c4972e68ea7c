"""Recorded streams of Codex through its parser, and its command line; the real binary is in test_real_agents.py."""

import json
from dataclasses import replace

import pytest

from improver.agents import codex
from improver.agents.codex import Config
from improver.model import AgentReport, AgentStatus, Isolation, Job
from tests import boxed_agents
from tests.boxed_agents import STREAMS

HOSTILE = (
    "", "WARNING: proceeding", "[]", "null", '{"type": 3}', '{"type": "item.completed", "item": 7}', "\x00" * 9,
    '{"type": "turn.completed", "usage": {"input_tokens": -1}}',
    '{"type": "turn.completed", "usage": {"input_tokens": 1e400}}',
)  # fmt: skip


def folded(name: str) -> AgentReport:
    return boxed_agents.folded(codex, (STREAMS / name).read_text().splitlines())


def test_a_finished_run_is_completed() -> None:
    report = folded("codex.jsonl")
    assert (report.status, report.summary) == (AgentStatus.COMPLETED, "Fixed add().")
    assert (report.tokens, report.usd, report.denials) == (4200, None, ())
    assert codex.ended(report, 0) == report


def test_a_resumed_session_is_the_same_one_and_its_tokens_count_on(job: Job) -> None:
    first, second = folded("codex.jsonl"), folded("codex-resumed.jsonl")
    assert first.session == second.session != ""
    assert (first.tokens, second.tokens) == (4200, 4260)


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("codex-401.jsonl", "unexpected status 401 Unauthorized"),
        ("codex-429.jsonl", "exceeded retry limit, last status: 429"),
        ("codex-500.jsonl", "We’re currently experiencing high demand"),
        ("codex-cut.jsonl", "stream disconnected before completion"),
    ],
)
def test_a_failed_turn_is_an_api_error(name: str, detail: str) -> None:
    report = codex.ended(folded(name), 1)
    assert report.status is AgentStatus.API_ERROR
    assert report.detail.startswith(detail)


def test_without_a_result_it_crashed() -> None:
    lines = (STREAMS / "codex.jsonl").read_text().splitlines()[:-1]
    report = codex.ended(boxed_agents.folded(codex, lines), 137)
    assert (report.status, report.detail) == (AgentStatus.CRASHED, "it ended with exit code 137 and no result")


def test_what_it_was_denied_is_told_and_decides_where_nothing_was_done() -> None:
    declined = {"type": "command_execution", "command": "curl http://x", "status": "declined"}
    lines = [json.dumps({"type": "item.completed", "item": declined}), '{"type": "turn.completed"}']
    report = boxed_agents.folded(codex, lines)
    assert (report.status, report.denials) == (AgentStatus.DENIED, ("curl http://x",))
    changed = {"type": "file_change", "status": "completed", "changes": [{"path": "app.py"}, {"path": "b.py"}]}
    report = boxed_agents.folded(codex, [json.dumps({"type": "item.completed", "item": changed}), *lines])
    assert (report.status, report.edits) == (AgentStatus.COMPLETED, 2)


@pytest.mark.parametrize("line", HOSTILE)
def test_lines_that_are_not_its_protocol_change_nothing(line: str) -> None:
    assert codex.parse(AgentReport(summary="so far"), line) == AgentReport(summary="so far")


def test_its_own_sandbox_is_off_only_inside_ours(job: Job) -> None:
    def settings(isolation: Isolation) -> tuple[str, ...]:
        return codex.command(replace(job, isolation=isolation), Config(binary="/bin/sh")).argv

    assert 'sandbox_mode="danger-full-access"' in settings(Isolation.BUBBLEWRAP)
    assert 'sandbox_mode="workspace-write"' in settings(Isolation.HOST)
    assert all('approval_policy="never"' in settings(isolation) for isolation in Isolation)


def test_the_prompt_and_the_keys_are_no_arguments(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    launch = codex.command(replace(job, session="s1"), Config(binary="/bin/sh", model="gpt-test"))
    assert launch.argv[:4] == ("/bin/sh", "exec", "resume", "s1")
    assert launch.stdin == job.prompt.encode()
    assert launch.upstream_headers == {"authorization": "Bearer sk-real"}
    assert "sk-real" not in repr((launch.argv, launch.env, launch.stdin))
    assert job.prompt not in repr(launch.argv) and "made-up" not in repr(launch.argv)
    assert launch.upstream_paths == ("/v1/responses", "/v1/responses/compact", "/v1/models", "/v1/models/")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert codex.missing(Config()) == f"there is no `codex` program: {codex.INSTALL}"
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert codex.missing(Config(binary="/bin/sh")).startswith("env:OPENAI_API_KEY holds no key: set it")
