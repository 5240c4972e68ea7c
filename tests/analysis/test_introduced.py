"""Since which release there is a Finding, by what telemetry saw of its place before."""

from datetime import timedelta

import pytest

from improver.analysis import introduced, route_hours
from improver.model import FindingKind, Symptom
from tests import world


@pytest.fixture
def shop(tmp_path):
    repo = world.make_shop(tmp_path / "shop")
    with world.opened(world.settings(tmp_path, repo, world.plan(tmp_path)), world.Clock()) as runtime:
        yield runtime, world.server_key(runtime)


def symptom(runtime, **about):
    with runtime.warehouse.telemetry.reading() as reader:
        keys = reader.rows("select distinct key from errors")
    now = runtime.clock()
    given = {
        "detector": "errors", "kind": FindingKind.ERROR, "grouping_version": 2, "key": keys[0]["key"] if keys else "k",
        "target": "shop", "environment": "production", "service": "", "source": "sentry", "title": "",
        "first_seen": now,
        "last_seen": now, "events": 1, "events_week": 1, "users": 1, "route": "average_view", "release": "r9",
    }  # fmt: skip
    return Symptom(**{**given, **about})


def asked(runtime, **about):
    route_hours.fold(runtime.warehouse.telemetry, runtime.clock())
    one = introduced.introduced(runtime, {"f": [symptom(runtime, **about)]}).get("f")
    return one and (one.release, one.after)


def ago(**how):
    return world.NOW - timedelta(**how)


def test_the_first_release_with_it_and_the_last_that_ran_without_it(shop):
    runtime, key = shop
    for release, hours in (("r1", 9), ("r2", 6)):
        world.send(runtime, key, world.transaction(release, at=ago(hours=hours)))
    world.send(runtime, key, world.error("r4", at=ago(hours=1)), world.error("r3", at=ago(hours=3)))
    world.send(runtime, key, world.transaction("r5", at=ago(minutes=5)))
    assert asked(runtime) == ("r3", "r2")


def test_a_place_that_never_ran_before_has_no_release_without_it(shop):
    runtime, key = shop
    world.send(runtime, key, world.error("r3", at=ago(hours=3)), world.transaction("r3", at=ago(hours=3)))
    assert asked(runtime) == ("r3", "")
    assert asked(runtime, route="elsewhere") == ("r3", "")


def test_what_is_no_series_of_events_says_itself(shop):
    runtime, _ = shop
    assert asked(runtime, detector="latency_regression", kind=FindingKind.PERFORMANCE) == ("r9", "")
    assert asked(runtime, detector="latency_regression", release="") is None
