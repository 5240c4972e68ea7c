"""Requests reach one origin only, and no answer can exhaust us."""

import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from improver.errors import ImproverError
from improver.http import HttpxClient, Patience


@pytest.fixture
def serve():
    """Starts servers that answer every request as told; each gives its address and what it was asked."""
    servers = []

    def start(answer):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked.append((self.command, self.path, dict(self.headers), body))
                status, headers, chunks = answer(self.path)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for chunk in chunks:
                    try:
                        self.wfile.write(chunk)
                    except (BrokenPipeError, ConnectionResetError):
                        return

            do_POST = do_GET

            def log_message(self, format, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def answering(status=200, body=b"{}", **headers):
    return lambda path: (status, headers, [body])


def test_json_goes_out_and_comes_back(serve):
    url, asked = serve(answering(201, b'{"number": 7}'))
    with HttpxClient(f"{url}/api/v3/") as client:
        said = client.request("POST", "/repos/x", headers={"Authorization": "Bearer t"}, json={"a": 1})
    assert said == (201, {"number": 7})
    method, path, headers, body = asked[0]
    assert (method, path, json.loads(body)) == ("POST", "/api/v3/repos/x", {"a": 1})
    assert (headers["Authorization"], headers["User-Agent"]) == ("Bearer t", "improver")


def test_the_headers_of_an_answer_can_be_read(serve):
    url, _ = serve(lambda path: (429, {"Retry-After": "7"}, [b"{}"]))
    with HttpxClient(url) as client:
        answer = client.ask("GET", "/x", headers={})
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", {})


def test_an_empty_answer_is_none(serve):
    url, _ = serve(answering(204, b""))
    with HttpxClient(url) as client:
        assert client.request("POST", "/x", headers={}) == (204, None)


def test_a_token_does_not_follow_a_redirect_to_another_host(serve):
    elsewhere, asked = serve(answering())
    url, _ = serve(answering(302, Location=f"{elsewhere}/x"))
    with HttpxClient(url) as client, pytest.raises(ImproverError, match="redirects to"):
        client.request("GET", "/x", headers={"Authorization": "Bearer t"})
    assert asked == []


def test_a_redirect_on_the_same_host_is_followed_with_its_method(serve):
    url, asked = serve(
        lambda path: (307, {"Location": "/renamed"}, []) if path == "/x" else (200, {}, [b'{"ok": true}'])
    )
    with HttpxClient(url) as client:
        assert client.request("POST", "/x", headers={}, json={"a": 1}) == (200, {"ok": True})
    assert [(method, path, body) for method, path, _, body in asked] == [
        ("POST", "/x", b'{"a":1}'), ("POST", "/renamed", b'{"a":1}'),
    ]  # fmt: skip


def test_a_post_is_not_turned_into_a_get(serve):
    url, asked = serve(answering(301, Location="/renamed"))
    with HttpxClient(url) as client, pytest.raises(ImproverError, match="has moved to /renamed"):
        client.request("POST", "/x", headers={}, json={})
    assert len(asked) == 1


def test_redirects_in_a_circle_end(serve):
    url, asked = serve(answering(302, Location="/x"))
    with HttpxClient(url) as client, pytest.raises(ImproverError, match="in circles"):
        client.request("GET", "/x", headers={})
    assert len(asked) == 4


def test_an_answer_that_does_not_end_is_cut(serve):
    url, _ = serve(lambda path: (200, {}, itertools.repeat(b" " * 65536)))
    with HttpxClient(url) as client, pytest.raises(ImproverError, match="too long or too slow"):
        client.request("GET", "/x", headers={})


def test_an_answer_that_drips_is_cut(serve):
    url, _ = serve(answering(200, b'{"slow": true}'))
    clock = itertools.count(0, 60)
    with HttpxClient(url, monotonic=lambda: next(clock)) as client, pytest.raises(ImproverError) as slow:
        client.request("GET", "/x", headers={})
    assert slow.value.retryable


def test_silence_is_a_timeout_that_may_be_retried(serve):
    release = threading.Event()
    url, _ = serve(lambda path: (200 if release.wait(5) else 504, {}, [b"{}"]))
    impatient = Patience(silence_s=0.2)
    with HttpxClient(url, patience=impatient) as client, pytest.raises(ImproverError, match="did not answer") as late:
        client.request("GET", "/x", headers={})
    release.set()
    assert late.value.retryable


def test_nobody_there_may_be_retried():
    with HttpxClient("http://127.0.0.1:9") as client, pytest.raises(ImproverError, match="cannot reach") as absent:
        client.request("GET", "/x", headers={})
    assert absent.value.retryable


@pytest.mark.parametrize(("status", "retryable"), [(200, False), (502, True)])
def test_what_is_no_json_is_said_so(serve, status, retryable):
    url, _ = serve(answering(status, b"<html>"))
    with HttpxClient(url) as client, pytest.raises(ImproverError, match="not with JSON") as refused:
        client.request("GET", "/x", headers={})
    assert refused.value.retryable is retryable


@pytest.mark.parametrize("url", ["http://github.example", "ftp://127.0.0.1", "github.com", "", "https://", "http://[::1"])
def test_a_token_is_only_sent_over_tls_or_on_loopback(url):
    with pytest.raises(ImproverError, match="is no"):
        HttpxClient(url)
