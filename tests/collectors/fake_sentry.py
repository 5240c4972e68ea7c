"""A small Sentry on loopback: issues with their events, cursors and rate limits, as its published API has them."""

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "sntryu_of_the_fake"
# The query parameters of both operations in Sentry's published OpenAPI description.
ISSUE_PARAMETERS = {
    "environment", "project", "statsPeriod", "start", "end", "groupStatsPeriod", "shortIdLookup", "query", "viewId",
    "sort", "limit", "expand", "collapse", "cursor",
}  # fmt: skip
EVENT_PARAMETERS = {
    "start", "end", "statsPeriod", "environment", "full", "sample", "query", "per_page", "cursor",
}  # fmt: skip
COLLAPSE = {"base", "filtered", "lifetime", "stats", "unhandled"}

Given = tuple[int, dict[str, str], object] | None


@dataclass
class FakeSentry:
    """`answers` are given before any real one: status, headers, JSON; None cuts the connection."""

    issues: dict[str, list[dict]] = field(default_factory=dict)
    projects: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: list[Given] = field(default_factory=list)
    page: int = 2
    headers: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "FakeSentry":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *about: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take_in(self, issue: str, event_id: str, at: datetime, project: str = "shop", **more) -> None:
        event = {
            "id": event_id, "eventID": event_id, "groupID": issue, "projectID": "2", "type": "error",
            "dateCreated": at.isoformat(), "dateReceived": at.isoformat(), "platform": "python", "message": "",
            "title": "E: v", "culprit": "checkout", "user": {"id": "u1"}, "contexts": {}, "context": {}, "packages": {},
            "tags": [{"key": "level", "value": "error"}, {"key": "environment", "value": "production"}],
            "entries": [{"type": "exception", "data": {"values": [{"type": "E", "value": "v", "stacktrace": None}]}}],
        }  # fmt: skip
        self.issues.setdefault(issue, []).append({**event, **more})
        self.projects[issue] = project

    def answer(self, target: str, headers: dict[str, str]) -> Given:
        self.asked.append(target)
        if self.answers:
            return self.answers.pop(0)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"detail": "Invalid token"}
        url = urlsplit(target)
        query = parse_qs(url.query, keep_blank_values=True)
        parts = url.path.strip("/").split("/")
        if parts[:5] != ["api", "0", "organizations", "acme", "issues"]:
            return 404, {}, {"detail": "The requested resource does not exist"}
        return self._issues(query) if len(parts) == 5 else self._events(parts[5], query)

    def _issues(self, query: dict[str, list[str]]) -> Given:
        assert set(query) <= ISSUE_PARAMETERS
        assert (query["sort"], query["query"], set(query["collapse"]) <= COLLAPSE) == (["date"], [""], True)
        assert 1 <= int(query["limit"][0]) <= 100
        wanted = query.get("project", list(self.projects.values()))
        found = [name for name in self.issues if self.projects[name] in wanted and self._within(name, query)]
        rows = [{"id": name, "project": {"id": "2", "slug": self.projects[name]}} for name in found]
        return self._paged(rows, query, self.page)

    def _events(self, issue: str, query: dict[str, list[str]]) -> Given:
        assert set(query) <= EVENT_PARAMETERS
        assert query["full"] == ["true"]
        assert 1 <= int(query["per_page"][0]) <= 100
        if issue not in self.issues:
            return 404, {}, {"detail": "The requested resource does not exist"}
        return self._paged(self._within(issue, query), query, min(self.page, int(query["per_page"][0])))

    def _within(self, issue: str, query: dict[str, list[str]]) -> list[dict]:
        start, end = (datetime.fromisoformat(f"{query[name][0]}+00:00") for name in ("start", "end"))
        return [event for event in self.issues[issue] if start <= datetime.fromisoformat(event["dateCreated"]) <= end]

    def _paged(self, rows: list[dict], query: dict[str, list[str]], size: int) -> Given:
        at = int(query.get("cursor", ["0:0:0"])[0].split(":")[1])
        more = "true" if at + size < len(rows) else "false"
        link = (
            f'<{self.url}/x/?&cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
            f'<{self.url}/x/?&cursor=0:{at + size}:0>; rel="next"; results="{more}"; cursor="0:{at + size}:0"'
        )
        return 200, {"Link": link, **self.headers}, rows[at : at + size]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = fake.answer(self.path, {name.lower(): value for name, value in self.headers.items()})
                if answer is None:
                    self.connection.close()
                    return
                status, headers, said = answer
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
