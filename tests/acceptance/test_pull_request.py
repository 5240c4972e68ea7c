"""Autonomy `pr`: a branch on a real remote, a pull request on a forge that speaks real HTTP, and its merge observed."""

import re

import pytest

from improver import pipeline, read
from improver.dispatching import attempts
from improver.model import TrustLabel
from tests import world
from tests.forges.delivering import REPOSITORY, delivered, make_shop, with_forge
from tests.forges.fake_github import FakeGitHub


@pytest.fixture
def shop(tmp_path):
    return make_shop(tmp_path)


@pytest.fixture
def forge(tmp_path, shop):
    with FakeGitHub(tmp_path / "remote.git", REPOSITORY) as running:
        yield running


def test_a_pull_request_says_what_why_and_how_it_was_judged(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge)) as runtime:
        attempt = delivered(runtime, value="@everyone Fixes #1 <img src=x onerror=alert(1)>")
        assert (attempt.delivered, attempt.status) == ("pr", "delivered"), attempt.detail
        [pull] = forge.pulls
        assert attempt.url and pull["head"]["ref"] == attempt.branch
        body = pull["body"]
        for said in (
            "red_green",
            "target_tests",
            "deterministic",
            "shop.py",
            attempt.id,
            attempt.finding_id,
            "rehearsed",
        ):
            assert said in body
        assert not re.search(r"(?<!\\)<img|@everyone|Fixes #1", body)
        assert world.git(tmp_path / "remote.git", "rev-parse", attempt.branch) == attempt.delivered_commit
        assert world.git(shop, "rev-parse", "main") == world.git(tmp_path / "remote.git", "rev-parse", "main")


def test_a_merged_pull_request_is_watched_like_any_change(tmp_path, shop, forge):
    clock = world.Clock()
    with world.opened(with_forge(tmp_path, shop, forge), clock) as runtime:
        delivered(runtime)
        forge.merge(forge.pulls[0]["number"])
        world.git(shop, "pull", "-q", "origin", "main")
        merged = world.git(shop, "rev-parse", "HEAD")
        clock.advance(minutes=5)
        key = runtime.keys.of_target("shop", TrustLabel.SERVER).id
        world.send(runtime, key, *(world.transaction(merged, at=clock()) for _ in range(3)))
        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].status == "held"


def test_a_branch_that_somebody_else_pushed_first_is_never_overwritten(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge)) as runtime:
        head = world.git(shop, "rev-parse", "HEAD")
        world.send(runtime, world.server_key(runtime), world.error(head))
        pipeline.analyse(runtime)
        [claimed] = attempts.live(runtime)
        world.git(tmp_path / "remote.git", "branch", claimed.branch, head)
        attempts.drive_all(runtime)
        [attempt] = read.attempts(runtime)
        assert attempt.reason == "branch_taken"
        assert forge.pulls == []
        assert world.git(tmp_path / "remote.git", "rev-parse", claimed.branch) == head


def test_a_pull_request_that_was_opened_but_not_recorded_is_adopted(tmp_path, shop, forge):
    from improver.model import AttemptStatus
    from improver.warehouse import records

    with world.opened(with_forge(tmp_path, shop, forge)) as runtime:
        attempt = delivered(runtime)
        with runtime.warehouse.state.transaction() as writer:
            # As a crash between the forge's answer and our record would leave it.
            stored = attempts.current(runtime, attempt.id)
            records.put(
                writer, records.changed(stored, status=AttemptStatus.JUDGED, delivered=None, url="", ended_at=None)
            )
        attempts.drive_all(runtime)
        assert len(forge.pulls) == 1
        assert read.attempts(runtime)[0].url == attempt.url


def test_a_forge_that_refuses_the_token_ends_the_attempt_with_what_to_do(tmp_path, shop, forge):
    chosen = with_forge(tmp_path, shop, forge)
    (tmp_path / "token").write_text("wrong")
    with world.opened(chosen) as runtime:
        attempt = delivered(runtime)
        assert (attempt.status, attempt.reason) == ("failed", "delivery_failed")
        assert attempt.detail


def test_without_a_forge_a_pull_request_becomes_a_branch_and_says_so(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge, repository="")) as runtime:
        attempt = delivered(runtime)
        assert attempt.delivered == "branch"
        assert any("nowhere to open a PR" in reason for reason in attempt.autonomy_reasons)
