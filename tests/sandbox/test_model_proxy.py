"""The proxy in front of a real HTTP server, asked over real sockets."""

import json
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from improver.model import Isolation
from improver.sandbox import ModelProxy, Order, run
from tests.metering import unmetered

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REAL = {"x-api-key": "sk-real"}
ALL = ("/v1/",)
MANY = 5_000


class Api(ThreadingHTTPServer):
    """A model API that remembers what it was asked, and holds its second event back until it may go on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.go_on = threading.Event()
        self.hung_up = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Quiet: clients hang up here on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Api
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        if self.path.startswith("/v1/stream"):
            return self.stream()
        self.send_response(307 if self.path == "/v1/moved" else 200)
        if self.path == "/v1/moved":
            self.send_header("location", "http://127.0.0.1:1/v1/elsewhere")
        self.send_header("content-length", "2")
        self.send_header("set-cookie", "tracked=1")
        self.end_headers()
        self.wfile.write(b"ok" if self.command != "HEAD" else b"")

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.event(b"data: one\n\n")
        if self.path == "/v1/stream/cut":
            self.close_connection = True
            return
        self.server.go_on.wait(10)
        try:
            for _ in range(1000 if self.path == "/v1/stream/long" else 1):
                self.event(b"data: two\n\n" * 1000)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.server.hung_up.set()

    def event(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    do_GET = do_POST = do_HEAD = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: `asked` is the record."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as made:
        threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
        yield made
        made.go_on.set()
        made.shutdown()


@pytest.fixture
def proxy(tmp_path: Path, api: Api) -> Iterator[ModelProxy]:
    with ModelProxy(tmp_path, Isolation.BUBBLEWRAP, meter=unmetered(), clock=lambda: NOW) as made:
        made.lead_to(api.url, REAL, ALL, MANY)
        yield made


def client(proxy: ModelProxy, key: str | None = None) -> httpx2.Client:
    transport = httpx2.HTTPTransport(uds=str(proxy.socket) if proxy.socket else None)
    headers = {"x-api-key": key or proxy.key}
    return httpx2.Client(base_url=proxy.base_url, transport=transport, headers=headers, timeout=5)


def test_the_real_key_replaces_every_other_credential(proxy: ModelProxy, api: Api) -> None:
    theirs = {"authorization": "Bearer stolen", "cookie": "a=b", "x-goog-api-key": "stolen", "proxy-authorization": "x"}
    sent = {**theirs, "anthropic-version": "1"}
    answer = client(proxy).post("/v1/messages?beta=true", headers=sent, content=b'{"a": 1}')
    assert (answer.status_code, answer.text) == (200, "ok")
    (method, path, headers, body) = api.asked[0]
    assert (method, path, body) == ("POST", "/v1/messages?beta=true", b'{"a": 1}')
    assert headers["host"] == api.url.removeprefix("http://")
    assert headers["x-api-key"] == "sk-real"
    assert headers["anthropic-version"] == "1"
    assert not headers.keys() & theirs.keys()
    assert "set-cookie" not in answer.headers


def test_a_bearer_may_carry_the_made_up_key(proxy: ModelProxy, api: Api) -> None:
    asked = client(proxy, "nothing").get("/v1/models", headers={"authorization": f"Bearer {proxy.key}"})
    assert asked.status_code == 200
    assert "authorization" not in api.asked[0][2]


def test_a_body_without_a_length_is_passed_on(proxy: ModelProxy, api: Api) -> None:
    client(proxy).post("/v1/other", content=iter([b"one", b"two"]))
    assert (api.asked[0][3], api.asked[0][2]["content-length"]) == (b"onetwo", "6")


def test_another_key_is_refused(proxy: ModelProxy, api: Api) -> None:
    for key in ("sk-real", "", "\u00e9"):
        assert client(proxy).get("/v1/models", headers={b"x-api-key": key.encode()}).status_code == 401
    assert api.asked == []
    assert (proxy.requests, proxy.refusals) == (3, 3)


def test_other_paths_are_refused(proxy: ModelProxy, api: Api) -> None:
    with client(proxy) as asking:
        for path in (b"/v2/messages", b"/v1/../admin", b"/v1/%2e%2e/admin", b"//evil.invalid/v1/x"):
            request = asking.build_request("GET", "/")
            request.url = request.url.copy_with(raw_path=path)
            assert asking.send(request).status_code == 403
    assert api.asked == []


def test_other_methods_are_refused(proxy: ModelProxy, api: Api) -> None:
    assert client(proxy).delete("/v1/files/1").status_code == 405
    assert api.asked == []


def test_a_message_is_read_whole_and_passed_on_as_it_was_read(proxy: ModelProxy, api: Api) -> None:
    body = b'{"model": "m",  "x": "\xc3\xa9"}'
    assert client(proxy).post("/v1/messages", content=iter([body[:5], body[5:]])).status_code == 200
    assert api.asked[0][3] == body
    assert api.asked[0][2]["content-length"] == str(len(body))


def test_a_message_with_a_tool_of_the_model_api_is_refused_with_its_reason(proxy: ModelProxy, api: Api) -> None:
    answer = client(proxy).post("/v1/messages?beta=true", json={"tools": [{"type": "web_fetch_20250910"}]})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "improver: the tool 'web_fetch_20250910' would run at the model API"
    assert client(proxy).post("/v1/messages/count_tokens", json={"mcp_servers": [{}]}).status_code == 403
    assert api.asked == []


def test_a_message_that_cannot_be_read_is_refused(proxy: ModelProxy, api: Api) -> None:
    squeezed = client(proxy).post("/v1/messages", content=b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert (squeezed.status_code, "encoded" in squeezed.text) == (403, True)
    assert client(proxy).post("/v1/messages", content=b" " * (33 << 20)).status_code == 413
    assert api.asked == []


def test_an_attempt_has_so_many_requests_and_no_more(proxy: ModelProxy, api: Api) -> None:
    proxy.lead_to(api.url, REAL, ALL, 3)
    with client(proxy) as asking:
        answers = [asking.get("/v1/models") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [402] * 2
    assert "used up its 3 requests" in answers[-1].text
    assert (len(api.asked), proxy.requests, proxy.refusals) == (3, 5, 2)


def test_refusals_are_all_counted_but_not_all_logged(proxy: ModelProxy, tmp_path: Path) -> None:
    with client(proxy) as asking:
        for _ in range(1_010):
            asking.get("/admin")
        asking.get("/v1/models")
    lines = (tmp_path / "model.jsonl").read_text().splitlines()
    assert (proxy.refusals, len(lines)) == (1_010, 1_001)
    assert json.loads(lines[-1])["allowed"] is True


def test_a_redirect_is_not_followed_and_not_shown(proxy: ModelProxy) -> None:
    answer = client(proxy).get("/v1/moved")
    assert answer.status_code == 502
    assert "location" not in answer.headers


def test_everything_is_refused_before_the_model_is_named(tmp_path: Path) -> None:
    with ModelProxy(tmp_path, Isolation.HOST, meter=unmetered(), clock=lambda: NOW) as proxy:
        assert client(proxy).get("/v1/models").status_code == 503


def test_an_api_that_cannot_be_reached_is_an_api_error(proxy: ModelProxy, api: Api) -> None:
    proxy.lead_to("http://127.0.0.1:1", REAL, ALL, MANY)
    answer = client(proxy).get("/v1/models")
    assert answer.status_code == 502
    assert answer.json()["error"]["type"] == "api_error"


def test_events_are_passed_on_as_they_come(proxy: ModelProxy, api: Api) -> None:
    with client(proxy).stream("POST", "/v1/stream", content=b"{}") as answer:
        events = answer.iter_raw()
        assert next(events) == b"data: one\n\n"  # the API sends the second only now
        api.go_on.set()
        assert b"".join(events) == b"data: two\n\n" * 1000
        assert answer.headers["content-type"] == "text/event-stream"


def test_an_answer_that_breaks_off_does_not_look_whole(proxy: ModelProxy) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        client(proxy).get("/v1/stream/cut")


def test_when_the_agent_hangs_up_so_does_the_proxy(proxy: ModelProxy, api: Api) -> None:
    with client(proxy) as asking, asking.stream("GET", "/v1/stream/long") as answer:
        next(answer.iter_raw())
    api.go_on.set()
    assert api.hung_up.wait(10)


def test_every_decision_is_logged_without_any_key(proxy: ModelProxy, tmp_path: Path) -> None:
    client(proxy).get("/v1/models?key=stolen")
    client(proxy).get("/admin")
    text = (tmp_path / "model.jsonl").read_text()
    first, second = map(json.loads, text.splitlines())
    assert first == {
        "at": NOW.isoformat(), "method": "GET", "path": "/v1/models", "allowed": True, "status": 200, "reason": "",
    }  # fmt: skip
    assert (second["allowed"], second["status"]) == (False, 403)
    assert "stolen" not in text and "sk-real" not in text and proxy.key not in text


def test_the_socket_is_ours_alone_and_may_lie_deep(tmp_path: Path, api: Api) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    with ModelProxy(folder, Isolation.BUBBLEWRAP, meter=unmetered(), clock=lambda: NOW) as proxy:
        assert proxy.socket and stat.S_IMODE(proxy.socket.stat().st_mode) == 0o600
    assert not (folder / "model.sock").exists()


ASK = """
import os, urllib.request
request = urllib.request.Request(os.environ["BASE"] + "/v1/messages", b"{}", {"x-api-key": os.environ["KEY"]})
print(urllib.request.urlopen(request).read())
"""


def test_every_box_reaches_the_model_and_nothing_else(
    isolation: Isolation, tree: Path, tmp_path: Path, api: Api
) -> None:
    with ModelProxy(tmp_path, isolation, meter=unmetered(), clock=lambda: NOW) as proxy:
        proxy.lead_to(api.url, REAL, ALL, MANY)
        order = Order(
            argv=("python3", "-c", ASK), tree=tree, wall_clock_s=10, env={"BASE": proxy.base_url, "KEY": proxy.key},
            model_socket=proxy.socket, model_port=proxy.port,
        )  # fmt: skip
        boxed = run(order, isolation)
    assert (boxed.code, boxed.output) == (0, "b'ok'\n")
    assert api.asked[0][2]["x-api-key"] == "sk-real"


def test_the_bridge_hands_on_the_commands_end(bubblewrap: Isolation, tree: Path, tmp_path: Path) -> None:
    with ModelProxy(tmp_path, bubblewrap, meter=unmetered(), clock=lambda: NOW) as proxy:
        for script, code in (("exit 7", 7), ("kill -9 $$", 137)):
            order = Order(argv=("sh", "-c", script), tree=tree, wall_clock_s=10, model_socket=proxy.socket)
            assert run(order, bubblewrap).code == code


def test_its_http_libraries_wait_until_it_is_needed() -> None:
    loaded = "import sys, improver.sandbox; print({'uvicorn', 'starlette', 'httpx2'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True).strip() == "set()"
