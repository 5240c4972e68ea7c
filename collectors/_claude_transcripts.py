"""Claude Code's transcripts: what each line says of tool calls, and of what they cost."""

from collections.abc import Iterator
from typing import Any

from improver.collectors._agent_calls import MAX_NAME, Calls
from improver.collectors._lenient import count, mapping, mappings, number, text
from improver.model.ids import digest

AGENT = "claude-code"
MAX_BLOCKS = 1000
_DATA = ("cwd", "gitBranch", "version", "isSidechain", "agentId", "parent_tool_use_id", "entrypoint", "uuid")
_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def is_claude(line: dict[str, Any]) -> bool:
    return line.get("type") in ("assistant", "user") and isinstance(line.get("message"), dict)


def take(line: dict[str, Any], calls: Calls, at: int) -> Iterator[dict[str, Any]]:
    """The calls that this line completes."""
    blocks = mappings(mapping(line.get("message")).get("content"), MAX_BLOCKS)
    for block in blocks:
        kind, answered = text(block.get("type")), text(block.get("tool_use_id"), MAX_NAME)
        if kind.endswith("tool_use"):
            calls.asked(text(block.get("id"), MAX_NAME), _call(line, block, calls) | {"line": at})
        elif kind.endswith("tool_result") and answered in calls.pending:
            result = said(block.get("content"))
            calls.answered(answered, result, failed=block.get("is_error") is True, at=line.get("timestamp"))
            yield calls.done(answered)


def _call(line: dict[str, Any], block: dict[str, Any], calls: Calls) -> dict[str, Any]:
    message = mapping(line.get("message"))
    return {
        "agent": AGENT,
        "session": text(line.get("sessionId") or line.get("session_id"), MAX_NAME),
        "tool": text(block.get("name"), MAX_NAME),
        "arguments": block.get("input"),
        "called_at": text(line.get("timestamp"), 64),
        "model": text(message.get("model"), MAX_NAME),
        "data": {name: line[name] for name in _DATA if isinstance(line.get(name), str | bool)},
        **_cost(line, message, calls),
    }


def _cost(line: dict[str, Any], message: dict[str, Any], calls: Calls) -> dict[str, Any]:
    """A message is written in several lines, each with the cost of all: the first call of it bears it."""
    names = (message.get("id") or line.get("uuid"), line.get("requestId") or line.get("requestRef"))
    if not calls.first_of(digest(*map(text, names), length=8)):
        return {}
    usage = mapping(message.get("usage"))
    return {
        "input_tokens": sum(count(usage.get(name)) for name in _INPUT),
        "output_tokens": count(usage.get("output_tokens")),
        "usd": number(line.get("costUSD")) or 0.0,
    }


def said(content: object) -> str:
    """A result's text; pictures and the like are left out."""
    if isinstance(content, list):
        return text("\n".join(filter(None, (text(block.get("text")) for block in mappings(content, MAX_BLOCKS)))))
    return text(content)
