"""Where a person is asked first, nothing happens before they have said yes."""

import pytest

from improver import act, pipeline, read
from improver.dispatching import attempts, planning
from improver.errors import ImproverError
from improver.model import TrustLabel
from tests import world


@pytest.fixture
def shop(tmp_path):
    return world.make_shop(tmp_path / "shop")


def failing(runtime, trust=TrustLabel.SERVER):
    head = world.git(runtime.target("shop").repo, "rev-parse", "HEAD")
    world.send(
        runtime, world.server_key(runtime), world.error(head), world.transaction(head, status="internal_error"),
        trust=trust,
    )  # fmt: skip
    pipeline.analyse(runtime)
    attempts.drive_all(runtime)
    [finding] = read.findings(runtime)
    return finding


def test_no_agent_starts_before_the_spec_is_approved(tmp_path, shop):
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), approval="spec")) as runtime:
        finding = failing(runtime)
        assert (finding.status, finding.skipped) == ("open", "unapproved")
        assert planning.dry_run(runtime, id=finding.id).policy == "unapproved"
        act.approve(runtime, id=finding.id)
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)
        assert [a.delivered for a in read.attempts(runtime)] == ["commit"]


def test_who_asks_for_an_attempt_has_approved_its_spec(tmp_path, shop):
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), approval="spec")) as runtime:
        act.dispatch(runtime, id=failing(runtime).id)
        attempts.drive_all(runtime)
        assert [a.delivered for a in read.attempts(runtime)] == ["commit"]


def test_a_change_waits_for_a_person_and_leaves_when_they_approve_it(tmp_path, shop):
    before = world.git(shop, "rev-parse", "main")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), approval="change")) as runtime:
        finding = failing(runtime)
        [attempt] = read.attempts(runtime)
        assert (attempt.status, finding.status) == ("awaiting", "attempting")
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].status == "awaiting"
        assert world.git(shop, "rev-parse", "main") == before
        act.approve(runtime, id=attempt.id)
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].delivered == "commit"
        assert world.git(shop, "rev-parse", "main") != before
        with pytest.raises(ImproverError):
            act.approve(runtime, id=attempt.id)


def test_an_approval_outlives_a_restart_and_does_not_count_for_another_change(tmp_path, shop):
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path), approval="change")
    with world.opened(chosen) as runtime:
        finding = failing(runtime)
        act.approve(runtime, id=finding.id)
    with world.opened(chosen) as runtime:
        attempts.drive_all(runtime)
        assert [a.delivered for a in read.attempts(runtime)] == ["commit"]


def test_a_change_that_is_dismissed_is_a_rejection_and_costs_trust(tmp_path, shop):
    before = world.git(shop, "rev-parse", "main")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), approval="change")) as runtime:
        finding = failing(runtime)
        act.dismiss(runtime, id=finding.id, reason="wont_fix")
        pipeline.analyse(runtime)
        [attempt] = read.attempts(runtime)
        assert (attempt.status, attempt.reason, attempt.detail) == ("failed", "rejected", "wont_fix")
        assert [o.kind for o in read.outcomes(runtime)] == ["rejected"]
        assert world.git(shop, "rev-parse", "main") == before
        assert planning.dry_run(runtime, id=finding.id).autonomy == "branch"  # no forge is configured for `pr`


def test_a_report_needs_no_approval(tmp_path, shop):
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path), approval="change", autonomy="report")
    with world.opened(chosen) as runtime:
        failing(runtime)
        assert [a.delivered for a in read.attempts(runtime)] == ["report"]


def test_a_daemon_started_in_quiet_hours_delivers_when_they_are_over(tmp_path, shop):
    clock = world.Clock()
    local = clock().astimezone()
    hours = f"{local:%H}:00-{(local.hour + 1) % 24:02}:00"
    dispatch = {"quiet_hours": hours}
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path), dispatch=dispatch), clock) as runtime:
        finding = failing(runtime)
        assert finding.skipped == "quiet_hours"
        act.dispatch(runtime, id=finding.id)
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].status == "judged"
        clock.advance(hours=1)
        attempts.drive_all(runtime)
        assert read.attempts(runtime)[0].delivered == "commit"
