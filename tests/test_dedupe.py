"""What a client sends again counts once; what merely looks alike counts as often as it happened."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from improver.keys import Keys
from improver.model import Payload, TrustLabel
from improver.read import status
from improver.stages import ingest
from tests import world

_numbers = itertools.count()


@pytest.fixture
def runtime(tmp_path):
    settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
    with world.opened(settings) as opened:
        yield opened


@pytest.fixture
def key(runtime):
    return world.server_key(runtime)


def payload(key, record, at=world.NOW, collector="sentry", path="/api/0/store/"):
    return Payload(
        id=f"{next(_numbers):032x}", collector=collector, path=path, received_at=at, body=json.dumps(record).encode(),
        key_id=key, trust=TrustLabel.SERVER, content_type="application/json",
    )  # fmt: skip


def counted(runtime, collector="sentry"):
    found = status(runtime).collectors[collector]
    return found.events, found.reasons


def rows(runtime, table):
    return runtime.warehouse.telemetry.value(f"select count(*) from {table}")


def test_an_event_that_is_sent_again_counts_once_and_the_other_is_counted_as_duplicate(runtime, key):
    event = world.error("r1")
    assert ingest.load(runtime, [payload(key, event), payload(key, world.error("r1"))]) == 2
    assert ingest.load(runtime, [payload(key, event), payload(key, world.error("r1"))]) == 1
    assert counted(runtime) == (3, {"duplicate": 1})
    assert rows(runtime, "payloads") == 4


def test_an_event_that_comes_twice_in_one_batch_counts_once(runtime, key):
    event = world.error("r1")
    assert ingest.load(runtime, [payload(key, event) for _ in range(3)]) == 1
    assert counted(runtime) == (1, {"duplicate": 2})


def test_a_transaction_that_is_sent_again_brings_none_of_its_spans_again(runtime, key):
    sent = world.transaction("r1") | {"spans": [
        {"span_id": f"{n:016x}", "trace_id": "", "op": "db", "start_timestamp": 1, "timestamp": 2} for n in range(1, 4)
    ]}  # fmt: skip
    trace = sent["contexts"]["trace"]["trace_id"]
    sent["spans"] = [span | {"trace_id": trace} for span in sent["spans"]]
    assert ingest.load(runtime, [payload(key, sent)]) == 4
    assert ingest.load(runtime, [payload(key, sent)]) == 0
    assert (rows(runtime, "spans"), counted(runtime)[1]) == (4, {"duplicate": 4})


def test_a_session_that_says_again_how_it_goes_is_no_duplicate(runtime, key):
    lines = ({}, {"type": "session"}, {"sid": "s1", "init": True, "status": "ok", "started": "2026-11-21T11:00:00Z"})
    update = (*lines[:2], lines[2] | {"init": False, "status": "crashed"})
    for envelope in (lines, update):
        sent = payload(key, {}, path="/api/1/envelope/")
        body = b"\n".join(json.dumps(line).encode() for line in envelope)
        ingest.load(runtime, [replace(sent, body=body)])
    assert (rows(runtime, "sessions"), counted(runtime)[1]) == (2, {})


def test_the_same_id_of_another_target_or_collector_is_another_event(runtime, key, tmp_path):
    event = world.error("r1")
    blog = Keys.create(runtime.data.keys, "blog", TrustLabel.SERVER).id
    remark = {"said": "x", "id": event["event_id"]}
    assert ingest.load(runtime, [payload(key, event), payload(blog, event)]) == 2
    assert ingest.load(runtime, [payload(key, remark, collector="feedback", path="/feedback")]) == 1
    assert counted(runtime) == (2, {})


def test_events_without_an_id_are_all_kept(runtime, key):
    sent = [payload(key, {"said": "the same"}, collector="feedback", path="/feedback") for _ in range(3)]
    assert ingest.load(runtime, sent) == 3
    assert ingest.load(runtime, [replace(sent[0], id="another")]) == 1


def test_an_id_that_returns_long_after_is_taken_for_another_event(runtime, key):
    event = world.error("r1")
    later = world.NOW + timedelta(hours=2)
    assert ingest.load(runtime, [payload(key, event)]) == 1
    assert ingest.load(runtime, [payload(key, event, at=later)]) == 1


def test_hostile_ids_are_compared_like_any(runtime, key):
    ids = ["' or 1=1 --", "\ud800x", "\0", "x" * 100_000, "%"]
    sent = [payload(key, world.error("r1") | {"event_id": one}) for one in ids]
    assert ingest.load(runtime, sent) == len(ids)
    again = [replace(one, id=f"again-{n}") for n, one in enumerate(sent)]
    assert ingest.load(runtime, again) == 0
