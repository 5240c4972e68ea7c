"""Transcripts: a call and its result are one Event, whenever each of them is written; costs count once."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import pipeline, plugins, polling
from improver.analyze import analyze
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import Payload, ToolCallEvent
from tests import world

sessions = plugins.load("collectors", "agent_sessions")
FIXTURES = Path(__file__).parent.parent / "fixtures"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FAILED = "Exit code 2\n/usr/bin/python3: can't open file '/srv/tree/nonsense.py': [Errno 2] No such file or directory"


def payload(body, path="/agent_sessions"):
    return Payload(id="p", collector="agent_sessions", path=path, received_at=NOW, body=body)


def calls(*lines):
    """What a file of these lines comes to, as (line number, Event)."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
    found = sessions.records(Path("x.jsonl"), raw)
    return [(number, sessions.decode([payload(body)], sessions.Config()).events[0]) for number, body in found]


def of_fixture(name):
    with (FIXTURES / name).open("rb") as file:
        return calls(*file)


def use(call_id, message="m1", at="2026-11-21T10:00:00Z", usage=None, name="Bash", **more):
    content = [{"type": "tool_use", "id": call_id, "name": name, "input": {"command": "ls"}}]
    usage = usage or {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5}
    said = {"id": message, "model": "m", "content": content, "usage": usage}
    return {"type": "assistant", "sessionId": "s", "timestamp": at, "message": said, **more}


def result(call_id, content="done", at="2026-11-21T10:00:02Z", **more):
    block = {"type": "tool_result", "tool_use_id": call_id, "content": content, **more}
    return {"type": "user", "sessionId": "s", "timestamp": at, "message": {"role": "user", "content": [block]}}


# Claude Code.


def test_claude_codes_own_transcript_gives_each_call_with_its_result():
    found = of_fixture("transcripts/claude-code.jsonl")
    assert [(event.tool, bool(event.error)) for _, event in found] == [
        ("Read", False), ("Bash", True), ("Edit", False), ("Edit", True),
    ]  # fmt: skip
    assert found[1][1] == ToolCallEvent(
        payload_id="p",
        occurred_at=datetime(2026, 11, 21, 5, 30, 39, 200000, UTC),
        session="49e84460-afd7-442f-a710-625558a3264d",
        data={
            "cwd": "/srv/tree", "gitBranch": "HEAD", "version": "2.1.329", "isSidechain": False,
            "entrypoint": "sdk-cli", "uuid": "51642ebd-aa1d-468c-bcd2-63f79998adca",
        },
        agent="claude-code",
        conversation="49e84460-afd7-442f-a710-625558a3264d",
        call_id="toolu_1",
        tool="Bash",
        arguments='{"command":"python3 nonsense.py","description":"scripted"}',
        error=FAILED,
        duration_ms=243.0,
        model="claude-opus-5-5",
        input_tokens=1000,
        output_tokens=50,
    )  # fmt: skip


def test_what_claude_code_streams_is_read_too():
    found = [event for _, event in of_fixture("agents/claude-code.jsonl")]
    assert [event.tool for event in found] == ["Read", "Edit", "Bash"]
    assert {event.conversation for event in found} == {"e05ee194-daea-43c7-8bed-fda9acd0f309"}
    assert (found[0].occurred_at, found[0].duration_ms) == (NOW, 0.0)


def test_several_calls_of_one_message_bear_its_cost_once():
    (_, first), (_, second), (_, other) = calls(
        use("a"), use("b"), result("b"), result("a"), use("c", "m2"), result("c")
    )
    assert [(event.call_id, event.input_tokens, event.output_tokens) for event in (first, second, other)] == [
        ("b", 0, 0), ("a", 100, 5), ("c", 100, 5),
    ]  # fmt: skip


def test_a_call_is_found_at_the_line_that_asks_for_it():
    assert [number for number, _ in calls(use("a"), use("b"), result("b"), result("a"))] == [2, 1]


def test_a_repeated_call_is_two_calls():
    found = [event for _, event in calls(use("a"), result("a"), use("b", "m2"), result("b"))]
    assert found[0].arguments == found[1].arguments
    assert len(found) == 2


def test_the_cost_that_a_line_names_and_the_parts_of_a_result_are_kept():
    parts = [{"type": "text", "text": "one"}, {"type": "image", "source": {}}, {"type": "text", "text": "two"}]
    [(_, event)] = calls(use("a", costUSD=0.25), result("a", parts))
    assert (event.usd, event.result) == (0.25, "one\ntwo")


# Codex.


