"""What an occurrence costs, from what its user did next."""

from datetime import timedelta

import pytest

from improver.analysis import encounters, recoveries
from improver.analysis.impact import Ends
from improver.config import Settings
from tests import world


@pytest.fixture
def world_of(tmp_path):
    """What became of errors among what was sent, minutes before now."""
    with world.opened(Settings(data_dir=tmp_path / "data")) as runtime:
        key = world.server_key(runtime)

        def ends(*records):
            world.send(runtime, key, *records)
            telemetry, now = runtime.warehouse.telemetry, runtime.clock()
            encounters.fold(telemetry, runtime.settings.artificial, now)
            recoveries.fold(telemetry, 10.0, now)
            with telemetry.reading() as reader:
                return next(iter(recoveries.ends(reader, now)[1].values()), Ends())

        ends.runtime = runtime
        yield ends


def fails(minutes_ago, user="ann", **other):
    return world.error("r1", at=world.NOW - timedelta(minutes=minutes_ago), user=user) | other


def works(minutes_ago, user="ann", route="average_view"):
    moment = world.NOW - timedelta(minutes=minutes_ago)
    return world.transaction("r1", at=moment) | {"user": {"id": user}, "transaction": route}


def test_an_occurrence_costs_the_time_until_the_same_user_succeeds(world_of):
    found = world_of(fails(60), works(59.5, user="ben"), works(58))
    assert (found.times, found.succeeded, found.minutes) == (1, 1, 2.0)
    assert found.median_minutes == pytest.approx(2, rel=0.2)


def test_the_route_itself_goes_before_any_other(world_of):
    assert world_of(fails(60), works(59, route="other"), works(57)).minutes == 3.0


def test_who_goes_on_elsewhere_has_recovered(world_of):
    assert world_of(fails(60), works(59, route="other")).minutes == 1.0


def test_repeated_failures_cost_no_more_than_the_time_that_went_by(world_of):
    found = world_of(fails(60), fails(59), fails(58.5), works(58))
    assert (found.times, found.succeeded, found.minutes) == (3, 1, 2.0)


def test_who_never_came_back_counts_with_the_cap(world_of):
    found = world_of(works(61), fails(60), works(45))
    assert (found.times, found.succeeded, found.minutes) == (1, 0, 10.0)


def test_who_was_never_seen_to_do_anything_is_not_said_to_have_given_up(world_of):
    assert world_of(fails(60), fails(60, user="ben"), works(59, user="cleo")) == Ends()


def test_bots_set_no_price(world_of):
    robot = {"request": {"headers": {"User-Agent": "Googlebot/2.1"}}}
    assert world_of(fails(60, **robot), works(58)) == Ends()


def test_what_is_not_over_yet_is_looked_at_once_it_is(world_of):
    assert world_of(fails(4), works(5)) == Ends()
    world_of.runtime.clock.advance(minutes=10)
    assert world_of(works(2)).minutes == 2.0
    assert world_of(fails(-6), works(-7)).times == 1
    world_of.runtime.clock.advance(minutes=10)
    assert world_of().times == 2
    assert world_of().times == 2
