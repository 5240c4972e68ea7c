"""Tool calls of agents in PostHog's events: spans of agent frameworks, tools that a model asked for, MCP servers."""

from collections.abc import Iterator
from typing import Any

from improver.collectors._lenient import canonical, count, mapping, mappings, text, written
from improver.model import ToolCallEvent

MAX_NAME = 1024
MAX_CALLS = 100


def tool_calls(name: str, common: dict[str, Any], properties: dict[str, Any]) -> list[ToolCallEvent]:
    """Empty where no tool was called."""
    if name == "$mcp_tool_call":
        return [_of_server(common, properties)]
    if name == "$ai_span" and properties.get("$ai_span_type") == "tool":
        return [_of_span(common, properties)]
    # A framework tells of each call by itself, in a span: here they would count twice.
    if name == "$ai_generation" and not properties.get("$ai_framework"):
        return list(_asked_for(common, properties))
    return []


def _of_span(common: dict[str, Any], properties: dict[str, Any]) -> ToolCallEvent:
    return ToolCallEvent(
        **_conversation(common, properties),
        call_id=text(properties.get("$ai_span_id"), MAX_NAME),
        tool=text(properties.get("$ai_span_name"), MAX_NAME),
        arguments=canonical(properties.get("$ai_input_state")),
        result=written(properties.get("$ai_output_state")),
        error=(written(properties.get("$ai_error")) or "failed") if properties.get("$ai_is_error") is True else "",
        duration_ms=1000 * number(properties.get("$ai_latency")),
        **_cost(properties),
    )


def _asked_for(common: dict[str, Any], properties: dict[str, Any]) -> Iterator[ToolCallEvent]:
    """The answer's tokens are the first call's: they were paid once."""
    cost = _cost(properties)
    for function, call_id in list(_functions(properties.get("$ai_output_choices")))[:MAX_CALLS]:
        yield ToolCallEvent(
            **_conversation(common, properties),
            call_id=call_id,
            tool=text(function.get("name"), MAX_NAME),
            arguments=canonical(function.get("arguments")),
            **cost,
        )
        cost = {"model": cost["model"]}


def _functions(choices: object) -> Iterator[tuple[dict[str, Any], str]]:
    for choice in mappings(choices, MAX_CALLS):
        asked = mappings(choice.get("content"), MAX_CALLS) + mappings(choice.get("tool_calls"), MAX_CALLS)
        for part in asked:
            if function := mapping(part.get("function")):
                yield function, text(part.get("id"), MAX_NAME)


def _of_server(common: dict[str, Any], properties: dict[str, Any]) -> ToolCallEvent:
    failed = properties.get("$mcp_is_error") is True
    told = (text(properties.get(name)) for name in ("$mcp_error_message", "$mcp_error_type"))
    return ToolCallEvent(
        **common,
        agent=text(properties.get("$mcp_client_name"), MAX_NAME),
        conversation=text(properties.get("$mcp_conversation_id"), MAX_NAME) or common["session"],
        tool=text(properties.get("$mcp_tool_name") or properties.get("$mcp_resource_name"), MAX_NAME),
        arguments=canonical(properties.get("$mcp_parameters")),
        result=written(properties.get("$mcp_response")),
        error=next(filter(None, told), "failed") if failed else "",
        duration_ms=number(properties.get("$mcp_duration_ms")),
        model=text(properties.get("$mcp_llm_model"), MAX_NAME),
    )


def _conversation(common: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    named = (text(properties.get(name), MAX_NAME) for name in ("$ai_session_id", "$ai_trace_id"))
    agents = (text(properties.get(name), MAX_NAME) for name in ("$ai_agent_name", "$ai_framework", "$ai_lib"))
    return {**common, "conversation": next(filter(None, named), ""), "agent": next(filter(None, agents), "")}


def _cost(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": text(properties.get("$ai_model"), MAX_NAME),
        "input_tokens": count(properties.get("$ai_input_tokens")),
        "output_tokens": count(properties.get("$ai_output_tokens")),
        "usd": number(properties.get("$ai_total_cost_usd")),
    }


def number(value: object) -> float:
    """Neither negative nor endless."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and 0 <= value < 1e12 else 0.0  # type: ignore[operator,arg-type]
