"""Who is turned away, and what every answer forbids."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from improver.dashboards.app import create_app
from tests.dashboards.conftest import ADDRESS
from tests.dashboards.gallery import opened

EVERYWHERE = [
    "/",
    "/findings/9f8e7d6c5b4a",
    "/nowhere",
    "/api/status",
    "/api/nowhere",
    "/static/improver.css",
    "/metrics",
]
each_path = pytest.mark.parametrize("path", EVERYWHERE)


@pytest.fixture
def behind_a_proxy(tmp_path: Path) -> Iterator[TestClient]:
    web = {"allowed_hosts": ["improver.example.org"]}
    with opened(tmp_path, web=web) as runtime, TestClient(create_app(runtime), base_url=ADDRESS) as asking:
        yield asking


@pytest.mark.parametrize("host", ["localhost:4319", "LOCALHOST", "127.0.0.1", "127.0.0.1:4319", "[::1]:4319", "[::1]"])
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@each_path
@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "", "evil@localhost", "localhost.", "127.0.0.1.nip.io:4319",
     "127.0.0.1:x", "localhost/", "localhost:4319#", "[::1", "0.0.0.0:4319"],
)  # fmt: skip
def test_any_other_host_is_refused_so_that_dns_rebinding_reads_nothing(
    client: TestClient, path: str, host: str
) -> None:
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert "ZeroDivisionError" not in answer.text


def test_two_host_headers_are_refused(client: TestClient) -> None:
    assert client.get("/healthz", headers=[("host", "localhost"), ("host", "evil.example")]).status_code == 403


def test_a_host_is_allowed_by_the_config(behind_a_proxy: TestClient) -> None:
    assert behind_a_proxy.get("/", headers={"host": "Improver.example.org"}).status_code == 200


@each_path
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://localhost:5000", "http://127.0.0.1:4318", "http://127.0.0.1"]
)
def test_another_origin_is_refused_even_on_this_machine(client: TestClient, path: str, origin: str) -> None:
    assert client.get(path, headers={"origin": origin}).status_code == 403


def test_the_own_origin_is_answered(client: TestClient) -> None:
    assert client.get("/api/status", headers={"origin": ADDRESS}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["no-cors", "cors", "websocket"])
def test_a_page_elsewhere_cannot_embed_or_fetch(client: TestClient, site: str, mode: str) -> None:
    refused = client.get("/api/findings", headers={"sec-fetch-site": site, "sec-fetch-mode": mode})
    assert refused.status_code == 403


def test_a_link_from_elsewhere_leads_here(client: TestClient) -> None:
    answer = client.get("/", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
    assert answer.status_code == 200


def test_a_form_elsewhere_cannot_post(client: TestClient) -> None:
    answer = client.post("/api/pause", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"})
    assert answer.status_code == 403


@each_path
def test_every_answer_forbids_what_it_does_not_need(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert "set-cookie" not in headers


def test_a_defect_is_answered_with_the_same_headers_and_no_details(tmp_path: Path) -> None:
    def broken() -> list[object]:
        raise RuntimeError("secret detail")

    with opened(tmp_path) as runtime:
        app = create_app(replace(runtime, jobs=broken))  # type: ignore[arg-type]
        answer = TestClient(app, base_url=ADDRESS, raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
