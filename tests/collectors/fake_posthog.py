"""A small PostHog on loopback: events in the order in which it took them in, and the query that improver asks."""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "phx_of_the_fake"
PATH = "/api/projects/7/query/"


@dataclass
class FakePostHog:
    """`answers` are given before any real one: status, headers, body; None cuts the connection."""

    now_ms: int
    rows: list[dict] = field(default_factory=list)
    asked: list[dict] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes] | None] = field(default_factory=list)

    def __enter__(self) -> "FakePostHog":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *about: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take_in(
        self, uuid: str, taken_ms: int, *, event: str = "order placed", happened_ms: int = 0, **properties
    ) -> None:
        self.rows.append({
            "id": uuid, "event": event, "distinct_id": "u1", "properties": json.dumps(properties),
            "elements_chain": "", "happened_ms": happened_ms or taken_ms, "taken_ms": taken_ms,
        })  # fmt: skip

    def query(self, text: str, values: dict) -> list[list]:
        """What the query says, of these rows; anything else that it might say is unknown here."""
        columns = re.findall(
            r"as (\w+)|(?<=, )(event|distinct_id|properties|elements_chain)", text.partition("from")[0]
        )
        names = [alias or plain for alias, plain in columns]
        assert re.search(r"order by toUnixTimestamp64Milli\(created_at\), toString\(uuid\)\s+limit \d+", text)
        after = (values["after_ms"], values["after_id"])
        oldest = self.now_ms - values["days"] * 86_400_000
        found = [row for row in self.rows if (row["taken_ms"], row["id"]) > after and row["happened_ms"] > oldest]
        found = [row for row in found if row["taken_ms"] < self.now_ms - 120_000]
        found.sort(key=lambda row: (row["taken_ms"], row["id"]))
        return [[row[name] for name in names] for row in found[: int(re.search(r"limit (\d+)", text)[1])]]

    def answer(self, path: str, headers: dict[str, str], body: dict) -> tuple[int, dict[str, str], bytes] | None:
        self.asked.append(body)
        if self.answers:
            return self.answers.pop(0)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, b'{"type": "authentication_error", "detail": "Invalid personal API key."}'
        if path != PATH:
            return 404, {}, b'{"type": "invalid_request", "detail": "Project not found."}'
        assert (body["query"]["kind"], body["refresh"]) == ("HogQLQuery", "force_blocking")
        results = self.query(body["query"]["query"], body["query"]["values"])
        return 200, {}, json.dumps({"results": results, "is_cached": False}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = fake.answer(self.path, {n.lower(): v for n, v in self.headers.items()}, body)
                if answer is None:
                    self.connection.close()
                    return
                status, headers, said = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(said)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
