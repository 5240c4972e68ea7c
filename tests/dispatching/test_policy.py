"""What is not attempted unless a person asks."""

from datetime import datetime

import pytest

from improver import pipeline, read
from improver.config import Settings
from improver.dispatching.policy import quiet
from improver.model import SkipReason
from tests import world


def at(hour: int, minute: int = 0) -> datetime:
    """On this machine's own clock."""
    return datetime(2026, 3, 1, hour, minute).astimezone()


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("22:00-07:00", [at(22), at(23, 59), at(0), at(6, 59)], [at(7), at(12), at(21, 59)]),
        ("12:00-13:30", [at(12), at(13, 29)], [at(11, 59), at(13, 30), at(0)]),
        ("00:00-00:00", [], [at(0), at(12)]),
        ("", [], [at(0)]),
    ],
)
def test_quiet_hours_are_those_of_this_machines_clock_and_may_go_over_midnight(hours, inside, outside):
    assert all(quiet(hours, now) for now in inside)
    assert not any(quiet(hours, now) for now in outside)


@pytest.mark.parametrize("hours", ["22-7", "24:00-07:00", "22:00", "at night", "22:00-07:60"])
def test_hours_that_are_none_are_refused_when_the_config_is_read(hours):
    with pytest.raises(ValueError, match="quiet_hours"):
        Settings(dispatch={"quiet_hours": hours})


@pytest.mark.parametrize(
    ("now", "skip"),
    [
        (world.FIXED, SkipReason.CHANGED_SINCE),
        (world.SHOP.replace("return total(prices) / len(prices)", "return 0"), SkipReason.CHANGED_SINCE),
        (f"# A comment moves it down.\n{world.SHOP}", None),
    ],
)
def test_a_line_that_was_changed_since_the_release_that_failed_is_not_attempted_unasked(tmp_path, now, skip):
    shop = world.make_shop(tmp_path / "shop")
    failed = world.git(shop, "rev-parse", "HEAD")
    (shop / "shop.py").write_text(now)
    world.git(shop, "commit", "-qam", "Somebody's own change")
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path))
    with world.opened(chosen) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(f"shop@{failed}"))
        pipeline.analyse(runtime)
        [finding] = read.findings(runtime)
        assert finding.skipped == skip
        assert len(read.attempts(runtime)) == (0 if skip else 1)


def test_a_checkout_that_is_older_than_what_runs_tells_nothing(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    (shop / "shop.py").write_text(world.SHOP.replace("total(prices) /", "sum(prices) /"))
    world.git(shop, "commit", "-qam", "What runs")
    failed = world.git(shop, "rev-parse", "HEAD")
    world.git(shop, "reset", "-q", "--hard", "HEAD~")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path))) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(failed))
        pipeline.analyse(runtime)
        assert len(read.attempts(runtime)) == 1