def test_codexs_own_rollout_gives_each_call_with_its_result():
    (_, worked), (_, failed) = of_fixture("transcripts/codex.jsonl")
    assert worked == ToolCallEvent(
        payload_id="p",
        occurred_at=datetime(2026, 11, 21, 5, 31, 36, 479000, UTC),
        session="01a1fc96-b04d-7012-a84c-c915a71a9455",
        data={"cwd": "/srv/tree", "version": "0.169.0"},
        agent="codex",
        conversation="01a1fc96-b04d-7012-a84c-c915a71a9455",
        call_id="call_4f045fc14b0f",
        tool="exec_command",
        arguments='{"cmd":"cat app.py"}',
        result="Chunk ID: 767b62\nWall time: 0.0000 seconds\nProcess exited with code 0\nOriginal token count: 8\n"
        "Output:\ndef add(a, b):\n    return a + b\n",
        duration_ms=60.0,
        model="gpt-scripted",
        input_tokens=1000,
        output_tokens=50,
    )
    assert (failed.result, "exited with code 2" in failed.error) == ("", True)
    assert (failed.input_tokens, failed.output_tokens) == (1000, 50)


def item(kind, **payload):
    return {"type": "response_item", "timestamp": "2026-11-21T10:00:00Z", "payload": {"type": kind, **payload}}


def asked(call_id, name="shell"):
    return item("function_call", call_id=call_id, name=name, arguments='{"command": ["ls"]}')


def said(call_id, output="fine"):
    return item("function_call_output", call_id=call_id, output=output)


def tokens(n):
    usage = {"last_token_usage": {"input_tokens": n, "output_tokens": 1}}
    return {"type": "event_msg", "payload": {"type": "token_count", "info": usage}}


def test_older_rollouts_say_the_cost_after_the_results_and_say_it_again():
    found = calls(asked("a"), asked("b"), said("a"), said("b"), tokens(7), tokens(7), asked("c"), said("c"), tokens(9))
    assert sorted((event.call_id, event.input_tokens) for _, event in found) == [("a", 7), ("b", 0), ("c", 9)]


def test_a_rollout_that_never_says_the_cost_loses_no_call():
    done = {"type": "event_msg", "payload": {"type": "task_complete"}}
    found = calls(asked("a"), said("a"), asked("b"), said("b"), done)
    assert [(event.call_id, event.input_tokens) for _, event in found] == [("a", 0), ("b", 0)]


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ('{"output":"no such file","metadata":{"exit_code":1,"duration_seconds":0.1}}', "no such file"),
        ({"content": [{"type": "input_text", "text": "denied"}], "success": False}, "denied"),
        ("Exit code: 2\nWall time: 0.1 seconds\nOutput:\nbad", "Exit code: 2\nWall time: 0.1 seconds\nOutput:\nbad"),
    ],
)
def test_a_failure_is_known_in_each_way_that_codex_has_said_it(output, text):
    [(_, event)] = calls(asked("a"), said("a", output), tokens(1))
    assert (event.error, event.result) == (text, "")


def test_an_event_beside_the_result_may_say_that_it_failed():
    ended = {"type": "mcp_tool_call_end", "call_id": "a", "result": {"Ok": {"isError": True}}}
    [(_, event)] = calls(asked("a"), {"type": "event_msg", "payload": ended}, said("a", "no"), tokens(1))
    assert event.error == "no"


# Files.


class Transcript:
    def __init__(self, folder):
        self.file = folder / "s.jsonl"
        self.file.touch()
        self.config = sessions.Config(files=[str(folder / "*.jsonl")], service="shop", environment="dev")
        self.state = {}
        self.rejected = {}

    def write(self, *lines):
        with self.file.open("a") as file:
            file.writelines(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)

    def poll(self, times=2):
        found = []
        for _ in range(times):
            polled = sessions.poll(self.state, self.config)
            self.state = json.loads(json.dumps(dict(polled.state)))
            self.rejected |= polled.rejected
            found += polled.payloads
        return list(sessions.decode(found, self.config).events)


def test_without_files_nothing_is_polled():
    assert sessions.poll({}, sessions.Config()).payloads == ()


def test_a_call_and_its_result_may_come_in_different_polls(tmp_path):
    transcript = Transcript(tmp_path)
    transcript.write(use("a"))
    assert transcript.poll(4) == []
    transcript.write(result("a"))
    [event] = transcript.poll()
    assert (event.service, event.environment, event.duration_ms, event.input_tokens) == ("shop", "dev", 2000.0, 100)
    assert event.data["file"] == str(transcript.file)
    assert transcript.poll(4) == []


