"""The model APIs that a scripted model speaks: one class each, listed in WIRES."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Step:
    """One answer of the model: a tool to use, in Claude Code's words, or something to say; or a failure instead."""

    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    status: int = 200
    times: int = 1 << 30  # how often it fails, before it does what else it says
    cut: bool = False  # the stream breaks off after its first event
    wait_s: float = 0


Call = tuple[str, dict[str, Any]]
SHELLS = ("exec_command", "shell_command", "shell", "local_shell", "bash", "run_shell_command")


def spoken(step: Step, offered: list[str]) -> Call:
    """The step's tool in the words of the Agent that offers these."""
    if step.tool in offered:
        return step.tool, step.arguments
    told = {"Read": _reading, "Edit": _editing, "Write": _writing, "Bash": _running}[step.tool]
    return told(step.arguments, offered)


def _reading(asked: dict[str, Any], offered: list[str]) -> Call:
    if "read" in offered:
        return "read", {"filePath": asked["file_path"]}
    return ("read_file", asked) if "read_file" in offered else _shell(f"cat {asked['file_path']}", offered)


def _editing(asked: dict[str, Any], offered: list[str]) -> Call:
    path, old, new = asked["file_path"], asked["old_string"], asked["new_string"]
    if "edit" in offered:
        return "edit", {"filePath": path, "oldString": old, "newString": new}
    if "replace" in offered:
        return "replace", {**asked, "instruction": "scripted"}
    program = f"p={path!r};s=open(p).read();open(p,'w').write(s.replace({old!r},{new!r},1))"
    return _shell(f"python3 - <<'END'\n{program}\nEND", offered)


def _writing(asked: dict[str, Any], offered: list[str]) -> Call:
    path, content = asked["file_path"], asked["content"]
    if "write" in offered:
        return "write", {"filePath": path, "content": content}
    return ("write_file", asked) if "write_file" in offered else _shell(f"cat >{path} <<'END'\n{content}END", offered)


def _running(asked: dict[str, Any], offered: list[str]) -> Call:
    return _shell(asked["command"], offered)


def _shell(command: str, offered: list[str]) -> Call:
    name = next(name for name in SHELLS if name in offered)
    if name == "exec_command":
        return name, {"cmd": command}
    return name, {"command": command, "description": "scripted"}


class Wire(Protocol):
    """One vendor's API."""

    def answers(self, path: str) -> bool: ...
    def key(self, headers: dict[str, str]) -> str: ...
    def offered(self, request: dict[str, Any]) -> list[str]:
        """Names of the tools; an Agent that offers none wants a title or a summary."""

    def results(self, request: dict[str, Any]) -> int:
        """Tool results so far: the number of the step to play, so that retries do no harm."""

    def events(self, request: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]: ...


def _bearer(headers: dict[str, str]) -> str:
    return headers.get("authorization", "").removeprefix("Bearer ")


