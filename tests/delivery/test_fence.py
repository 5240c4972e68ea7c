"""Two daemons on one repository: whoever sees the other's branch steps back."""

import pytest

from improver import pipeline, read
from improver.dispatching import attempts
from tests import world
from tests.acceptance.test_pull_request import forge, shop, with_forge

__all__ = ["forge", "shop"]


def claimed(runtime, shop):
    head = world.git(shop, "rev-parse", "HEAD")
    world.send(runtime, world.server_key(runtime), world.error(head), world.transaction(head, status="internal_error"))
    pipeline.analyse(runtime)
    [attempt] = attempts.live(runtime)
    return attempt


@pytest.mark.parametrize("other", [2, 7])
def test_another_daemons_try_of_the_finding_is_seen_whatever_its_number(tmp_path, shop, forge, other):
    with world.opened(with_forge(tmp_path, shop, forge)) as runtime:
        attempt = claimed(runtime, shop)
        foreign = f"improver/{attempt.finding_id}/{other}"
        world.git(tmp_path / "remote.git", "branch", foreign, "main")
        attempts.drive_all(runtime)
        [ended] = read.attempts(runtime)
        assert (ended.status, ended.reason) == ("failed", "branch_taken")
        assert foreign in ended.detail
        assert forge.pulls == []
        assert world.git(tmp_path / "remote.git", "branch", "--list", "improver/*").split() == [foreign]
        assert world.git(shop, "branch", "--list", "improver/*") == ""


def test_a_branch_of_another_finding_is_no_fence(tmp_path, shop, forge):
    with world.opened(with_forge(tmp_path, shop, forge)) as runtime:
        attempt = claimed(runtime, shop)
        world.git(tmp_path / "remote.git", "branch", f"improver/{attempt.finding_id}0/1", "main")
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].delivered == "pr"
