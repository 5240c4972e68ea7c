"""MCP on the web listener: behind the Guard, without sessions, and what hostile requests get."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from improver.dashboards.app import create_app
from tests.dashboards.conftest import ADDRESS
from tests.dashboards.gallery import hung

TOKEN = "correct horse battery staple"
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("agents")
    (folder / "token").write_text(TOKEN)
    with (
        hung(folder, web={"token": f"file:{folder / 'token'}"}) as gallery,
        TestClient(create_app(gallery.runtime), base_url=ADDRESS) as asking,
    ):
        yield asking


def call(agents: TestClient, name: str, headers: dict[str, str] | None = None, **arguments: object) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    return agents.post("/mcp", headers=HEADERS | (headers or {}), json=body)


def test_reading_needs_no_token_and_no_session(agents: TestClient) -> None:
    answer = call(agents, "findings")
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["structuredContent"]["untrusted_data"]
    assert "mcp-session-id" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}])
def test_a_remark_without_the_token_is_refused(agents: TestClient, shown: dict[str, str]) -> None:
    result = call(agents, "feedback", shown, said="x").json()["result"]
    assert result["isError"]
    assert "token is missing or wrong" in result["content"][0]["text"]
    assert TOKEN not in json.dumps(result)


def test_a_remark_with_the_token_is_noted(agents: TestClient) -> None:
    result = call(agents, "feedback", {"authorization": f"Bearer {TOKEN}"}, blocker="three calls for one").json()
    assert not result["result"].get("isError"), result
    assert agents.get("/api/status").json()["spool"]["bytes"] > 0


@pytest.mark.parametrize(
    "header",
    [
        {"host": "evil.example"},
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"},
    ],
)
def test_other_hosts_and_origins_are_refused(agents: TestClient, header: dict[str, str]) -> None:
    assert call(agents, "findings", header).status_code == 403


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_only_posts_are_answered_so_that_nothing_stays_open(agents: TestClient, method: str) -> None:
    answer = agents.request(method, "/mcp", headers=HEADERS)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b"{}", b'{"jsonrpc": "2.0"}', b"[" * 50_000,
     b'{"jsonrpc":"2.0","id":1,"method":"x"}',
     b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"rm","arguments":{}}}',
     b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"finding","arguments":{"id":{"$ne":1}}}}'],
)  # fmt: skip
@pytest.mark.parametrize("version", ["", "2025-06-18", "2026-07-28", "1999-01-01"])
def test_hostile_bodies_get_an_error_and_nothing_breaks(agents: TestClient, body: bytes, version: str) -> None:
    headers = HEADERS | ({"mcp-protocol-version": version} if version else {})
    answer = agents.post("/mcp", headers=headers, content=body)
    assert answer.status_code < 500
    assert "Traceback" not in answer.text
    assert call(agents, "status").status_code == 200


def test_an_oversized_body_is_refused(agents: TestClient) -> None:
    assert call(agents, "feedback", said="x" * 300_000).status_code == 413
