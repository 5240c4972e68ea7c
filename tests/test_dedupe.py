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


def envelope(key, kind, record):
    lines = (json.dumps(one).encode() for one in ({}, {"type": kind}, record))
    return replace(payload(key, {}, path="/api/1/envelope/"), body=b"\n".join(lines))


SESSION = {"sid": "s1", "init": True, "status": "ok", "timestamp": "2026-11-21T11:00:01Z"}
CHECK_IN = {"check_in_id": "c" * 32, "monitor_slug": "nightly", "status": "in_progress"}


@pytest.mark.parametrize(
    ("kind", "table", "begins", "goes_on"),
    [
        ("session", "sessions", SESSION, SESSION | {"init": False, "timestamp": "2026-11-21T11:00:09Z"}),
        ("session", "sessions", SESSION, SESSION | {"init": False, "status": "crashed"}),
        ("check_in", "check_ins", CHECK_IN, CHECK_IN | {"status": "ok"}),
    ],
)
def test_what_is_said_often_under_one_id_counts_each_time_but_not_when_it_is_sent_again(
    runtime, key, kind, table, begins, goes_on
):
    for record in (begins, goes_on, begins, goes_on):
        ingest.load(runtime, [envelope(key, kind, record)])
    assert (rows(runtime, table), counted(runtime)[1]) == (2, {"duplicate": 2})


def test_a_check_in_of_the_newest_run_is_one_each_time(runtime, key):
    """Sentry's API takes an id of zeros for whichever run is the newest."""
    for _ in range(2):
        ingest.load(runtime, [envelope(key, "check_in", CHECK_IN | {"check_in_id": "0" * 32})])
    assert rows(runtime, "check_ins") == 2


@pytest.mark.parametrize(("kind", "table"), [("log", "logs"), ("trace_metric", "metrics")])
def test_records_without_ids_go_by_all_that_they_say_of_one_moment(runtime, key, kind, table):
    one = {"timestamp": 1792574400.25, "body": "it is late", "level": "info", "name": "orders", "value": 1}
    for record in (one, one, one | {"timestamp": 1792574400.5}):
        ingest.load(runtime, [envelope(key, kind, {"items": [record, record]})])
    assert rows(runtime, table) == 4  # twice in one envelope is twice


def test_a_report_on_an_error_is_sent_again_when_it_says_the_same(runtime, key):
    report = {"event_id": "e" * 32, "comments": "it broke"}
    for record in (report, report, report | {"comments": "and again"}):
        ingest.load(runtime, [envelope(key, "user_report", record)])
    assert rows(runtime, "remarks") == 2


def test_a_remark_that_another_collector_pulled_is_the_same(runtime, key):
    event = world.error("r1")
    pulled = payload(key, event, collector="sentry_api", path="/api/0/organizations/o/issues/1/events/")
    assert ingest.load(runtime, [payload(key, event)]) == 1
    assert ingest.load(runtime, [pulled]) == 0


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
