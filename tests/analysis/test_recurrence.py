"""What counts as coming back, for what is no error."""

import json
from datetime import timedelta

import pytest

from improver import pipeline
from improver.analysis import recurrence
from improver.analysis.recurrence import Watch
from improver.answers.together import together
from improver.model import Finding, Payload, TrustLabel
from improver.stages import cluster, detect, ingest, observe, rank, specify
from improver.warehouse import records
from tests import world
from tests.detectors.told import Page
from tests.detectors.told_usage import Visit

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


COUPON = 'button#coupon "Apply coupon"'


def visits(runtime, key_id, *some: Visit) -> None:
    """As PostHog's client sends them."""
    batch = [event for visit in some for event in visit.events]
    body = json.dumps({"api_key": "phc_x", "batch": batch}).encode()
    runtime.spool.append_now([
        Payload(
            id=f"visits-{batch[0]['uuid']}", collector="posthog", path="/batch/", received_at=runtime.clock(),
            body=body, key_id=key_id, trust=TrustLabel.PUBLIC, content_type="application/json",
        )
    ])  # fmt: skip
    pipeline.digest(runtime)


def test_friction_is_counted_in_sessions_at_its_page(shop):
    runtime, key = shop
    raged = [Visit(at=4.9).view("/cart").rage(COUPON).click("a#home", gap=5) for _ in range(4)]
    visits(runtime, key, *raged, *(Visit(at=4.9).view("/cart") for _ in range(6)), Visit(at=4.9).view("/other"))
    finding = found(runtime)
    spec = specify.write(runtime, finding)
    assert finding.pattern == "rage_click"
    assert (spec.criterion.baseline_failures, spec.criterion.baseline_exposures) == (4, 10)
    assert (spec.criterion.kind, spec.criterion.denominator) == ("statistical", "sessions at the same page")
    assert spec.criterion.minimum_exposures == 25
    watched = Watch(
        attempt=None, finding=finding, spec=spec, releases=(), without=(), by_word=True,
        since=runtime.clock() - timedelta(days=1), until=runtime.clock() + timedelta(days=30),
    )  # fmt: skip
    assert recurrence.measure(runtime, watched) == (4, 10)


def test_what_people_do_now_and_then_comes_back_by_how_often_in_as_many_sessions(shop):
    runtime, key = shop
    raged = [Visit(at=4.9).view("/cart").rage(COUPON).click("a#home", gap=5) for _ in range(4)]
    visits(runtime, key, *raged, *(Visit(at=4.9).view("/cart") for _ in range(6)))
    watched = watch(runtime, found(runtime))
    now, over = runtime.clock(), runtime.clock() + timedelta(days=watched.spec.criterion.window_days)
    assert observe.judge(watched, 1, 20, now)[0] is None
    assert observe.judge(watched, 30, 40, now)[0] == "unchanged"
    assert observe.judge(watched, 4, 100, over)[0] == "improved"
    assert observe.judge(watched, 30, 100, over)[0] == "unchanged"
    assert observe.judge(watched, 0, 100, over)[0] == "held"
    assert observe.judge(watched, 0, 3, over)[0] == "inconclusive"


def logged(runtime, key: str, release: str, said: str) -> None:
    record = {"level": "info", "msg": said, "time": runtime.clock().isoformat(), "release": release, "service": "shop"}
    body = json.dumps(record | {"environment": "production"}).encode()
    line = Payload(
        id=f"{release} {said}", collector="logs", path="/logs", received_at=runtime.clock(), body=body, key_id=key,
        trust=TrustLabel.SERVER,
    )  # fmt: skip
    ingest.load(runtime, [line])


def test_what_only_a_log_tells_of_comes_back_when_its_lines_do_and_says_why_they_are_one(shop):
    runtime, key = shop
    logged(runtime, key, "r1", "could not save order 1: disk full")
    logged(runtime, key, "r1", "could not save order 2: disk full")
    deployed = watch(runtime, found(runtime))
    assert (deployed.finding.pattern, deployed.finding.events) == ("logged_errors", 2)
    with runtime.warehouse.state.reading() as reader:
        parts = together(runtime, reader, deployed.finding).parts
    assert [(part.what, part.text) for part in parts] == [("template", "could not save order <*>: disk full")]
    runtime.clock.advance(hours=1)
    logged(runtime, key, "r2", "order 3 saved")
    logged(runtime, key, "r1", "could not save order 4: disk full")
    found(runtime)
    assert recurrence.measure(runtime, deployed)[0] == 0
    logged(runtime, key, "r2", "could not save order 5: disk full")
    found(runtime)
    assert recurrence.measure(runtime, deployed)[0] == 1
