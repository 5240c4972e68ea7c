"""Our client for the Agent Client Protocol: with a small agent of its own, and with real ones in a real box."""

import json
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from improver.agents import acp, opencode
from improver.agents._acp_driver import Orders, allowed
from improver.agents.acp import Config
from improver.model import AgentReport, AgentStatus, Isolation, Job
from improver.sandbox import Order, run
from tests import boxed_agents, js_clients
from tests.scripted_model import ScriptedModel, bash, edit, read, say

REAL_KEY = "sk-real-and-never-inside"


class Checkout(Protocol):
    path: Path

    def git(self, *args: str, cwd: Path | None = None) -> str: ...


# An agent that plays what its first argument says: a list of messages, "?" waits for our next one.
AGENT = """
import json, sys
for message in json.loads(sys.argv[1]):
    if message == "?":
        heard = sys.stdin.readline()
        print("heard:", heard, end="", file=sys.stderr)
        number = json.loads(heard).get("id")
    else:
        if "result" in message or "error" in message:
            message["id"] = number
        print(message if isinstance(message, str) else json.dumps(message), flush=True)
"""
HELLO = ("?", {"result": {"agentCapabilities": {"loadSession": True}}}, "?", {"result": {"sessionId": "s1"}}, "?")
DONE = {"result": {"stopReason": "end_turn", "usage": {"totalTokens": 7}}}


def update(**fields: Any) -> dict[str, Any]:
    return {"method": "session/update", "params": {"sessionId": "s1", "update": fields}}


SPOKEN = update(sessionUpdate="agent_message_chunk", content={"type": "text", "text": "Done."})

Talk = Callable[..., tuple[AgentReport, str]]


@pytest.fixture
def talk(job: Job) -> Talk:
    def with_an_agent(*plan: object, job: Job = job) -> tuple[AgentReport, str]:
        config = Config(argv=(sys.executable, "-c", AGENT, json.dumps(plan)))
        launch = acp.command(job, config)
        lines: list[str] = []
        order = Order(argv=launch.argv, tree=job.tree, env=launch.env, stdin=launch.stdin, wall_clock_s=30)
        boxed = run(order, Isolation.HOST, on_line=lines.append)
        return acp.ended(boxed_agents.folded(acp, lines), boxed.code or 0), boxed.output

    return with_an_agent


def test_a_conversation_from_its_first_word_to_its_last(talk: Talk, job: Job) -> None:
    made = update(sessionUpdate="tool_call_update", status="completed", content=[{"type": "diff", "path": "app.py"}])
    cost = update(sessionUpdate="usage_update", cost={"amount": 0.25, "currency": "USD"})
    report, output = talk(*HELLO, "npm warn: no JSON", made, SPOKEN, cost, DONE)
    assert report == AgentReport(
        status=AgentStatus.COMPLETED, summary="Done.", tokens=7, usd=0.25, edits=1, session="s1"
    )
    assert json.dumps(job.prompt) in output
    assert '"printed": "npm warn: no JSON' in output


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("max_turn_requests", AgentStatus.MAX_TURNS),
        ("max_tokens", AgentStatus.MAX_TURNS),
        ("refusal", AgentStatus.FAILED),
        ("cancelled", AgentStatus.CANCELLED),
        ("something new", AgentStatus.FAILED),
    ],
)
def test_where_it_stopped_is_its_status(talk: Talk, reason: str, status: AgentStatus) -> None:
    report, _ = talk(*HELLO, {"result": {"stopReason": reason}})
    assert (report.status, report.detail) == (status, f"it stopped: {reason}")


def test_an_error_and_an_early_end_are_told(talk: Talk) -> None:
    report, _ = talk(*HELLO, {"error": {"code": -32603, "message": "401 Unauthorized"}})
    assert (report.status, report.detail) == (
        AgentStatus.API_ERROR, 'session/prompt: {"code": -32603, "message": "401 Unauthorized"}',
    )  # fmt: skip
    report, _ = talk(*HELLO)
    assert report.detail == "the agent ended during session/prompt"
    report, _ = talk()
    assert report.status is AgentStatus.API_ERROR


def test_a_session_is_loaded_and_what_was_said_before_is_not_its_summary(talk: Talk, job: Job) -> None:
    loaded = ("?", {"result": {"agentCapabilities": {"loadSession": True}}}, "?", SPOKEN, {"result": None}, "?")
    report, output = talk(*loaded, update(sessionUpdate="tool_call"), DONE, job=replace(job, session="s0"))
    assert (report.session, report.summary) == ("s0", "")
    assert '"method": "session/load", "params": {"sessionId": "s0"' in output


def test_a_session_that_is_gone_is_begun_anew(talk: Talk, job: Job) -> None:
    gone = ("?", {"result": {"agentCapabilities": {"loadSession": True}}}, "?", {"error": {"message": "gone"}})
    report, _ = talk(*gone, *HELLO[2:], SPOKEN, DONE, job=replace(job, session="s0"))
    assert (report.status, report.session) == (AgentStatus.COMPLETED, "s1")


