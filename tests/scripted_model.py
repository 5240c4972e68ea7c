"""A model on loopback that plays a fixed plan to real agents: it keeps no state and thinks of nothing."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self


@dataclass(frozen=True, kw_only=True)
class Step:
    """One answer of the model: a tool to use, or something to say; or a failure instead of either."""

    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    status: int = 200


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


class Wire(Protocol):
    """One vendor's API; a second one is a second class, listed in WIRES."""

    PATH: str

    def key(self, headers: dict[str, str]) -> str: ...
    def results(self, request: dict[str, Any]) -> int:
        """Tool results so far: the number of the step to play, so that retries do no harm."""

    def events(self, request: dict[str, Any], step: Step) -> Iterator[dict[str, Any]]: ...


class AnthropicMessages:
    PATH = "/v1/messages"
    USAGE = {"input_tokens": 1000, "output_tokens": 50, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}

    def key(self, headers: dict[str, str]) -> str:
        return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")

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


WIRES: tuple[Wire, ...] = (AnthropicMessages(),)


@dataclass(frozen=True, kw_only=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


class ScriptedModel:
    """Knows one key, and remembers what it was asked; the plan's last step repeats."""

    def __init__(self, *plan: Step, key: str) -> None:
        self.plan = plan
        self.key = key
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                model.asked.append(Asked(path=self.path, headers=headers, body=body))
                wire = next((wire for wire in WIRES if self.path.partition("?")[0] == wire.PATH), None)
                if wire is None:
                    self._problem(404)
                elif wire.key(headers) != model.key:
                    self._problem(401)
                else:
                    self._play(wire, json.loads(body))

            def _play(self, wire: Wire, request: dict[str, Any]) -> None:
                step = model.plan[min(wire.results(request), len(model.plan) - 1)]
                if step.status != 200:
                    return self._problem(step.status)
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                for event in wire.events(request, step):
                    self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                    self.wfile.flush()

            def _problem(self, status: int) -> None:
                answer = {"type": "error", "error": {"type": "api_error", "message": f"scripted {status}"}}
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: `asked` is the record."""

        return Handler
