"""Codex's rollout files: what each line says of tool calls, and of what they cost."""

import json
import re
from collections.abc import Iterator
from typing import Any

from improver.collectors._agent_calls import MAX_NAME, Calls
from improver.collectors._claude_transcripts import said
from improver.collectors._lenient import count, mapping, text, whole

AGENT = "codex"
_KINDS = ("session_meta", "turn_context", "response_item", "event_msg", "token_usage_record")
_ENDS = ("task_complete", "turn_complete", "turn_aborted")
_EXIT = re.compile(r"^(?:Process exited with code|Exit code:) (\d{1,9})$", re.MULTILINE)


def is_codex(line: dict[str, Any]) -> bool:
    return line.get("type") in _KINDS and isinstance(line.get("payload"), dict)


def take(line: dict[str, Any], calls: Calls, at: int) -> Iterator[dict[str, Any]]:
    """The calls that this line completes."""
    payload: dict[str, Any] = line["payload"]
    match line["type"]:
        case "session_meta" | "turn_context":
            _remember(payload, calls)
        case "response_item":
            yield from _item(line, payload, calls, at)
        case "token_usage_record":
            calls.context["has_records"] = True
            yield from _paid(mapping(payload.get("usage")), calls)
        case _:
            yield from _event(payload, calls)


def _remember(payload: dict[str, Any], calls: Calls) -> None:
    session = payload.get("session_id") or payload.get("id")
    known = {
        "session": text(session, MAX_NAME),
        "model": text(payload.get("model"), MAX_NAME),
        "cwd": text(payload.get("cwd"), MAX_NAME),
        "version": text(payload.get("cli_version"), MAX_NAME),
        "branch": text(mapping(payload.get("git")).get("branch"), MAX_NAME),
    }
    calls.context |= {name: value for name, value in known.items() if value}


def _item(line: dict[str, Any], payload: dict[str, Any], calls: Calls, at: int) -> Iterator[dict[str, Any]]:
    kind, call_id = text(payload.get("type")), text(payload.get("call_id"), MAX_NAME)
    if kind == "message" and payload.get("role") == "assistant":
        yield from _unpaid(calls)
    elif kind.endswith("_call") and call_id:
        yield from _unpaid(calls)
        calls.asked(call_id, _call(line, payload, calls) | {"line": at})
    elif kind.endswith("_output") and call_id in calls.pending:
        output = payload.get("output")
        calls.answered(call_id, _printed(output), failed=_has_failed(output), at=line.get("timestamp"))
        if not calls.pending[call_id].get("waits"):
            yield calls.done(call_id)


def _call(line: dict[str, Any], payload: dict[str, Any], calls: Calls) -> dict[str, Any]:
    known = calls.context
    arguments = next((payload[name] for name in ("arguments", "input", "action") if name in payload), None)
    return {
        "agent": AGENT,
        "session": known.get("session", ""),
        "tool": text(payload.get("name"), MAX_NAME) or text(payload.get("type"), MAX_NAME).removesuffix("_call"),
        "arguments": arguments,
        "called_at": text(line.get("timestamp"), 64),
        "model": known.get("model", ""),
        "data": {name: known[name] for name in ("cwd", "version", "branch") if name in known},
        # The first call of an answer waits for what the answer cost.
        "waits": not any(call.get("waits") for call in calls.pending.values()),
    }


def _paid(usage: dict[str, Any], calls: Calls) -> Iterator[dict[str, Any]]:
    for call in calls.pending.values():
        if call.get("waits"):
            call["input_tokens"] = count(usage.get("input_tokens"))
            call["output_tokens"] = count(usage.get("output_tokens"))
            call["waits"] = False
    yield from _finished(calls)


def _unpaid(calls: Calls) -> Iterator[dict[str, Any]]:
    """The next answer begins: what the one before it cost was never said."""
    for call in calls.pending.values():
        if "result" in call:
            call["waits"] = False
    yield from _finished(calls)


def _finished(calls: Calls) -> Iterator[dict[str, Any]]:
    for call_id in [one for one, call in calls.pending.items() if "result" in call and not call["waits"]]:
        yield calls.done(call_id)


def _event(payload: dict[str, Any], calls: Calls) -> Iterator[dict[str, Any]]:
    kind = payload.get("type")
    if kind == "token_count" and not calls.context.get("has_records"):
        if usage := mapping(mapping(payload.get("info")).get("last_token_usage")):
            yield from _paid(usage, calls)
    elif kind in _ENDS:
        yield from _unpaid(calls)
    else:
        item = mapping(payload.get("item")) or payload
        call = calls.pending.get(text(item.get("call_id") or item.get("id"), MAX_NAME))
        if call is not None and _says_failed(item):
            call["failed"] = True


def _says_failed(item: dict[str, Any]) -> bool:
    result = mapping(item.get("result"))
    return (
        item.get("status") == "failed"
        or bool(whole(item.get("exit_code")))
        or item.get("success") is False
        or "Err" in result
        or mapping(result.get("Ok")).get("isError") is True
    )


def _printed(output: object) -> str:
    record = _record(output)
    if record:
        return text(record.get("output")) or said(record.get("content")) or text(json.dumps(record))
    return said(output)


def _has_failed(output: object) -> bool:
    record = _record(output)
    if record:
        return bool(whole(mapping(record.get("metadata")).get("exit_code"))) or record.get("success") is False
    found = _EXIT.search(said(output))
    return bool(found and int(found[1]))


def _record(output: object) -> dict[str, Any]:
    """Older versions wrap what a command printed in JSON, as text."""
    if isinstance(output, str) and output.startswith('{"output":'):
        try:
            return mapping(json.loads(output))
        except (ValueError, RecursionError):
            return {}
    return mapping(output)
