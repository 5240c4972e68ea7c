"""A model on loopback that plays a fixed plan to real agents: it thinks of nothing, and remembers what it was asked."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.model_wires import WIRES, Step, Wire, bash, edit, fail, read, say, write

__all__ = ["Asked", "ScriptedModel", "Step", "bash", "edit", "fail", "read", "say", "write"]

TITLE = Step(text="a title")  # for whom offers no tools


@dataclass(frozen=True, kw_only=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


class ScriptedModel:
    """Knows one key; the plan's last step repeats. Each request says itself which step it has come to."""

    def __init__(self, *plan: Step, key: str) -> None:
        self.plan = plan
        self.key = key
        self.asked: list[Asked] = []
        self._failed = Counter[int]()
        self._begun: int | None = 0  # tool results that stood in the session before this plan
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

    def goes_on_with(self, *plan: Step) -> None:
        """Another plan, for a session that is gone on with."""
        self.plan, self._begun = plan, None

    def number(self, results: int) -> int:
        """The step that a request with so many tool results has come to."""
        if self._begun is None:
            self._begun = results
        return min(results - self._begun, len(self.plan) - 1)

    def fails(self, number: int) -> bool:
        """Whether this step fails once more."""
        self._failed[number] += 1
        return self.plan[number].status != 200 and self._failed[number] <= self.plan[number].times

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                model.asked.append(Asked(path=self.path, headers=headers, body=body))
                wire = next((wire for wire in WIRES if wire.answers(self.path.partition("?")[0])), None)
                if wire is None:
                    self._problem(404)
                elif wire.key(headers) != model.key:
                    self._problem(401)
                else:
                    self._play(wire, json.loads(body))

            def _play(self, wire: Wire, request: dict[str, Any]) -> None:
                step = TITLE
                if wire.offered(request):
                    number = model.number(wire.results(request))
                    step = model.plan[number]
                    if model.fails(number):
                        self._problem(step.status)
                        return
                time.sleep(step.wait_s)
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                events = list(wire.events(request, step))
                try:
                    for event in events[:1] if step.cut else events:
                        named = f"event: {event['type']}\n" if "type" in event else ""
                        self.wfile.write(f"{named}data: {json.dumps(event)}\n\n".encode())
                        self.wfile.flush()
                except BrokenPipeError:
                    return  # the Agent did not live to hear it

            def _problem(self, status: int) -> None:
                answer = {"type": "error", "error": {"type": "api_error", "message": f"scripted {status}"}}
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: `asked` is the record."""

        return Handler
