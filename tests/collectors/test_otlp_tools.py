"""Agents' tool and model calls, as GenAI and MCP spans and Claude Code's events tell them."""

import pytest

from improver.model import LogEvent, MetricEvent, SpanEvent, ToolCallEvent
from tests.collectors.otlp_requests import TRACE, decoded, logs, metrics, of, record, span, traces

TOOL = {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search",
    "gen_ai.tool.call.id": "call_1",
    "gen_ai.tool.call.arguments": '{"q": "shoes", "limit": 3}',
    "gen_ai.tool.call.result": '{"hits": []}',
    "gen_ai.conversation.id": "conv_1",
    "gen_ai.agent.name": "buyer",
}
MCP = {"mcp.method.name": "tools/call", "gen_ai.tool.name": "search", "mcp.session.id": "sess_1"}


def call(attributes, resource=None, **more):
    (found,) = of(ToolCallEvent, traces(span(1, attributes=attributes, **more), resource=resource))
    return found


def event(name, resource=None, **attributes):
    """As Claude Code sends it: the name in the body, and again without the prefix."""
    attributes = {"event.name": name, "session.id": "sess_1", **attributes}
    told = record(
        f"claude_code.{name}", attributes={key.replace("__", "."): value for key, value in attributes.items()}
    )
    return logs(told, resource=resource or {"service.name": "claude-code", "service.version": "2.1.0"})


def claude(name, **attributes):
    (found,) = of(ToolCallEvent, event(name, **attributes))
    return found


# GenAI.


def test_a_tool_call_field_by_field():
    found = call(TOOL, {"service.name": "shop"})
    assert (found.tool, found.call_id, found.conversation, found.agent) == ("search", "call_1", "conv_1", "buyer")
    assert (found.arguments, found.result, found.error) == ('{"limit":3,"q":"shoes"}', '{"hits": []}', "")
    assert (found.trace_id, found.span_id, found.duration_ms, found.service) == (TRACE, f"{1:016x}", 1.5, "shop")


def test_the_same_arguments_in_another_order_are_the_same_text():
    other = call(TOOL | {"gen_ai.tool.call.arguments": {"limit": 3, "q": "shoes"}})
    assert other.arguments == call(TOOL).arguments


def test_a_model_call_has_tokens_and_a_model_and_no_tool():
    found = call(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": "asked",
            "gen_ai.response.model": "answered",
            "gen_ai.usage.input_tokens": 100,
            "gen_ai.usage.output_tokens": 20,
            "gen_ai.usage.cost": 0.25,
        },
        {"service.name": "shop"},
    )
    assert (found.tool, found.model, found.input_tokens, found.output_tokens) == ("", "answered", 100, 20)
    assert (found.usd, found.agent) == (0.25, "shop")


def test_the_old_names_are_understood():
    found = call(
        {
            "gen_ai.system": "openai",
            "gen_ai.request.model": "m",
            "gen_ai.usage.prompt_tokens": "7",
            "gen_ai.usage.completion_tokens": 2,
        }
    )
    assert (found.tool, found.model, found.input_tokens, found.output_tokens) == ("", "m", 7, 2)


@pytest.mark.parametrize("operation", ["invoke_agent", "create_agent"])
def test_what_only_contains_calls_is_none(operation):
    assert of(ToolCallEvent, traces(span(attributes={"gen_ai.operation.name": operation, "gen_ai.system": "x"}))) == []


def test_a_tool_that_failed_says_how():
    assert call(TOOL | {"error.type": "TimeoutError"}).error == "TimeoutError"
    assert call(TOOL, status={"code": 2, "message": "no such shop"}).error == "no such shop"
    assert call(TOOL, status={"code": 2}).error == "error"


def test_a_tool_is_named_by_its_span_where_it_must_be():
    assert call({"gen_ai.operation.name": "execute_tool"}, name="execute_tool lookup").tool == "lookup"


@pytest.mark.parametrize("tokens", ["many", -3, 10**30, True, [1]])
def test_numbers_that_are_none_count_nothing(tokens):
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": tokens}
    if isinstance(tokens, int) and tokens > 2**63:
        attributes["gen_ai.usage.input_tokens"] = float(tokens)
    assert call(attributes).input_tokens in (0, 1)


# MCP.


