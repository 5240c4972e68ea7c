"""Where a Finding is met: parts of it by page, element, release and device."""

import json
from datetime import timedelta

import pytest

from improver import read
from improver.config import Settings
from improver.model import Payload, TrustLabel
from improver.stages import cluster, detect, ingest, rank
from tests import world
from tests.detectors.told import START
from tests.detectors.told_usage import Visit


@pytest.fixture
def runtime(tmp_path):
    with world.opened(Settings(data_dir=tmp_path / "data"), world.Clock(START + timedelta(days=1))) as runtime:
        yield runtime


def analysed(runtime, *visits):
    records = [event for visit in visits for event in visit.events]
    ingest.load(
        runtime,
        [
            Payload(
                id=f"p{number}", collector="posthog", path="/e/", received_at=START + timedelta(hours=1),
                trust=TrustLabel.SERVER, body=json.dumps([record]).encode(), content_type="application/json",
            )
            for number, record in enumerate(records)
        ],
    )  # fmt: skip
    for stage in (detect, cluster, rank):
        stage.run(runtime)


def test_rage_clicks_are_shared_out_by_page_element_and_device(runtime):
    desktop = [Visit(device="Desktop").view("/cart").rage("button#save") for _ in range(3)]
    mobile = [Visit(device="Mobile").view("/cart").rage("button#save")]
    analysed(runtime, *desktop, *mobile)
    [row] = [row for row in read.findings(runtime) if row.pattern == "rage_click"]
    shares = read.finding(runtime, id=row.id).shares
    assert [(one.by, one.named, one.events, one.part) for one in shares] == [
        ("device", "Desktop", 3, 0.75),
        ("device", "Mobile", 1, 0.25),
        ("element", shares[2].named, 4, 1.0),
        ("page", "/cart", 4, 1.0),
    ]


def test_errors_are_shared_out_by_release(runtime):
    for release in ("r1", "r2", "r2"):
        world.send(runtime, world.server_key(runtime), world.error(release, at=START))
    for stage in (detect, cluster, rank):
        stage.run(runtime)
    [row] = read.findings(runtime)
    shares = [one for one in read.finding(runtime, id=row.id).shares if one.by == "release"]
    assert [(one.named, one.events) for one in shares] == [("r2", 2), ("r1", 1)]
