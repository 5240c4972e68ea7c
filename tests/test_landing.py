"""What was decoded → the Warehouse, when DuckDB has less memory than a batch takes."""

import gzip
import json

import pytest

from improver import pipeline
from improver.config import Settings
from improver.model import Payload, TrustLabel
from improver.opening import owned_runtime
from improver.spool import Position
from improver.stages import ingest
from tests.world import NOW

SMALL = {"memory_mb": 64}
COUNT = "select payload_id, count(*) as n from usage group by payload_id"


def posted(number, events, words):
    batch = [
        {
            "uuid": f"00000000-0000-4000-8000-{number:06d}{one:06d}",
            "event": "saw",
            "distinct_id": f"user-{one}",
            "timestamp": NOW.isoformat(),
            "properties": {f"said_{n}": f"{one} {n} " + "said and said again " * words for n in range(100)},
        }
        for one in range(events)
    ]
    return Payload(
        id=f"{number:016x}",
        collector="posthog",
        path="/batch/",
        received_at=NOW,
        body=gzip.compress(json.dumps({"api_key": "k", "batch": batch}).encode(), 1),
        trust=TrustLabel.SERVER,
        content_type="application/json",
        content_encoding="gzip",
    )


@pytest.fixture
def runtime(tmp_path):
    with owned_runtime(Settings(data_dir=tmp_path, warehouse=SMALL)) as opened:
        yield opened


def load(runtime, *payloads):
    runtime.spool.append_now(payloads)
    pipeline.digest(runtime)
    assert not runtime.spool.read(runtime.digested(), ingest.BATCH_BYTES)
    return {row["payload_id"]: row["n"] for row in runtime.warehouse.telemetry.rows(COUNT)}


def test_a_batch_that_takes_more_memory_than_duckdb_has_is_written_in_parts(runtime, caplog):
    payloads = [posted(number, 10, 80) for number in range(20)]
    assert load(runtime, *payloads) == {payload.id: 10 for payload in payloads}
    assert "writing it in parts" in caplog.text
    reached = [Position.parse(row["position"]) for row in runtime.warehouse.telemetry.rows("from offsets")]
    assert len(reached) > 1
    assert reached == sorted(set(reached)), "each part says how far it is"


def test_a_payload_that_is_too_much_by_itself_is_set_aside_and_holds_up_nobody(runtime, caplog):
    before, huge, after = posted(1, 2, 1), posted(2, 24, 400), posted(3, 2, 1)
    assert load(runtime, before, huge, after) == {before.id: 2, after.id: 2}
    aside = runtime.warehouse.telemetry.rows("from quarantine")
    assert [row["payload_id"] for row in aside] == [huge.id]
    assert aside[0]["reason"].startswith("too large: Out of Memory")