def test_costs_count_once_across_polls_too(tmp_path):
    transcript = Transcript(tmp_path)
    transcript.write(use("a"), result("a"))
    first = transcript.poll()
    transcript.write(use("b"), result("b"))
    assert [event.input_tokens for event in first + transcript.poll()] == [100, 0]


def test_a_resumed_sessions_copy_of_a_call_is_the_same_payload(tmp_path):
    transcript = Transcript(tmp_path)
    transcript.write(use("a"), result("a"))
    (tmp_path / "resumed.jsonl").write_text(transcript.file.read_text())
    sessions_state = sessions.poll({}, transcript.config).state
    assert len({payload.id for payload in sessions.poll(sessions_state, transcript.config).payloads}) == 1


def test_calls_that_are_never_answered_are_bounded_and_counted(tmp_path):
    transcript = Transcript(tmp_path)
    transcript.write(*(use(f"c{n}", f"m{n}") for n in range(100)))
    big = use("big", "mb")
    big["message"]["content"][0]["input"] = {"text": "x" * 500_000}
    transcript.write(*({**big, "message": {**big["message"], "id": f"x{n}"}} for n in range(9)))
    assert transcript.poll(3) == []
    assert transcript.rejected["no_result"] > 0
    assert len(json.dumps(transcript.state)) < 200_000


def test_broken_lines_cost_themselves_only(tmp_path):
    transcript = Transcript(tmp_path)
    deep = '{"type": "assistant", "message": ' + "[" * 100_000
    transcript.write(use("a"), "{not json", deep, '{"type": "user", "message": {"content": 7}}', "[]", result("a"))
    with transcript.file.open("ab") as file:
        file.write(b"\xff\xfe\n")
    assert len(transcript.poll(3)) == 1
    assert transcript.rejected == {"malformed_line": 3}


def test_a_kill_between_spool_and_memory_costs_and_doubles_nothing(tmp_path):
    folder = tmp_path / "transcripts"
    folder.mkdir()
    transcript = Transcript(folder)
    chosen = Settings(data_dir=tmp_path / "data", collectors={"agent_sessions": {"files": [str(folder / "*.jsonl")]}})
    with world.opened(chosen) as runtime:
        for n in range(4):
            transcript.write(use(f"c{n}", f"m{n}"))
            polled = sessions.poll(polling._state(runtime, "agent_sessions"), transcript.config)
            runtime.spool.append_now(polled.payloads)  # and killed here, before the state was saved
            transcript.write(result(f"c{n}"))
            polling.poll(runtime, "agent_sessions")
        polling.poll(runtime, "agent_sessions")
        polling.poll(runtime, "agent_sessions")
        pipeline.digest(runtime)
        rows = runtime.warehouse.telemetry.rows("select call_id, input_tokens from tool_calls order by call_id")
        assert [tuple(row.values()) for row in rows] == [(f"c{n}", 100) for n in range(4)]


def test_a_transcript_is_analysed_without_being_kept():
    found = analyze(Settings(), [FIXTURES / "transcripts/codex.jsonl"], "agent_sessions")
    assert (found.lines, found.rejected, found.unreadable) == (2, {}, ())


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"agent": "x"}'])
def test_what_is_no_call_is_refused(body):
    with pytest.raises(ImproverError):
        sessions.decode([payload(body)], sessions.Config())


# Hostile transcripts.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
BLOCKS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["tool_use", "tool_result"])},
        optional=dict.fromkeys(("id", "tool_use_id", "name", "input", "content"), st.sampled_from(["a", "b"]) | JSON),
    )
)
CLAUDE = st.fixed_dictionaries(
    {"type": st.sampled_from(["assistant", "user"]), "message": st.fixed_dictionaries({"content": BLOCKS | JSON})},
    optional=dict.fromkeys(("timestamp", "sessionId", "requestId", "costUSD"), JSON),
)
CODEX = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["session_meta", "turn_context", "response_item", "event_msg", "token_usage_record"]),
        "payload": st.fixed_dictionaries(
            {"type": st.sampled_from(["function_call", "function_call_output", "token_count", "task_complete", "x"])},
            optional={
                "call_id": st.sampled_from(["a", "b"]) | JSON,
                **dict.fromkeys(("output", "item", "info", "usage", "arguments", "name", "id", "model", "git"), JSON),
            },
        ),
    },
    optional={"timestamp": JSON},
)


@settings(deadline=None, max_examples=100)
@given(st.lists(CLAUDE | CODEX | JSON, max_size=8))
def test_no_transcript_breaks_the_reading(lines):
    for _, event in calls(*lines):
        assert event.call_id
