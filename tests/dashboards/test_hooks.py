"""Webhooks wake improver, and tell it nothing."""

import hashlib
import hmac
import json

import httpx2
import pytest
from starlette.testclient import TestClient

from improver import read
from improver.dashboards import hooks
from improver.dashboards.app import create_app
from improver.delivery import pulls
from tests import world
from tests.clients import served
from tests.dashboards.conftest import ADDRESS
from tests.forges.delivering import REPOSITORY, delivered_unjudged, make_shop, with_forge
from tests.forges.fake_github import FakeGitHub

SECRET = "a secret of both"
SAID = json.dumps({"action": "closed", "pull_request": {"merged": False}}).encode()


def signature(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


@pytest.fixture
def world_of_hooks(tmp_path):
    """A Runtime with one open pull request, the forge it is on, and a client."""
    shop = make_shop(tmp_path)
    (tmp_path / "secret").write_text(SECRET)
    with FakeGitHub(tmp_path / "remote.git", REPOSITORY) as forge:
        chosen = with_forge(tmp_path, shop, forge)
        given = {"webhook_secret": f"file:{tmp_path / 'secret'}"}
        forges = {"github": chosen.forges["github"] | given, "gitlab": given, "gitea": given}
        with world.opened(chosen.model_copy(update={"forges": forges})) as runtime:
            delivered_unjudged(runtime, tmp_path)
            yield runtime, forge, TestClient(create_app(runtime), base_url=ADDRESS)


def test_a_signed_one_makes_improver_look_and_its_words_are_not_believed(world_of_hooks):
    runtime, forge, client = world_of_hooks
    asked = len(forge.requests)
    assert client.post("/hooks/github", content=SAID, headers=signature(SAID)).status_code == 202
    assert len(forge.requests) > asked
    assert read.attempts(runtime)[0].pull.state == "open"
    asked = len(forge.requests)
    assert client.post("/hooks/github", content=SAID, headers=signature(SAID)).status_code == 202
    assert len(forge.requests) == asked  # so soon after the last


def test_what_is_not_signed_with_our_secret_is_turned_away(world_of_hooks):
    _, forge, client = world_of_hooks
    asked = len(forge.requests)
    for headers in (
        {},
        signature(SAID + b" "),
        signature(SAID, "another"),
        signature(SAID, ""),
        {"x-hub-signature-256": "sha256=é".encode()},
    ):
        assert client.post("/hooks/github", content=SAID, headers=headers).status_code == 401
    assert client.post("/hooks/teahouse", content=SAID).status_code == 404
    assert client.get("/hooks/github").status_code == 405
    assert len(forge.requests) == asked


@pytest.mark.parametrize(
    ("forge", "headers"),
    [
        ("gitlab", {"x-gitlab-token": SECRET}),
        ("gitea", {"x-gitea-signature": signature(SAID)["x-hub-signature-256"].removeprefix("sha256=")}),
    ],
)
def test_every_forge_signs_in_its_own_way(world_of_hooks, forge, headers):
    client = world_of_hooks[2]
    assert client.post(f"/hooks/{forge}", content=SAID, headers=headers).status_code == 202
    wrong = {name: value[:-1] + "x" for name, value in headers.items()}
    assert client.post(f"/hooks/{forge}", content=SAID, headers=wrong).status_code == 401


def test_without_a_secret_every_webhook_is_turned_away(tmp_path):
    shop = make_shop(tmp_path)
    with FakeGitHub(tmp_path / "remote.git", REPOSITORY) as forge, world.opened(
        with_forge(tmp_path, shop, forge)
    ) as runtime:
        client = TestClient(create_app(runtime), base_url=ADDRESS)
        assert client.post("/hooks/github", content=SAID, headers=signature(SAID, "")).status_code == 401


DELIVERY = {"github": "x-github-delivery", "gitlab": "idempotency-key", "gitea": "x-gitea-delivery"}


def proof(forge: str) -> dict[str, str]:
    made = signature(SAID)["x-hub-signature-256"]
    return {
        "github": {"x-hub-signature-256": made},
        "gitlab": {"x-gitlab-token": SECRET},
        "gitea": {"x-gitea-signature": made.removeprefix("sha256=")},
    }[forge]


def test_a_delivery_that_is_sent_again_over_real_http_is_looked_at_once(world_of_hooks, monkeypatch):
    runtime = world_of_hooks[0]
    monkeypatch.setattr(hooks, "LEAST_S", 0.0)
    looks = []
    monkeypatch.setattr(pulls, "poll", looks.append)
    with served(create_app(runtime)) as address, httpx2.Client(base_url=address) as client:
        for name, header in DELIVERY.items():
            asked = proof(name) | {header: "d-1"}
            # Whoever cannot sign cannot use up the id of one that is still to come either.
            assert client.post(f"/hooks/{name}", content=SAID, headers={header: "d-1"}).status_code == 401
            codes = [client.post(f"/hooks/{name}", content=SAID, headers=asked).status_code for _ in range(3)]
            assert codes == [202, 200, 200]
            another = proof(name) | {header: "d-2"}
            assert client.post(f"/hooks/{name}", content=SAID, headers=another).status_code == 202
        # One without an id, or with one that is none, is looked at like any other.
        for odd in ({}, {"x-github-delivery": "x" * 4000}, {"x-github-delivery": "x" * 4000}):
            assert client.post("/hooks/github", content=SAID, headers=proof("github") | odd).status_code == 202
    assert len(looks) == 2 * len(DELIVERY) + 3
    assert read.attempts(runtime)[0].pull.state == "open"


def test_how_many_deliveries_are_remembered_is_limited(world_of_hooks, monkeypatch):
    client = world_of_hooks[2]
    monkeypatch.setattr(hooks, "MOST_KEPT", 2)
    asked = [proof("github") | {"x-github-delivery": f"d-{n}"} for n in (1, 2, 3, 3, 1)]
    codes = [client.post("/hooks/github", content=SAID, headers=headers).status_code for headers in asked]
    assert codes == [202, 202, 202, 200, 202]
