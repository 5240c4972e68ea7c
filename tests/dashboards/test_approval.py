"""A person's word on the page, with the token each time: an approval, a dispatch, a dismissal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from improver import pipeline, read
from improver.dashboards.app import create_app
from improver.dispatching import attempts
from improver.runtime import Runtime
from tests import world
from tests.dashboards.conftest import ADDRESS

TOKEN = "correct horse battery staple"


@contextmanager
def awaiting(tmp_path: Path, **web: object) -> Iterator[tuple[Runtime, TestClient, str]]:
    """A daemon with one change that waits; the address of its Finding."""
    with found(tmp_path, **web) as (runtime, client, page):
        attempts.drive_all(runtime)
        yield runtime, client, page


@contextmanager
def found(
    tmp_path: Path, dispatch: dict[str, object] | None = None, **web: object
) -> Iterator[tuple[Runtime, TestClient, str]]:
    """A daemon with one Finding, and its address."""
    shop = world.make_shop(tmp_path / "shop")
    (tmp_path / "token").write_text(TOKEN)
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path), approval="change", dispatch=dispatch)
    chosen = chosen.model_copy(update={"web": chosen.web.model_copy(update=web)})
    with world.opened(chosen) as runtime:
        head = world.git(shop, "rev-parse", "HEAD")
        world.send(
            runtime, world.server_key(runtime), world.error(head), world.transaction(head, status="internal_error")
        )
        pipeline.analyse(runtime)
        [finding] = read.findings(runtime)
        yield runtime, TestClient(create_app(runtime), base_url=ADDRESS), f"/findings/{finding.id}"


def test_the_form_approves_the_change_and_leads_back_to_its_finding(tmp_path):
    with awaiting(tmp_path, token=f"file:{tmp_path / 'token'}") as (runtime, client, page):
        [attempt] = read.attempts(runtime)
        shown = client.get(page)
        assert f'action="{page}/approve"' in shown.text
        assert "form-action 'self'" in shown.headers["content-security-policy"]
        answer = client.post(f"{page}/approve", data={"token": TOKEN, "what": attempt.id}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
        assert read.attempts(runtime)[0].status == "judged"


def test_nobody_approves_without_the_token_or_from_another_page(tmp_path):
    with awaiting(tmp_path, token=f"file:{tmp_path / 'token'}") as (runtime, client, page):
        [attempt] = read.attempts(runtime)
        for form in ({}, {"token": ""}, {"token": "guess"}, {"token": f"{TOKEN}x"}):
            assert client.post(f"{page}/approve", data={**form, "what": attempt.id}).status_code == 401
        given = {"token": TOKEN, "what": attempt.id}
        for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
            assert client.post(f"{page}/approve", data=given, headers=headers).status_code == 403
        assert client.post(f"{page}/approve", content=b"x" * 100_000).status_code == 413
        assert client.post(f"{page}/approve", data={"token": TOKEN, "what": ""}).status_code == 400
        assert read.attempts(runtime)[0].status == "awaiting"


def test_where_no_token_is_set_the_page_names_the_command(tmp_path):
    with awaiting(tmp_path) as (runtime, client, page):
        [attempt] = read.attempts(runtime)
        shown = client.get(page).text
        assert "<form" not in shown
        assert f"improver approve {attempt.id}" in shown
        assert client.post(f"{page}/approve", data={"what": attempt.id}).status_code == 403


def test_an_open_finding_is_dispatched_or_dismissed_by_its_form(tmp_path):
    with found(tmp_path, {"auto": False}, token=f"file:{tmp_path / 'token'}") as (runtime, client, page):
        shown = client.get(page).text
        assert f'action="{page}/dispatch"' in shown
        assert f'formaction="{page}/dismiss"' in shown
        assert '<option value="wont_fix">' in shown
        assert client.post(f"{page}/dispatch", data={"token": "guess"}).status_code == 401
        assert read.attempts(runtime) == []
        given = {"token": TOKEN}
        assert client.post(f"{page}/dispatch", data=given, follow_redirects=False).headers["location"] == page
        [attempt] = read.attempts(runtime)
        assert client.post(f"{page}/dismiss", data={**given, "reason": "wont_fix"}).status_code == 400, "it is live"
        assert 'action="' not in client.get(page).text
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].id == attempt.id
        assert client.post(f"{page}/dismiss", data={**given, "reason": "because"}).status_code == 400
        assert client.post(f"{page}/dismiss", data={**given, "reason": "wont_fix"}).status_code == 200
        assert [one.status for one in read.findings(runtime, status="dismissed")] == ["dismissed"]
