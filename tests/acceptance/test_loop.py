"""The loop, end to end, through real git, real DuckDB, real pytest and a rehearsed Agent: error → held."""

import json

import pytest

from improver import act, pipeline, read
from improver.dispatching import attempts, planning
from tests import world


@pytest.fixture
def shop(tmp_path):
    return world.make_shop(tmp_path / "shop")


def test_an_error_becomes_a_deployed_change_that_telemetry_says_held(tmp_path, shop):
    clock = world.Clock()
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path)), clock) as runtime:
        key = world.server_key(runtime)
        before = world.git(shop, "rev-parse", "HEAD")
        for user in ("ann", "bob", "cid"):
            world.send(runtime, key, world.error(before, user=user), world.transaction(before, status="internal_error"))
        pipeline.analyse(runtime)

        [row] = read.findings(runtime)
        assert (row.kind, row.target, row.events, row.users, row.status) == ("error", "shop", 3, 3, "attempting")
        assert row.location == "shop.py:6 average"
        assert row.minutes_per_week == 9.0

        attempts.drive_all(runtime)
        [attempt] = read.attempts(runtime)
        assert (attempt.status, attempt.delivered, attempt.reason) == ("delivered", "commit", "")
        assert {v.gate: v.result for v in attempt.verdicts} == {
            "non_empty": "pass", "size": "pass", "modes": "pass", "protected_paths": "pass", "scope": "pass",
            "tests_untouched": "pass", "secrets": "pass", "dependencies": "pass", "lint": "skip",
            "target_tests": "pass", "red_green": "pass", "review": "skip",
        }  # fmt: skip
        after = world.git(shop, "rev-parse", "main")
        assert after == attempt.delivered_commit != before
        assert f"Improver-Finding: {row.id}" in world.git(shop, "log", "-1", "--format=%B")
        assert (shop / "shop.py").read_text() == world.FIXED

        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].status == "delivered"
        clock.advance(minutes=1)
        world.send(runtime, key, world.transaction(after, at=clock()), world.transaction(after, at=clock()))
        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].status == "deployed"
        fixes = json.loads(runtime.data.fixes.read_text())["shop"]
        assert "average" in fixes[0]["message"] and len(fixes[0]["users"]) == 3

        world.send(runtime, key, world.transaction(after, at=clock()))
        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].status == "held"
        [outcome] = read.outcomes(runtime)
        assert (outcome.kind, outcome.exposures, outcome.recurrences) == ("held", 3, 0)
        assert world.git(shop, "worktree", "list").count("\n") == 0


def test_a_recurrence_after_deployment_reopens_the_finding_and_costs_autonomy(tmp_path, shop):
    clock = world.Clock()
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path)), clock) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        after = world.git(shop, "rev-parse", "HEAD")
        clock.advance(minutes=1)
        world.send(runtime, key, world.error(after, at=clock()))
        runtime.data.pause("hold the second dispatch")
        pipeline.analyse(runtime)
        [row] = read.findings(runtime)
        assert (row.status, row.skipped) == ("open", "paused")
        assert [o.kind for o in read.outcomes(runtime)] == ["unchanged"]
        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].trend == "regressed"
        plan = planning.dry_run(runtime, id=row.id)
        assert plan.autonomy == "branch"
        assert any("unchanged" in limit for limit in plan.limits)


def test_no_traffic_is_never_success(tmp_path, shop):
    clock = world.Clock()
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path)), clock) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        act.deployed(runtime, revision="main", target="shop")
        pipeline.analyse(runtime)
        assert read.outcomes(runtime) == []
        clock.advance(days=8)
        pipeline.analyse(runtime)
        assert [o.kind for o in read.outcomes(runtime)] == ["inconclusive"]


