"""What is digested gives way before anybody is turned away."""

from datetime import UTC, datetime

import pytest

from improver import housekeeping
from improver.config.settings import Spool
from tests import world


def segments(runtime):
    return len(list(runtime.data.spool.glob("*.seg")))


@pytest.fixture
def opened(tmp_path):
    def opening(**spool):
        settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
        chosen = settings.model_copy(update={"spool": Spool(segment_mb=1, **spool)})
        return world.opened(chosen, world.Clock(datetime.now(UTC)))

    return opening


def fill(runtime):
    """Several segments, digested."""
    for _ in range(5):
        world.send(runtime, "", world.error("r1") | {"extra": "y" * 1_000_000})
    assert segments(runtime) >= 3


def test_digested_segments_are_kept_for_replay_while_there_is_room(opened):
    with opened(min_free_mb=0) as runtime:
        fill(runtime)
        housekeeping.make_room(runtime)
        assert segments(runtime) >= 3
        runtime.clock.advance(hours=25)
        housekeeping.make_room(runtime)
        assert segments(runtime) == 1


def test_digested_segments_go_at_once_while_the_disk_is_short(opened):
    with opened(min_free_mb=1 << 40) as runtime:
        fill(runtime)
        housekeeping.make_room(runtime)
        assert segments(runtime) == 1