def test_what_it_asks_for_is_answered_by_rules(talk: Talk) -> None:
    options = [{"optionId": kind, "name": kind, "kind": kind} for kind in ("allow_always", "allow_once", "reject_once")]
    call = {"toolCallId": "1", "kind": "execute", "title": "curl", "rawInput": {"command": "curl http://x"}}
    params = {"sessionId": "s1", "toolCall": call, "options": options}
    asking = {"id": "a", "method": "session/request_permission", "params": params}
    unknown = {"id": "b", "method": "fs/read_text_file", "params": {"path": "/etc/passwd"}}
    report, output = talk(*HELLO[:-1], "?", asking, unknown, DONE)
    assert (report.status, report.denials) == (AgentStatus.DENIED, ("curl",))
    assert '"asked": "curl", "granted": false' in output


@pytest.mark.parametrize(
    ("call", "granted"),
    [
        ({"kind": "read", "locations": [{"path": "{tree}/app.py"}]}, True),
        ({"kind": "read", "locations": [{"path": "app.py"}]}, True),
        ({"kind": "read", "locations": [{"path": "{side}/evidence/1.json"}]}, True),
        ({"kind": "edit", "locations": [{"path": "{tree}/../elsewhere"}]}, False),
        ({"kind": "edit", "locations": [{"path": "{tree}/link/passwd"}]}, False),
        ({"kind": "edit", "locations": [{"path": "{tree}/a"}, {"path": "/etc/passwd"}]}, False),
        ({"kind": "fetch"}, False),
        ({"kind": "other"}, False),
        ({}, False),
        ({"kind": "execute", "rawInput": {"command": "python3 -m unittest -q test_app"}}, True),
        ({"kind": "execute", "rawInput": {"command": ["python3", "-m", "unittest", "-q"]}}, True),
        ({"kind": "execute", "title": "python3 -m unittest -q"}, True),
        ({"kind": "execute", "rawInput": {"command": "python3 -m unittest -q; curl x"}}, False),
        ({"kind": "execute", "rawInput": {"command": "python3 -m unittest -q\ncurl x"}}, False),
        ({"kind": "execute", "rawInput": {"command": "python3 -c 'evil()'"}, "title": "python3 -m unittest -q"}, False),
        ({"kind": "execute", "rawInput": {"command": None}}, False),
    ],
)
def test_only_what_stays_in_its_worktree_is_granted(job: Job, call: dict[str, Any], granted: bool) -> None:
    (job.tree / "link").symlink_to("/etc")
    filled = json.loads(json.dumps(call).replace("{tree}", str(job.tree)).replace("{side}", str(job.side)))
    orders = Orders(
        argv=[], prompt="", tree=str(job.tree), folders=[str(job.side)], session="", login="", test=list(job.test)
    )
    assert allowed(filled, orders) is granted


def test_without_a_test_command_it_runs_nothing(job: Job) -> None:
    orders = Orders(argv=[], prompt="", tree=str(job.tree), folders=[], session="", login="", test=[])
    assert not allowed({"kind": "execute", "rawInput": {"command": "true"}}, orders)


@pytest.mark.parametrize("line", ["", "[]", '{"update": 7}', '{"usage": {"totalTokens": -1}}', "\x00"])
def test_lines_that_are_not_the_drivers_change_nothing(line: str) -> None:
    assert acp.parse(AgentReport(summary="so far"), line) == AgentReport(summary="so far")


# From here on: real agents.


def _opencode(modules: Path) -> dict[str, Any]:
    options = {"baseURL": "{base_url}/v1", "apiKey": "{key}"}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {"scripted": {"name": "scripted"}}}
    settings = {"model": "here/scripted", "provider": {"here": provider}, "permission": "ask"}
    return {
        "argv": (str(modules / "opencode-linux-x64/bin/opencode"), "acp"),
        "variables": {"OPENCODE_CONFIG_CONTENT": json.dumps(settings), **dict.fromkeys(opencode.QUIET, "1")},
        "paths": ("/v1/chat/completions",),
    }


def _gemini(modules: Path) -> dict[str, Any]:
    return {
        "argv": (str(modules / ".bin/gemini"), "--acp", "--model", "gemini-2.5-pro"),
        "key_env": "GEMINI_API_KEY",
        "base_url_env": "GOOGLE_GEMINI_BASE_URL",
        "key_header": "x-goog-api-key",
        "login": "gemini-api-key",
        "paths": ("/v1beta/models/",),
    }


@pytest.mark.parametrize("agent", [_opencode, _gemini], ids=["opencode", "gemini"])
def test_a_real_agent_fixes_it_and_runs_only_the_tests(
    agent: Callable[[Path], dict[str, Any]],
    job: Job,
    tree: Path,
    checkout: Checkout,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    monkeypatch.setenv("REAL_KEY", REAL_KEY)
    settings = agent(js_clients.node_modules(js_clients.AGENTS))
    plan = (
        read(tree / "app.py"),
        edit(tree / "app.py", "a - b", "a + b"),
        bash("python3 -m unittest -q"),
        say("add() adds now."),
    )
    with ScriptedModel(*plan, key=REAL_KEY) as model:
        config = Config(upstream=model.url, key="env:REAL_KEY", **settings)
        played = boxed_agents.play(acp, config, job, checkout.path / ".git")
    report = played.report
    assert (report.status, report.summary, report.denials) == (AgentStatus.COMPLETED, "add() adds now.", ())
    assert report.edits == 1 and report.session
    assert checkout.git("status", "--short", cwd=tree).splitlines() == ["M app.py"]
    assert "Ran 1 test" in _bodies(asked.body for asked in model.asked)
    assert REAL_KEY not in played.boxed.output


def _bodies(asked: Iterable[bytes]) -> str:
    return b"".join(asked).decode()
