"""What counts as held, and what must never."""

import pytest

from improver import act, pipeline, read
from improver.dispatching import attempts
from improver.model import TrustLabel
from tests import world


@pytest.fixture
def delivered(tmp_path):
    """A fix on main, and the runtime that made it."""
    shop = world.make_shop(tmp_path / "shop")
    clock = world.Clock()
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path)), clock) as runtime:
        key = world.server_key(runtime)
        head = world.git(shop, "rev-parse", "HEAD")
        world.send(runtime, key, world.error(head), world.transaction(head, status="internal_error"))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        clock.advance(minutes=1)
        yield runtime, key, shop, clock


def runs(release, clock, count=3, **fields):
    return [world.transaction(release, at=clock(), **fields) for _ in range(count)]


def outcome(runtime):
    pipeline.analyse(runtime)
    decided = read.outcomes(runtime)
    return decided[0].kind if decided else None


def test_clean_runs_of_the_fix_hold(delivered):
    runtime, key, shop, clock = delivered
    world.send(runtime, key, *runs(world.git(shop, "rev-parse", "HEAD"), clock))
    assert outcome(runtime) == "held"


def test_a_reverted_fix_is_not_running(delivered):
    runtime, key, shop, clock = delivered
    world.git(shop, "revert", "--no-edit", "HEAD")
    world.send(runtime, key, *runs(world.git(shop, "rev-parse", "HEAD"), clock))
    assert outcome(runtime) is None


def test_a_revert_that_was_itself_reverted_runs_again(delivered):
    runtime, key, shop, clock = delivered
    world.git(shop, "revert", "--no-edit", "HEAD")
    world.git(shop, "revert", "--no-edit", "HEAD")
    world.send(runtime, key, *runs(world.git(shop, "rev-parse", "HEAD"), clock))
    assert outcome(runtime) == "held"


def test_runs_that_failed_another_way_are_not_clean(delivered):
    runtime, key, shop, clock = delivered
    world.send(runtime, key, *runs(world.git(shop, "rev-parse", "HEAD"), clock, status="internal_error"))
    assert outcome(runtime) is None


def test_public_telemetry_decides_nothing_about_a_finding_seen_with_a_secret_key(delivered):
    runtime, key, shop, clock = delivered
    head = world.git(shop, "rev-parse", "HEAD")
    world.send(runtime, key, *runs(head, clock), world.error(head, at=clock()), trust=TrustLabel.PUBLIC)
    assert outcome(runtime) is None
    assert read.findings(runtime)[0].status == "delivered"


def test_a_branch_name_in_telemetry_is_no_deployment(delivered):
    runtime, key, _, clock = delivered
    world.send(runtime, key, *runs("main", clock))
    assert outcome(runtime) is None


def test_a_rollback_that_a_person_tells_ends_the_watch(delivered):
    runtime, key, shop, clock = delivered
    act.deployed(runtime, revision="main", target="shop")
    clock.advance(minutes=1)
    act.deployed(runtime, revision=world.git(shop, "rev-parse", "HEAD~1"), target="shop")
    clock.advance(minutes=1)
    world.send(runtime, key, *runs("", clock))
    assert outcome(runtime) is None


def test_a_squashed_change_is_known_by_its_trailer(delivered):
    runtime, key, shop, clock = delivered
    message = world.git(shop, "log", "-1", "--format=%B")
    world.git(shop, "checkout", "-q", "-b", "release", "HEAD~1")
    (shop / "other.py").write_text("x = 1\n")
    world.git(shop, "checkout", "-q", "main", "--", "shop.py", "tests")
    world.git(shop, "add", "-A")
    world.git(shop, "commit", "-qm", f"Squashed\n\n{message}")
    world.send(runtime, key, *runs(world.git(shop, "rev-parse", "HEAD"), clock))
    assert outcome(runtime) == "held"


def test_a_commit_that_is_fetched_later_is_resolved_later(delivered):
    runtime, key, shop, clock = delivered
    message = world.git(shop, "log", "-1", "--format=%B")
    elsewhere = shop.parent / "elsewhere"
    world.git(shop.parent, "clone", "-q", str(shop), str(elsewhere))
    world.git(elsewhere, "commit", "-q", "--allow-empty", "-m", f"Merged\n\n{message}")
    merged = world.git(elsewhere, "rev-parse", "HEAD")
    world.send(runtime, key, *runs(merged, clock))
    assert outcome(runtime) is None
    world.git(shop, "fetch", "-q", str(elsewhere), "main")
    assert outcome(runtime) == "held"


def test_a_checkout_that_is_gone_does_not_stop_the_pass(delivered):
    runtime, key, shop, clock = delivered
    world.send(runtime, key, *runs(world.git(shop, "rev-parse", "HEAD"), clock))
    shop.rename(shop.with_name("moved"))
    done = pipeline.analyse(runtime)
    assert set(done) == {"detect", "cluster", "rank", "observe", "learn", "specify", "dispatch"}