ENDS = {
    "crashes": ({"exit": 3}, "agent_crashed"),
    "changes nothing": ({"edits": []}, "no_change"),
    "edits a protected path": (
        {"edits": [*world.GOOD_EDITS, {"path": ".github/workflows/ci.yml", "content": "on: push\n"}]},
        "gate_failed",
    ),
    "adds no test": ({"edits": world.GOOD_EDITS[:1]}, "gate_failed"),
    "adds a test that proves nothing": (
        {"edits": [world.GOOD_EDITS[0], {"path": "tests/test_t.py", "content": "def test_t():\n    assert True\n"}]},
        "gate_failed",
    ),
    "breaks the tests": (
        {"edits": [*world.GOOD_EDITS, {"path": "shop.py", "content": "def average(p):\n    return 0\n"}]},
        "gate_failed",
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_an_agent_that_fails_ends_with_its_reason_and_the_finding_stays_open(tmp_path, shop, how):
    step, reason = ENDS[how]
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path, **step))) as runtime:
        key = world.server_key(runtime)
        head = world.git(shop, "rev-parse", "HEAD")
        world.send(runtime, key, world.error(head))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        [attempt] = read.attempts(runtime)
        assert (attempt.status, attempt.reason) == ("failed", reason), attempt.detail
        assert read.findings(runtime)[0].status == "open"
        assert world.git(shop, "rev-parse", "HEAD") == head
        assert world.git(shop, "status", "--porcelain") == ""
        assert world.git(shop, "worktree", "list").count("\n") == 0


def test_an_agent_that_hangs_is_stopped(tmp_path, shop):
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path, sleep=60), dispatch={"wall_clock_minutes": 0.03})
    with world.opened(chosen) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].reason == "timeout"


def test_two_tries_then_a_person(tmp_path, shop):
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path, exit=3))) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        for _ in range(4):
            pipeline.analyse(runtime)
            attempts.drive_all(runtime)
        assert len(read.attempts(runtime)) == 2
        assert read.findings(runtime)[0].skipped == "tries_exhausted"


def test_tests_that_are_red_before_the_change_refuse_the_attempt(tmp_path, shop):
    (shop / "tests" / "test_red.py").write_text("def test_red():\n    assert False\n")
    world.git(shop, "add", "-A")
    world.git(shop, "commit", "-qm", "red")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path))) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        [attempt] = read.attempts(runtime)
        assert attempt.reason == "baseline_red"


def test_a_branch_that_moved_is_rebased_and_judged_again(tmp_path, shop):
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path))) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        (shop / "other.py").write_text("x = 1\n")
        world.git(shop, "add", "-A")
        world.git(shop, "commit", "-qm", "meanwhile")
        moved = world.git(shop, "rev-parse", "HEAD")
        attempts.drive_all(runtime)
        [attempt] = read.attempts(runtime)
        assert attempt.delivered == "commit"
        assert world.git(shop, "rev-parse", "HEAD~1") == moved


def test_changed_tracked_files_in_the_checkout_are_never_touched(tmp_path, shop):
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path))) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        (shop / "shop.py").write_text(world.SHOP + "\n# mine\n")
        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].skipped == "dirty_checkout"
        assert (shop / "shop.py").read_text().endswith("# mine\n")


LEVELS = {
    "report": ({"autonomy": "report"}, False),
    "branch": ({"autonomy": "branch"}, True),
}


@pytest.mark.parametrize("level", LEVELS)
def test_a_change_goes_no_further_than_its_autonomy(tmp_path, shop, level):
    target, branch = LEVELS[level]
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), **target)) as runtime:
        head = world.git(shop, "rev-parse", "HEAD")
        world.send(runtime, world.server_key(runtime), world.error(head))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        [attempt] = read.attempts(runtime)
        assert attempt.delivered == level
        assert world.git(shop, "rev-parse", "main") == head
        assert bool(world.git(shop, "branch", "--list", "improver/*")) == branch
        assert "if prices else 0" in read.attempt(runtime, id=attempt.id).diff


def test_evidence_from_anybody_goes_no_further_than_a_branch(tmp_path, shop):
    from improver.model import TrustLabel

    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path))) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, world.error(world.git(shop, "rev-parse", "HEAD")), trust=TrustLabel.PUBLIC)
        pipeline.analyse(runtime)
        [row] = read.findings(runtime)
        assert row.skipped == "public_evidence"
        act.dispatch(runtime, id=row.id)
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].delivered == "branch"