def test_an_mcp_call_belongs_to_its_session():
    found = call(MCP | {"gen_ai.tool.call.arguments": '{"q":"x"}'}, kind=2, name="tools/call search")
    assert (found.tool, found.conversation, found.arguments, found.error) == ("search", "sess_1", '{"q":"x"}', "")


def test_other_methods_of_mcp_call_no_tool():
    request = traces(span(attributes={"mcp.method.name": "tools/list"}))
    assert (of(ToolCallEvent, request), len(of(SpanEvent, request))) == ([], 1)


@pytest.mark.parametrize(
    "said",
    [
        {"gen_ai.tool.call.result": '{"isError": true, "content": []}'},
        {"gen_ai.tool.call.result": {"isError": True}},
        {"error.type": "tool_error"},
        {"mcp.tool.result.is_error": True},
    ],
)
def test_a_result_that_says_it_is_an_error_is_one_though_the_call_went_well(said):
    assert call(MCP | said, status={"code": 0}).error == "tool_error"


def test_a_result_that_only_looks_like_json_is_kept_as_it_is():
    found = call(MCP | {"gen_ai.tool.call.result": "{not json"})
    assert (found.result, found.error) == ("{not json", "")


def test_one_call_told_by_framework_and_protocol_counts_once():
    above = span(1, attributes=TOOL)
    below = span(2, parent=1, kind=3, attributes=MCP, name="tools/call search")
    assert [found.agent for found in of(ToolCallEvent, traces(below, above))] == ["buyer"]


# Claude Code.


def test_a_tool_result_field_by_field():
    found = claude(
        "tool_result",
        tool_name="Bash",
        tool_use_id="toolu_1",
        success="true",
        duration_ms=120,
        event__sequence=7,
        user__id="u1",
        tool_parameters='{"full_command": "ls -la", "bash_command": "ls"}',
    )
    assert (found.agent, found.conversation, found.tool, found.call_id) == ("claude-code", "sess_1", "Bash", "toolu_1")
    assert found.arguments == '{"bash_command":"ls","full_command":"ls -la"}'
    assert (found.error, found.duration_ms, found.user, found.session) == ("", 120.0, "u1", "sess_1")
    assert (found.client_id, found.service, found.release) == ("sess_1#7", "claude-code", "2.1.0")


def test_a_tool_that_failed_and_one_that_was_refused_are_errors():
    assert claude("tool_result", tool_name="Edit", success="false", error="no match").error == "no match"
    assert claude("tool_result", tool_name="Edit", success=False).error == "failed"
    refused = claude("tool_decision", tool_name="Bash", decision="reject", source="user_reject")
    assert (refused.tool, refused.error) == ("Bash", "refused by user_reject")
    assert of(ToolCallEvent, event("tool_decision", tool_name="Bash", decision="accept", source="config")) == []


def test_tools_of_mcp_have_their_own_names_where_they_are_told():
    parameters = '{"mcp_server_name": "shop", "mcp_tool_name": "buy"}'
    assert (
        claude("tool_result", tool_name="mcp_tool", success="true", tool_parameters=parameters).tool == "mcp__shop__buy"
    )


def test_requests_to_the_model_have_tokens_and_cost():
    found = claude("api_request", model="m", cost_usd="0.0123", input_tokens="100", output_tokens=5, duration_ms="900")
    assert (found.tool, found.model, found.usd) == ("", "m", 0.0123)
    assert (found.input_tokens, found.output_tokens, found.duration_ms) == (100, 5, 900.0)
    failed = claude("api_error", model="m", error="overloaded", status_code="529")
    assert (failed.tool, failed.error) == ("", "overloaded")


def test_every_event_is_a_log_line_too():
    lines = of(LogEvent, event("user_prompt", prompt_length=3), event("tool_result", tool_name="Bash"))
    assert [line.body for line in lines] == ["claude_code.user_prompt", "claude_code.tool_result"]
    assert lines[0].session == "sess_1"


def test_events_of_other_programs_are_none_of_claudes():
    other = logs(
        record("done", attributes={"event.name": "tool_result", "tool_name": "x"}), resource={"service.name": "shop"}
    )
    assert [type(found) for found in decoded(other).events] == [LogEvent]


def test_its_metrics_are_metrics():
    usage = {"name": "claude_code.token.usage", "sum": {"dataPoints": [{"asInt": "1523"}], "aggregationTemporality": 1}}
    (found,) = decoded(metrics(usage)).events
    assert (type(found), found.name, found.value) == (MetricEvent, "claude_code.token.usage", 1523.0)
