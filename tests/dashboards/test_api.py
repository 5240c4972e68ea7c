"""The JSON API: what can be asked, and who may do something."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from starlette.testclient import TestClient

from improver import read
from improver.dashboards.app import create_app
from tests.dashboards.conftest import ADDRESS
from tests.dashboards.gallery import PAYLOAD, Gallery, hung

TOKEN = "correct horse battery staple"
BEARER = {"authorization": f"Bearer {TOKEN}"}
HELD = "9f8e7d6c5b4a"
QUESTIONS = [
    "/api/status", "/api/findings", f"/api/findings/{HELD}", f"/api/specs/{HELD}", "/api/attempts",
    "/api/attempts/9f8e7d6c0002", "/api/outcomes", "/api/deployments", "/api/report",
]  # fmt: skip


@pytest.fixture
def writable(tmp_path: Path) -> Iterator[TestClient]:
    """A daemon whose config names a token."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with hung(tmp_path, web={"token": f"file:{tmp_path / 'token'}"}) as gallery:
        yield TestClient(create_app(gallery.runtime), base_url=ADDRESS)


@pytest.mark.parametrize("path", QUESTIONS)
def test_every_question_is_answered_as_its_schema_says(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    described = client.get("/api/schema").json()
    generic = path if f"GET {path}" in described else f"{path.rpartition('/')[0]}/{{id}}"
    jsonschema.validate(answer.json(), described[f"GET {generic}"]["answer"])


def test_every_function_of_read_has_an_address(client: TestClient) -> None:
    described = client.get("/api/schema").json()
    assert len([address for address in described if address.startswith("GET ")]) == len(read.questions())
    assert set(described) >= {
        "POST /api/findings/{id}/dispatch", "POST /api/findings/{id}/dismiss", "POST /api/deployed", "POST /api/pause",
        "POST /api/resume",
    }  # fmt: skip


def test_findings_keep_the_keys_of_their_contract(client: TestClient) -> None:
    first = client.get("/api/findings").json()[0]
    assert set(first) >= {
        "id", "kind", "target", "environment", "location", "title", "fingerprint", "status", "minutes_per_week",
        "events", "users", "first_seen", "last_seen", "trend", "score", "sources", "skipped",
    }  # fmt: skip
    assert set(first["score"]) == {"value", "reasons"}


def test_questions_take_the_functions_parameters(client: TestClient) -> None:
    assert [row["status"] for row in client.get("/api/findings?status=held").json()] == ["held"]
    assert len(client.get(f"/api/attempts?finding={HELD}").json()) == 2


@pytest.mark.parametrize(
    ("path", "status", "error", "hint"),
    [
        ("/api/findings?colour=red", 400, "no parameter 'colour'", "target, environment, status"),
        ("/api/status?x=1", 400, "no parameter 'x'", "known: none"),
        ("/api/findings?status=nope", 400, "no status 'nope'", "open"),
        ("/api/report?days=soon", 400, "'soon' does not fit 'days'", "integer"),
        ("/api/findings/ffffffff", 404, "no finding 'ffffffff'", "improver findings"),
        ("/api/attempts/%3Cscript%3E", 404, "no attempt '<script>'", "improver attempts"),
        ("/api/nothing", 404, "nothing at this address", ""),
    ],
)
def test_what_cannot_be_asked_is_named(client: TestClient, path: str, status: int, error: str, hint: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert error in answer.json()["error"]
    assert hint in answer.json()["hint"]


def test_json_holds_hostile_text_as_ascii(client: TestClient) -> None:
    answer = client.get("/api/findings/0bad0bad0bad")
    assert answer.content.isascii()
    assert answer.json()["row"]["title"] == PAYLOAD


def test_without_a_token_in_the_config_nothing_can_be_changed(gallery: Gallery, client: TestClient) -> None:
    answer = client.post("/api/pause", headers=BEARER)
    assert answer.status_code == 403
    assert "token" in answer.json()["hint"]
    assert gallery.runtime.data.paused() == ""


@pytest.mark.parametrize(
    "header", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}, {"authorization": "Bearer "}]
)
def test_a_missing_or_wrong_token_is_refused(writable: TestClient, header: dict[str, str]) -> None:
    answer = writable.post("/api/pause", headers=header)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert TOKEN not in answer.text
    assert writable.get("/api/status").json()["paused"] is False


def test_with_the_token_a_person_can_pause_and_resume(writable: TestClient) -> None:
    assert writable.post("/api/pause", headers=BEARER, json={"reason": "a migration"}).status_code == 200
    assert writable.get("/api/status").json()["paused_because"] == "a migration"
    assert "Paused: a migration" in writable.get("/").text
    assert writable.post("/api/resume", headers=BEARER).status_code == 200
    assert writable.get("/api/status").json()["paused"] is False


def test_with_the_token_a_person_can_dismiss(writable: TestClient) -> None:
    done = writable.post("/api/findings/c1d2e3f4a5b6/dismiss", headers=BEARER, json={"reason": "third_party"})
    assert done.status_code == 200, done.text
    assert writable.get("/api/findings/c1d2e3f4a5b6").json()["row"]["status"] == "dismissed"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"reason": "boredom"}', "'boredom' is no reason"),
        (b"{}", "'reason' is missing"),
        (b'{"reason": "duplicate", "force": true}', "no parameter 'force'"),
        (b'{"reason": ["duplicate"]}', "does not fit 'reason'"),
        (b"[1]", "no JSON object"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 50_000, "no JSON"),
    ],
)
def test_a_bad_body_is_explained(writable: TestClient, body: bytes, error: str) -> None:
    answer = writable.post("/api/findings/c1d2e3f4a5b6/dismiss", headers=BEARER, content=body)
    assert answer.status_code == 400
    assert error in answer.json()["error"]


def test_an_oversized_body_is_refused(writable: TestClient) -> None:
    answer = writable.post("/api/pause", headers=BEARER, content=json.dumps({"reason": "x" * 100_000}))
    assert answer.status_code == 413


def test_actions_are_not_done_by_reading(writable: TestClient) -> None:
    assert writable.get("/api/pause", headers=BEARER).status_code == 405
