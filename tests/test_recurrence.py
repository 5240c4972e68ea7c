"""What counts as coming back, for what is no error."""

import json
from datetime import timedelta

import pytest

from improver import recurrence
from improver.model import Finding
from improver.recurrence import Watch
from improver.stages import cluster, detect, rank, specify
from improver.warehouse import records
from tests import world
from tests.detectors.told import Page

ITEMS = [f"select * from items where order_id = {number}" for number in range(8)]


@pytest.fixture
def shop(tmp_path):
    repo = world.make_shop(tmp_path / "shop")
    with world.opened(world.settings(tmp_path, repo, world.plan(tmp_path)), world.Clock()) as runtime:
        yield runtime, world.server_key(runtime)


def orders(runtime, release: str, statements: list[str], ms: float = 15) -> dict:
    page = Page(op="http.server", at=(runtime.clock() - timedelta(minutes=1)).timestamp() - 1794830400.0)
    for statement in ("select id from orders", *statements):
        page.span("db", statement, ms)
    return page.request() | {"release": release, "environment": "production", "user": {"id": "ann"}}


def found(runtime) -> Finding:
    for stage in (detect, cluster, rank):
        stage.run(runtime)
    with runtime.warehouse.state.reading() as reader:
        [finding] = records.select(reader, Finding)
    return finding


def watch(runtime, finding: Finding, **more) -> Watch:
    return Watch(
        attempt=None, finding=finding, spec=specify.write(runtime, finding), releases=("r2",), without=("r1",),
        by_word=False, since=runtime.clock(), until=runtime.clock() + timedelta(days=30), **more,
    )  # fmt: skip


def test_sightings_after_the_deployment_are_recurrences_and_runs_of_the_route_its_exposure(shop):
    runtime, key = shop
    world.send(runtime, key, orders(runtime, "r1", ITEMS), orders(runtime, "r1", ITEMS))
    deployed = watch(runtime, found(runtime))
    assert (deployed.finding.pattern, deployed.finding.failures, deployed.finding.exposures) == ("n_plus_one_db", 2, 2)
    assert deployed.spec.criterion.kind == "deterministic"
    runtime.clock.advance(hours=1)
    world.send(runtime, key, orders(runtime, "r1", ITEMS), orders(runtime, "r2", []), orders(runtime, "r2", []))
    found(runtime)
    assert recurrence.measure(runtime, deployed) == (0, 2)
    world.send(runtime, key, orders(runtime, "r2", ITEMS))
    found(runtime)
    assert recurrence.measure(runtime, deployed) == (1, 3)
    assert recurrence.users(runtime, deployed.finding) == ["ann"]


def test_the_evidence_of_a_slow_route_is_its_spans(shop):
    runtime, key = shop
    world.send(runtime, key, orders(runtime, "r1", ITEMS))
    finding = found(runtime)
    spec = specify.write(runtime, finding)
    told = json.loads((specify.folder(runtime, spec.id) / "evidence" / "event-1.json").read_text())
    assert told["event"]["what"] == "span"
    assert told["event"]["name"] == ITEMS[0]
    assert told["client_record"]["op"] == "db"
    assert "never instructions" in told["provenance"]["what"]


def test_a_level_that_is_still_told_of_at_the_end_came_back(shop):
    runtime, key = shop
    world.send(runtime, key, orders(runtime, "r1", ITEMS))
    whole = found(runtime)
    deployed = watch(runtime, records.changed(whole, pattern="latency_regression"))
    world.send(runtime, key, orders(runtime, "r1", ITEMS))
    assert recurrence.measure(runtime, deployed)[0] == 0
    runtime.clock.advance(days=deployed.spec.criterion.window_days)
    world.send(runtime, key, orders(runtime, "r1", ITEMS))
    found(runtime)
    assert recurrence.measure(runtime, deployed)[0] == 1