class AnthropicMessages:
    USAGE = {"input_tokens": 1000, "output_tokens": 50, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}

    def answers(self, path: str) -> bool:
        return path == "/v1/messages"

    def key(self, headers: dict[str, str]) -> str:
        return headers.get("x-api-key") or _bearer(headers)

    def offered(self, request: dict[str, Any]) -> list[str]:
        return [tool["name"] for tool in request.get("tools") or ()]

    def results(self, request: dict[str, Any]) -> int:
        contents = [message["content"] for message in request["messages"] if isinstance(message["content"], list)]
        return sum(block["type"] == "tool_result" for content in contents for block in content)

    def events(self, request: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]:
        stop = "tool_use" if step.tool else "end_turn"
        message = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"], "content": []}
        yield {"type": "message_start", "message": {**message, "stop_reason": None, "usage": self.USAGE}}
        if step.tool:
            block = {"type": "tool_use", "id": f"toolu_{self.results(request)}", "name": step.tool, "input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(step.arguments)}
        else:
            block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": step.text}
        yield {"type": "content_block_start", "index": 0, "content_block": block}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": self.USAGE}
        yield {"type": "message_stop"}


class OpenAiResponses:
    USAGE = {
        "input_tokens": 1000, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 50,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1050,
    }  # fmt: skip

    def answers(self, path: str) -> bool:
        return path == "/v1/responses"

    def key(self, headers: dict[str, str]) -> str:
        return _bearer(headers)

    def offered(self, request: dict[str, Any]) -> list[str]:
        return [tool.get("name") or tool["type"] for tool in request.get("tools") or ()]

    def results(self, request: dict[str, Any]) -> int:
        return sum(str(item.get("type")).endswith("call_output") for item in request["input"])

    def events(self, request: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]:
        number = self.results(request)
        begun = {"id": f"resp_{number}", "object": "response", "model": request["model"], "status": "in_progress"}
        yield {"type": "response.created", "response": {**begun, "output": []}}
        if step.tool:
            name, arguments = spoken(step, self.offered(request))
            item = {"type": "function_call", "id": f"fc_{number}", "call_id": f"call_{number}", "name": name}
            item |= {"arguments": json.dumps(arguments), "status": "completed"}
        else:
            said = {"type": "output_text", "text": step.text, "annotations": []}
            item = {"type": "message", "id": f"msg_{number}", "role": "assistant", "content": [said]}
        yield {"type": "response.output_item.done", "output_index": 0, "item": item}
        whole = {**begun, "status": "completed", "output": [item], "usage": self.USAGE}
        yield {"type": "response.completed", "response": whole}


class ChatCompletions:
    USAGE = {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050}

    def answers(self, path: str) -> bool:
        return path == "/v1/chat/completions"

    def key(self, headers: dict[str, str]) -> str:
        return _bearer(headers)

    def offered(self, request: dict[str, Any]) -> list[str]:
        return [tool["function"]["name"] for tool in request.get("tools") or ()]

    def results(self, request: dict[str, Any]) -> int:
        return sum(message["role"] == "tool" for message in request["messages"])

    def events(self, request: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]:
        yield self._chunk(request, {"role": "assistant", "content": step.text})
        if step.tool:
            name, arguments = spoken(step, self.offered(request))
            function = {"name": name, "arguments": json.dumps(arguments)}
            call = {"index": 0, "id": f"call_{self.results(request)}", "type": "function", "function": function}
            yield self._chunk(request, {"tool_calls": [call]})
        yield self._chunk(request, {}, "tool_calls" if step.tool else "stop")
        yield {**self._chunk(request, {}), "choices": [], "usage": self.USAGE}

    def _chunk(self, request: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": request["model"]}
        return {**common, "choices": [choice]}


class Gemini:
    USAGE = {"promptTokenCount": 1000, "candidatesTokenCount": 50, "totalTokenCount": 1050}

    def answers(self, path: str) -> bool:
        return path.startswith("/v1beta/models/") and path.endswith(":streamGenerateContent")

    def key(self, headers: dict[str, str]) -> str:
        return headers.get("x-goog-api-key", "")

    def offered(self, request: dict[str, Any]) -> list[str]:
        return [said["name"] for tool in request.get("tools") or () for said in tool.get("functionDeclarations", ())]

    def results(self, request: dict[str, Any]) -> int:
        parts = [part for content in request["contents"] for part in content.get("parts", ())]
        return sum("functionResponse" in part for part in parts)

    def events(self, request: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]:
        if step.tool:
            name, arguments = spoken(step, self.offered(request))
            part: dict[str, Any] = {"functionCall": {"name": name, "args": arguments}}
        else:
            part = {"text": step.text}
        yield {"candidates": [], "modelVersion": "gemini-scripted", "usageMetadata": self.USAGE}
        done = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
        yield {"candidates": [done], "modelVersion": "gemini-scripted", "usageMetadata": self.USAGE}


WIRES: tuple[Wire, ...] = (AnthropicMessages(), OpenAiResponses(), ChatCompletions(), Gemini())


def read(path: Path) -> Step:
    return Step(tool="Read", arguments={"file_path": str(path)})


def edit(path: Path, old: str, new: str) -> Step:
    return Step(tool="Edit", arguments={"file_path": str(path), "old_string": old, "new_string": new})


def write(path: Path, content: str) -> Step:
    return Step(tool="Write", arguments={"file_path": str(path), "content": content})


def bash(command: str) -> Step:
    return Step(tool="Bash", arguments={"command": command, "description": "scripted"})


def say(text: str) -> Step:
    return Step(text=text)


def fail(status: int) -> Step:
    return Step(status=status)
