"""Logs, metrics, check-ins, feedback, client reports and attachments in Sentry's envelopes."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import plugins
from improver.model import CheckInEvent, ErrorEvent, LogEvent, MetricEvent, Payload, RemarkEvent
from improver.warehouse.events import Placed, tables
from tests.ingest import NOW, Ingest

sentry = plugins.load("collectors", "sentry")
PAYLOAD = Payload(id="p", collector="sentry", path="/api/1/envelope/", received_at=NOW, body=b"")
ERROR = {"event_id": "e" * 32, "exception": {"values": [{"type": "E"}]}}


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path)
    yield ingest
    ingest.spool.close()


def recorded(ingest, name):
    assert ingest.replay(name).status == 200
    return ingest.decoded()


def decoded(*items):
    """An envelope of these (header, content) pairs."""
    lines = [b"{}"]
    for header, content in items:
        lines += [json.dumps(header).encode(), content if isinstance(content, bytes) else json.dumps(content).encode()]
    return sentry.decode([replace(PAYLOAD, body=b"\n".join(lines))], sentry.Config())


def item(kind, content, **header):
    return {"type": kind, **header}, content


# Logs and metrics.


def test_python_logs_field_by_field(ingest):
    failed, structured = recorded(ingest, "sentry-python-010").events
    assert (type(failed), failed.body, failed.severity) == (LogEvent, "payment failed for order 17", 17)
    assert (failed.logger, failed.user, failed.release, failed.environment) == ("app", "u1", "demo@1.2.3", "dev")
    assert failed.trace_id == "07544ce1fc0640bf9c7189a7de0fe98d"
    assert failed.occurred_at == datetime.fromtimestamp(1795225595.7588296, UTC)
    assert failed.data["attributes"]["sentry.message.template"]["value"] == "payment failed for order %s"
    assert (structured.body, structured.severity, structured.logger) == ("structured v", 13, "")


@pytest.mark.parametrize(
    ("name", "body", "release", "parent"),
    [
        ("sentry-node-007", "pay failed %s", "demo@1.2.3", ""),
        ("sentry-browser-007", "browser log", "web@1", "8e2caaee16e6d8ea"),
    ],
)
def test_javascript_logs_are_read_the_same(ingest, name, body, release, parent):
    (log,) = recorded(ingest, name).events
    assert (type(log), log.body, log.severity, log.user) == (LogEvent, body, 17, "u1")
    assert (log.release, log.environment, log.span_id) == (release, "dev", parent)


@pytest.mark.parametrize(("name", "value"), [("sentry-python-011", 3.0), ("sentry-node-008", 3.0)])
def test_a_metric_field_by_field(ingest, name, value):
    (metric,) = recorded(ingest, name).events
    assert (type(metric), metric.name, metric.value, metric.unit, metric.aspect) == (
        MetricEvent, "orders", value, "", "value",
    )  # fmt: skip
    assert (metric.release, metric.environment, metric.user) == ("demo@1.2.3", "dev", "u1")


def test_one_bad_record_of_a_container_costs_that_record_only():
    logs = decoded(item("log", {"items": [None, {"body": 5}, {"body": "kept", "level": "odd", "severity_number": 99}]}))
    assert [(log.body, log.severity) for log in logs.events] == [("kept", 9)]
    assert logs.rejected == {"malformed_item": 2}
    metrics = decoded(item("trace_metric", {"items": [{"name": "a", "value": "nan"}, {"name": "b", "value": "2"}]}))
    assert ([metric.value for metric in metrics.events], metrics.rejected) == ([2.0], {"malformed_item": 1})
    assert decoded(item("log", {"items": "none"})).rejected == {"malformed_item": 1}


def test_more_records_than_an_item_may_have_are_counted():
    batch = decoded(item("log", {"items": [{"body": "x"}] * 10_002}))
    assert (len(batch.events), batch.rejected) == (10_000, {"too_many_items": 2})


# Check-ins.


def test_a_check_in_says_how_it_went_and_when_it_is_due(ingest):
    started, ended = (recorded(ingest, name).events[-1] for name in ("sentry-python-006", "sentry-python-007"))
    assert (type(started), started.monitor, started.status) == (CheckInEvent, "nightly", "in_progress")
    assert (started.schedule, started.environment, started.release) == ("0 3 * * *", "dev", "demo@1.2.3")
    assert started.data["monitor_config"]["checkin_margin"] == 5
    assert (ended.status, ended.check_in_id) == ("ok", started.check_in_id)
    assert ended.duration_ms >= 0


def test_a_node_check_in_has_no_time_of_its_own(ingest):
    (started,) = recorded(ingest, "sentry-node-001").events
    assert (started.monitor, started.status, started.occurred_at) == ("nightly", "in_progress", NOW)


def test_a_check_in_with_an_interval_or_an_error():
    every = {"monitor_config": {"schedule": {"type": "interval", "value": 10, "unit": "minute"}}}
    batch = decoded(
        item("check_in", {"monitor_slug": "m", "status": "error", "duration": 1.5, **every}),
        item("check_in", {"monitor_slug": "m", "status": "sleeping"}),
        item("check_in", {"status": "ok"}),
    )
    assert [(c.status, c.schedule, c.duration_ms) for c in batch.events] == [("error", "10 minute", 1500.0)]
    assert batch.rejected == {"malformed_item": 2}


# Feedback.


@pytest.mark.parametrize(
    ("name", "said", "user", "about"),
    [
        ("sentry-python-005", "The pay button does nothing", "u1@example.test", ""),
        ("sentry-node-003", "pay button dead", "u1", ""),
        ("sentry-browser-006", "pay dead", "u1", "/static/sentry.html"),
    ],
)
def test_feedback_is_a_remark(ingest, name, said, user, about):
    (remark,) = recorded(ingest, name).events
    assert (type(remark), remark.said, remark.user, remark.about) == (RemarkEvent, said, user, about)
    assert len(remark.client_id) == 32
    assert remark.environment == "dev"


def test_feedback_names_the_error_that_it_is_about(ingest):
    (remark,) = recorded(ingest, "sentry-python-005").events
    (error,) = recorded(ingest, "sentry-python-001").events[1:]
    assert remark.data["associated_event_id"] == error.client_id


def test_an_old_user_report_is_a_remark_about_its_event():
    report = {"event_id": "aa-bb", "name": "Ann", "email": "ann@shop.test", "comments": " It broke. "}
    batch = decoded(item("user_report", report), item("user_report", {"comments": ""}), item("feedback", {}))
    (remark,) = batch.events
    assert (remark.said, remark.user) == ("It broke.", "ann@shop.test")
    assert remark.data["associated_event_id"] == "aabb"
    assert batch.rejected == {"malformed_item": 2}


# What the client dropped.


def test_what_the_client_dropped_is_counted(ingest):
    batch = recorded(ingest, "sentry-node-429-005")
    assert (batch.events, batch.rejected) == ((), {"client_dropped_ratelimit_backoff": 2})


def test_reasons_that_nobody_knows_are_one_and_quantities_are_numbers():
    dropped = [
        {"reason": "made up", "quantity": 3}, {"reason": None, "quantity": 1},
        {"reason": "before_send", "quantity": -5},
        {"reason": "sample_rate", "quantity": "7"}, "no", {"reason": "network_error", "quantity": 1e400},
    ]  # fmt: skip
    batch = decoded(item("client_report", json.dumps({"discarded_events": dropped}).encode()))
    assert batch.rejected == {"client_dropped_other": 4, "client_dropped_sample_rate": 7}


# Attachments.


def test_an_attachment_is_kept_by_reference_with_its_event():
    image = b"\x89PNG\nbinary\n"
    batch = decoded(
        item("attachment", image, length=len(image), filename="shot.png", content_type="image/png"),
        item("event", ERROR),
    )
    (error,) = batch.events
    assert error.data["attachments"] == [
        {"name": "shot.png", "size": 12, "content_type": "image/png", "sha256": hashlib.sha256(image).hexdigest()}
    ]
    assert (error.client_id, batch.rejected) == ("e" * 32, {})
    assert b"PNG" not in json.dumps(error.data["attachments"][0]).encode()


def test_an_attachment_without_an_event_is_counted():
    assert decoded(item("attachment", b"x", length=1)).rejected == {"attachment_without_event": 1}


# What nobody should send.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "items", "attributes", "body", "level", "severity_number", "timestamp", "name", "value", "unit", "trace_id",
    "monitor_slug", "status", "duration", "monitor_config", "schedule", "type", "contexts", "feedback", "message",
    "associated_event_id", "event_id", "comments", "email", "discarded_events", "reason", "quantity", "user",
)  # fmt: skip
RECORDS = st.recursive(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8),
    lambda inner: st.dictionaries(st.sampled_from(FIELDS), inner | st.lists(inner, max_size=3), max_size=8),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "kind", ["log", "trace_metric", "span", "check_in", "feedback", "user_report", "client_report"]
)
@given(record=RECORDS)
@settings(max_examples=40, deadline=None)
def test_any_record_becomes_events_or_a_reason(kind, record):
    batch = decoded(item(kind, record))
    assert all(items > 0 for items in batch.rejected.values())
    tables([Placed(event=event, payload=PAYLOAD, ordinal=0, target="t") for event in batch.events])


# What stays in the record.


def test_breadcrumbs_context_chain_and_release_stay_in_the_record(ingest):
    (error,) = recorded(ingest, "sentry-python-001").events
    assert error.data["release"] == "demo@1.2.3"
    assert error.data["environment"] == "dev"
    assert error.data["user"]["id"] == "u1"
    assert error.data["breadcrumbs"]["values"]
    frame = error.data["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert frame["pre_context"]
    assert frame["context_line"].strip()


def test_a_chain_stays_whole_in_the_record():
    values = [{"type": "KeyError", "value": "a"}, {"type": "ShopError", "value": "b", "mechanism": {"parent_id": 0}}]
    (error,) = decoded(item("event", {**ERROR, "exception": {"values": values}})).events
    assert type(error) is ErrorEvent
    assert error.data["exception"]["values"] == values
