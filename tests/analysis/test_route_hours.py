"""Routes by the hour: additive, once each, whoever sent the spans."""

from datetime import timedelta

from improver.config import Settings
from improver.stages import detect
from improver.upkeep import replay
from tests import world

HOURS = """
select route, hour, sum(runs)::bigint as runs, sum(failures)::bigint as failures, count(distinct upto) as folded
from route_hours group by all order by hour
"""


def test_what_comes_later_for_the_same_hour_is_added_to_it_once(tmp_path):
    with world.opened(Settings(data_dir=tmp_path / "data")) as runtime:
        key = world.server_key(runtime)
        for records in (
            [world.transaction("r1"), world.transaction("r1", at=world.NOW - timedelta(hours=3))],
            [world.transaction("r1", status="internal_error"), world.transaction("r1", status="not_found")],
            [],
        ):
            world.send(runtime, key, *records)
            detect.run(runtime)
            detect.run(runtime)
        rows = runtime.warehouse.telemetry.rows(HOURS)
    assert [(row["route"], row["runs"], row["failures"], row["folded"]) for row in rows] == [
        ("average_view", 1, 0, 1),
        ("average_view", 3, 1, 1),
    ]


def test_what_is_replayed_counts_once(tmp_path):
    with world.opened(Settings(data_dir=tmp_path / "data")) as runtime:
        world.send(runtime, world.server_key(runtime), world.transaction("r1"), world.transaction("r1"))
        detect.run(runtime)
        replay.replay_since(runtime, hours=2)
        detect.run(runtime)
        [row] = runtime.warehouse.telemetry.rows(HOURS)
    assert row["runs"] == 2
