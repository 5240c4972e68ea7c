"""What agents and models did, as OpenTelemetry's GenAI and MCP spans and Claude Code's events tell it."""

from collections.abc import Callable
from typing import Any

from improver.collectors._lenient import canonical, text, unpacked, written
from improver.collectors._otlp_source import Attributes, Source, first, number
from improver.model import Event, SpanEvent, ToolCallEvent

MODEL_CALLS = ("chat", "text_completion", "generate_content", "embeddings")
CALLED_TOOL = "execute_tool"
MCP_CALL = "tools/call"
CLAUDE = "claude_code."
MAX_ERROR = 4096
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
CONVERSATION = ("gen_ai.conversation.id", "mcp.session.id", "session.id")
ARGUMENTS = ("gen_ai.tool.call.arguments", "mcp.request.arguments", "gen_ai.tool.arguments")
RESULT = ("gen_ai.tool.call.result", "mcp.response.result", "gen_ai.tool.result")
FAILED_RESULT = ("mcp.tool.result.is_error", "mcp.result.is_error", "isError")


def tool_call(span: SpanEvent, attributes: Attributes, source: Source) -> ToolCallEvent | None:
    """The call that a span is; `tool` stays empty where it is the model that was called."""
    operation = first(attributes, ("gen_ai.operation.name",))
    mcp = first(attributes, ("mcp.method.name",))
    by_name_only = not operation and not mcp and bool(first(attributes, ("gen_ai.system", "gen_ai.provider.name")))
    if not (operation in (*MODEL_CALLS, CALLED_TOOL) or mcp == MCP_CALL or by_name_only):
        return None
    is_tool = operation == CALLED_TOOL or mcp == MCP_CALL
    result = _said(attributes, RESULT)
    return ToolCallEvent(
        **source.common(attributes),
        occurred_at=span.occurred_at,
        client_id=f"{span.trace_id}{span.span_id}",
        trace_id=span.trace_id,
        span_id=span.span_id,
        route=span.route,
        agent=first(attributes, ("gen_ai.agent.name",)) or first(source.resource, ("service.name",)),
        conversation=first(attributes, CONVERSATION) or first(source.resource, CONVERSATION),
        call_id=first(attributes, ("gen_ai.tool.call.id", "jsonrpc.request.id")),
        tool=_tool(attributes, span.name) if is_tool else "",
        arguments=canonical(_said(attributes, ARGUMENTS)),
        result=written(result),
        error=_error(span, attributes, result),
        duration_ms=span.duration_ms,
        model=first(attributes, MODEL),
        input_tokens=int(number(attributes, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")),
        output_tokens=int(number(attributes, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")),
        usd=number(attributes, "gen_ai.usage.cost", "gen_ai.usage.cost_usd"),
        data=span.data,
    )


def claude_event(name: str, attributes: Attributes, source: Source, log: dict[str, Any]) -> Event | None:
    """What Claude Code tells by a log record: a tool that ran or was refused, a request to the model."""
    read = _CLAUDE.get(name.removeprefix(CLAUDE))
    fields = read(attributes) if read else None
    if fields is None:
        return None
    return ToolCallEvent(
        **{**source.common(attributes), **log, "client_id": _sequence(attributes, name) or log["client_id"]},
        agent=first(attributes, ("agent.name",)) or "claude-code",
        conversation=first(attributes, ("session.id",)) or first(source.resource, ("session.id",)),
        duration_ms=number(attributes, "duration_ms"),
        model=first(attributes, ("model",)),
        input_tokens=int(number(attributes, "input_tokens")),
        output_tokens=int(number(attributes, "output_tokens")),
        usd=number(attributes, "cost_usd"),
        data=source.data(attributes, event=name),
        **fields,
    )


def _tool_result(attributes: Attributes) -> dict[str, Any]:
    parameters = unpacked(attributes.get("tool_parameters"))
    within = parameters if isinstance(parameters, dict) else {}
    tool = first(attributes, ("tool_name",))
    # Without their details all MCP tools have one name.
    mcp = "__".join(filter(None, (first(within, ("mcp_server_name",)), first(within, ("mcp_tool_name",)))))
    failed = text(attributes.get("success")).lower() == "false" or attributes.get("success") is False
    said = first(attributes, ("error", "error_type"), MAX_ERROR)
    return {
        "call_id": first(attributes, ("tool_use_id",)),
        "tool": f"mcp__{mcp}" if mcp and tool == "mcp_tool" else tool,
        "arguments": canonical(attributes.get("tool_input") or parameters),
        "result": written(attributes.get("tool_output")),
        "error": (said or "failed") if failed else "",
    }


def _decision(attributes: Attributes) -> dict[str, Any] | None:
    """One that was accepted is told of again when it has run."""
    if first(attributes, ("decision",)) != "reject":
        return None
    return {
        "call_id": first(attributes, ("tool_use_id",)),
        "tool": first(attributes, ("tool_name",)),
        "error": f"refused by {first(attributes, ('source',)) or 'somebody'}",
    }


def _request(attributes: Attributes) -> dict[str, Any]:
    return {"call_id": first(attributes, ("request_id",))}


def _request_error(attributes: Attributes) -> dict[str, Any]:
    said = first(attributes, ("error", "status_code"), MAX_ERROR)
    return {"call_id": first(attributes, ("request_id",)), "error": said or "failed"}


_CLAUDE: dict[str, Callable[[Attributes], dict[str, Any] | None]] = {
    "tool_result": _tool_result,
    "tool_decision": _decision,
    "api_request": _request,
    "api_error": _request_error,
}


def _sequence(attributes: Attributes, name: str) -> str:
    """Events are numbered within a session."""
    session, sequence = first(attributes, ("session.id",)), first(attributes, ("event.sequence",))
    return f"{session}#{sequence}" if session and sequence else ""


def _tool(attributes: Attributes, name: str) -> str:
    """Its name; a span's own is "execute_tool NAME" or "tools/call NAME"."""
    before, _, after = name.partition(" ")
    told = first(attributes, ("gen_ai.tool.name", "mcp.tool.name"))
    return told or (after if before in (CALLED_TOOL, MCP_CALL) else name)


def _error(span: SpanEvent, attributes: Attributes, result: object) -> str:
    """A tool of MCP that fails answers well, and says so in what it answers."""
    told = first(attributes, ("error.type",), MAX_ERROR)
    if told or span.status == "error":
        return told if told not in ("", "tool_error") else text(span.data.get("status_message")) or told or "error"
    answer = unpacked(result)
    flags = [attributes.get(name) for name in FAILED_RESULT]
    flags += [answer.get("isError"), answer.get("is_error")] if isinstance(answer, dict) else []
    return "tool_error" if any(flag is True or text(flag).lower() == "true" for flag in flags) else ""


def _said(attributes: Attributes, names: tuple[str, ...]) -> object:
    return next((attributes[name] for name in names if attributes.get(name) not in (None, "")), None)
