"""Errors pulled from a Sentry that speaks real HTTP: none is lost, none comes twice, and its limits are kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import pipeline, plugins, polling
from improver.collectors import _sentry_sweep
from improver.config import Settings
from improver.errors import ImproverError
from improver.http import HttpxClient, Patience
from improver.model import ErrorEvent, LogEvent, Payload, TrustLabel
from improver.opening import owned_runtime
from tests.collectors.fake_sentry import TOKEN, FakeSentry
from tests.world import NOW, Clock

api = plugins.load("collectors", "sentry_api")
HOUR = timedelta(hours=1)
FIELDS = (
    "eventID", "type", "tags", "key", "value", "release", "version", "entries", "data", "values", "stacktrace",
    "frames", "context", "lineNo", "colNo", "inApp", "user", "contexts", "culprit", "message",
    "dateCreated", "projectSlug",
)  # fmt: skip
# As in the example of Sentry's published description, shortened.
FRAME = {
    "function": "apply", "colNo": 24, "absPath": "/srv/shop/cart.js", "inApp": True, "lineNo": 74,
    "module": "shop/cart", "filename": "cart.js", "vars": None,
    "context": [[73, "  before"], [74, "    me.apply(me, args);"], [75, "  after"]],
}  # fmt: skip


@pytest.fixture
def sentry(monkeypatch):
    monkeypatch.setenv("SENTRY_AUTH_TOKEN", TOKEN)
    with FakeSentry() as fake:
        yield fake


def config(sentry, **changed):
    return api.Config(**{"organization": "acme", "base_url": sentry.url, **changed})


def pull(sentry, state=None, now=NOW, patience=None, **changed):
    with HttpxClient(sentry.url, patience=patience or Patience()) as http:
        return api.pull(json.loads(json.dumps(state or {})), config(sentry, **changed), http, now)


def ids(polled):
    return [json.loads(payload.body)["eventID"] for payload in polled.payloads]


def decoded(sentry, **changed):
    return api.decode(pull(sentry).payloads, config(sentry, **changed))


# What comes.


def test_an_event_becomes_the_error_that_its_sdk_sent(sentry):
    value = {"type": "ShopError", "value": "no cart", "mechanism": {"type": "generic", "handled": False},
             "stacktrace": {"frames": [FRAME]}}  # fmt: skip
    crumbs = {"values": [{"category": "xhr", "message": "GET /"}]}
    sentry.take_in(
        "17", "e" * 32, NOW - HOUR,
        tags=[{"key": "level", "value": "fatal"}, {"key": "environment", "value": "prod"},
              {"key": "release", "value": "old"}],
        entries=[{"type": "exception", "data": {"values": [{"type": "KeyError", "value": "a"}, value]}},
                 {"type": "breadcrumbs", "data": crumbs}, {"type": "message", "data": {"formatted": "said"}}],
        release={"version": "shop@2"}, contexts={"trace": {"trace_id": "t" * 32, "span_id": "s" * 16}},
    )  # fmt: skip
    (error,) = decoded(sentry).events
    assert type(error) is ErrorEvent
    assert (error.client_id, error.release, error.environment, error.user) == ("e" * 32, "shop@2", "prod", "u1")
    assert (error.trace_id, error.span_id, error.route, error.service) == ("t" * 32, "s" * 16, "checkout", "shop")
    assert (error.level, error.handled, error.crashed, error.message) == ("fatal", False, True, "said")
    assert error.occurred_at == NOW - HOUR
    assert [raised.type for raised in error.raised] == ["KeyError", "ShopError"]
    (frame,) = error.raised[1].frames
    assert (frame.filename, frame.abs_path, frame.function) == ("cart.js", "/srv/shop/cart.js", "apply")
    assert (frame.lineno, frame.colno, frame.in_app, frame.context_line) == (74, 24, True, "    me.apply(me, args);")
    assert error.data["breadcrumbs"] == crumbs
    kept = error.data["exception"]["values"][1]["stacktrace"]["frames"][0]
    assert (kept["pre_context"], kept["post_context"]) == (["  before"], ["  after"])


def test_an_event_is_public_and_belongs_to_the_service_that_is_told(sentry):
    sentry.take_in("1", "a" * 32, NOW - HOUR, tags=[{"key": "level", "value": "info"}], entries=[])
    (payload,) = pull(sentry).payloads
    assert (payload.trust, payload.received_at) == (TrustLabel.PUBLIC, NOW - HOUR)
    (log,) = decoded(sentry, service="web").events
    assert (type(log), log.service, log.severity) == (LogEvent, "web", 9)


def test_what_is_no_error_is_counted(sentry):
    for number, kind in enumerate(("transaction", "generic", "invented")):
        sentry.take_in("1", str(number), NOW - HOUR, type=kind)
    batch = api.decode([*pull(sentry, pull(sentry).state).payloads, *pull(sentry).payloads][:3], config(sentry))
    assert batch.rejected == {"unsupported_transaction": 1, "unsupported_generic": 1, "unsupported_item": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 9999])
def test_what_is_no_event_raises(sentry, body):
    payload = Payload(id="p", collector="sentry_api", path=api.LINE_PATH, received_at=NOW, body=body)
    with pytest.raises(ImproverError, match="not an event"):
        api.decode([payload], config(sentry))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
@settings(max_examples=80, deadline=None)
def test_any_event_is_read_or_refused(record):
    body = json.dumps({"eventID": "e", **record}).encode()
    payload = Payload(id="p", collector="sentry_api", path=api.LINE_PATH, received_at=NOW, body=body)
    try:
        batch = api.decode([payload], api.Config())
    except ImproverError as error:
        assert "not an event" in error.message
    else:
        assert len(batch.events) + sum(batch.rejected.values()) == 1


# Where it goes on.


def test_all_issues_and_all_their_events_come_page_by_page(sentry):
    for issue in range(8):
        for number in range(5):
            sentry.take_in(str(issue), f"{issue}{number}", NOW - HOUR)
    polled = pull(sentry)
    assert len(polled.payloads) < 40
    rest = pull(sentry, polled.state, NOW + timedelta(minutes=1))
    assert sorted(ids(polled) + ids(rest)) == sorted(f"{issue}{number}" for issue in range(8) for number in range(5))
    assert set(rest.state) == {"until"}


def test_after_a_sweep_it_rests_and_then_looks_at_what_is_new(sentry):
    sentry.take_in("1", "a", NOW - HOUR)
    polled = pull(sentry)
    asked = len(sentry.asked)
    assert pull(sentry, polled.state, NOW + timedelta(minutes=4)).payloads == ()
    assert len(sentry.asked) == asked
    sentry.take_in("1", "b", NOW + timedelta(minutes=3))
    sentry.take_in("2", "late", NOW - timedelta(minutes=4))
    assert ids(pull(sentry, polled.state, NOW + timedelta(minutes=6))) == ["b", "late"]


def test_the_first_pull_goes_back_as_far_as_it_is_told(sentry):
    sentry.take_in("1", "old", NOW - timedelta(days=8))
    sentry.take_in("1", "new", NOW - timedelta(days=6))
    assert ids(pull(sentry)) == ["new"]
    assert ids(pull(sentry, backfill_days=9)) == ["old", "new"]


def test_only_the_projects_that_are_told_are_pulled(sentry):
    sentry.take_in("1", "a", NOW - HOUR)
    sentry.take_in("2", "b", NOW - HOUR, project="toys")
    assert ids(pull(sentry, projects=["toys"])) == ["b"]
    assert "project=toys" in sentry.asked[0]


def test_an_issue_that_is_gone_costs_only_itself(sentry):
    sentry.take_in("1", "a", NOW - HOUR)
    listing = [{"id": "404", "project": {"slug": "shop"}}, {"id": "1", "project": {"slug": "shop"}}]
    sentry.answers = [(200, {}, listing)]
    polled = pull(sentry)
    assert (ids(polled), polled.rejected) == (["a"], {"issue_gone": 1})


def test_of_an_issue_without_end_the_newest_events_are_taken(sentry, monkeypatch):
    for number in range(9):
        sentry.take_in("1", str(number), NOW - HOUR)
    sentry.take_in("2", "other", NOW - HOUR)
    monkeypatch.setattr(_sentry_sweep, "MAX_PAGES", 2)
    polled = pull(sentry)
    assert (ids(polled), polled.rejected) == (["0", "1", "2", "3", "other"], {"issue_too_long": 1})


def test_a_page_that_is_too_long_is_asked_for_in_parts(sentry):
    sentry.page = 100
    for number in range(4):
        sentry.take_in("1", str(number), NOW - HOUR, message="x" * 1000)
    short, state, found = Patience(max_bytes=4000), {}, []
    for _ in range(8):
        polled = pull(sentry, state, patience=short)
        found, state = found + ids(polled), polled.state
    assert found == ["0", "1", "2", "3"]


# Limits.


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "90"}, 90), ({"X-Sentry-Rate-Limit-Reset": str(int(NOW.timestamp()) + 30)}, 30),
        ({}, 300), ({"X-Sentry-Rate-Limit-Reset": "soon"}, 300), ({"X-Sentry-Rate-Limit-Reset": "9" * 10}, 86_400),
    ],
)  # fmt: skip
def test_sentry_is_not_asked_before_it_wants_to_be(sentry, headers, seconds):
    sentry.take_in("1", "a", NOW - HOUR)
    sentry.answers = [(429, headers, {"detail": "You are attempting to use this endpoint too frequently."})]
    polled = pull(sentry)
    assert datetime.fromisoformat(polled.state["not_before"]) == NOW + timedelta(seconds=seconds)
    assert pull(sentry, polled.state, NOW + timedelta(seconds=seconds - 1)).payloads == ()
    assert len(sentry.asked) == 1
    assert ids(pull(sentry, polled.state, NOW + timedelta(seconds=seconds))) == ["a"]


def test_the_last_question_that_is_allowed_is_the_last(sentry):
    sentry.take_in("1", "a", NOW - HOUR)
    sentry.headers = {"X-Sentry-Rate-Limit-Remaining": "0", "X-Sentry-Rate-Limit-Reset": str(int(NOW.timestamp()) + 5)}
    polled = pull(sentry)
    assert (len(sentry.asked), ids(polled)) == (1, [])
    assert ids(pull(sentry, polled.state, NOW + timedelta(seconds=5))) == ["a"]


# What may go wrong.


@pytest.mark.parametrize(
    ("answer", "message", "retryable"),
    [
        (None, "cannot reach", True), ((500, {}, {"detail": "boom"}), "answered 500: boom", True),
        ((403, {}, {"detail": "no scope"}), "answered 403: no scope", False),
        ((502, {}, b"<html>"), "not with JSON", True),
        ((404, {}, {"detail": "gone"}), "answered 404", False), ((200, {}, {"a": 1}), "without a list", True),
        ((200, {}, [{"id": "../../x"}]), "named an issue", False), ((200, {}, [1]), "without a list", True),
    ],
)  # fmt: skip
def test_a_pull_that_fails_at_once_says_why(sentry, answer, message, retryable):
    sentry.answers = [answer]
    with pytest.raises(ImproverError, match=message) as failed:
        pull(sentry)
    assert failed.value.retryable is retryable


def test_what_came_before_a_failure_is_kept_and_the_rest_is_asked_again(sentry):
    for issue in ("1", "2"):
        sentry.take_in(issue, f"of {issue}", NOW - HOUR)
    issues = [{"id": issue, "project": {"slug": "shop"}} for issue in ("1", "2")]
    sentry.answers = [(200, {}, issues), (200, {}, sentry.issues["1"]), None]
    polled = pull(sentry)
    assert ids(polled) == ["of 1"]
    assert ids(pull(sentry, polled.state, NOW + timedelta(minutes=1))) == ["of 2"]


def test_a_missing_organization_or_token_is_said(sentry, monkeypatch):
    with pytest.raises(ImproverError, match="organization is empty"):
        pull(sentry, organization="")
    monkeypatch.delenv("SENTRY_AUTH_TOKEN")
    with pytest.raises(ImproverError, match="no Sentry token"):
        pull(sentry)


@pytest.mark.parametrize(
    "state", [{"sweep": {"issues": 3}}, {"sweep": {"issues": [["1"]], "rows": "x"}}, {"until": "x"}]
)
def test_a_state_that_nobody_wrote_begins_anew(sentry, state):
    sentry.take_in("1", "a", NOW - HOUR)
    if "sweep" in state:
        state["sweep"] |= {"start": "2026-11-20T00:00:00", "end": "2026-11-21T12:00:00"}
    assert ids(pull(sentry, state)) == ["a"]


# Through the whole of improver.


@pytest.fixture
def chosen(tmp_path, sentry):
    return Settings(data_dir=tmp_path, collectors={"sentry_api": {"organization": "acme", "base_url": sentry.url}})


def loaded(runtime):
    pipeline.digest(runtime)
    rows = runtime.warehouse.telemetry.rows("select client_id, collector from errors order by seq")
    return [(row["client_id"], row["collector"]) for row in rows]


def test_a_daemon_that_dies_between_two_polls_repeats_nothing(chosen, sentry):
    for number in range(3):
        sentry.take_in("1", f"e{number}", NOW - HOUR)
    with owned_runtime(chosen) as opened:
        runtime = replace(opened, clock=Clock())
        runtime.spool.append_now(pull(sentry).payloads)
        assert polling.poll(runtime, "sentry_api") == 3
        assert loaded(runtime) == [(f"e{number}", "sentry_api") for number in range(3)]


def test_what_a_pull_could_not_take_is_counted(chosen, sentry):
    sentry.answers = [(200, {}, [{"id": "404", "project": {"slug": "shop"}}])]
    with owned_runtime(chosen) as opened:
        runtime = replace(opened, clock=Clock())
        assert polling.poll(runtime, "sentry_api") == 0
        (row,) = runtime.warehouse.telemetry.rows("select collector, reason, items from rejections")
        assert tuple(row.values()) == ("sentry_api", "issue_gone", 1)


def test_an_app_that_reports_both_ways_is_counted_once(chosen, sentry):
    sentry.take_in("1", "a" * 32, NOW - timedelta(minutes=2))
    sentry.take_in("1", "b" * 32, NOW - timedelta(minutes=2))
    record = {
        "event_id": "a" * 32,
        "exception": {"values": [{"type": "E"}]},
        "timestamp": NOW.astimezone(UTC).isoformat(),
    }
    with owned_runtime(chosen) as opened:
        runtime = replace(opened, clock=Clock())
        payload = Payload(
            id="r", collector="sentry", path="/api/0/store/", received_at=NOW, body=json.dumps(record).encode()
        )
        runtime.spool.append_now([payload])
        assert loaded(runtime) == [("a" * 32, "sentry")]
        polling.poll(runtime, "sentry_api")
        assert loaded(runtime) == [("a" * 32, "sentry"), ("b" * 32, "sentry_api")]
