"""Events pulled from a PostHog that speaks real HTTP: none is lost, none comes twice, and its limits are kept."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from improver import pipeline, plugins, polling
from improver.config import Settings
from improver.errors import ImproverError
from improver.http import HttpxClient, Patience
from improver.model import ErrorEvent, TrustLabel, UsageEvent
from improver.opening import owned_runtime
from tests.collectors.fake_posthog import TOKEN, FakePostHog
from tests.world import NOW, Clock

api = plugins.load("collectors", "posthog_api")
NOW_MS = int(NOW.timestamp() * 1000)
HOUR_MS = 3_600_000


@pytest.fixture
def posthog(monkeypatch):
    monkeypatch.setenv("POSTHOG_PERSONAL_API_KEY", TOKEN)
    with FakePostHog(NOW_MS) as fake:
        yield fake


def config(posthog, **changed):
    return api.Config(**{"project": "7", "base_url": posthog.url, **changed})


def pull(posthog, state=None, now=NOW, patience=None, **changed):
    with HttpxClient(posthog.url, patience=patience or Patience()) as http:
        return api.pull(state or {}, config(posthog, **changed), http, now)


def pulled_ids(polled):
    return [json.loads(payload.body)["id"] for payload in polled.payloads]


def everything(posthog, **changed):
    """Pulls until nothing more comes; each page's ids."""
    state, pages = {}, []
    while True:
        page = pull(posthog, state, **changed)
        if not page.payloads:
            return pages
        pages.append(pulled_ids(page))
        state = page.state


# What comes.


def test_a_row_becomes_the_event_that_its_sdk_sent(posthog):
    listed = [
        {"type": "E", "value": "v", "stacktrace": {"frames": [{"filename": "a.py", "function": "f", "lineno": 3}]}}
    ]
    posthog.take_in("e1", NOW_MS - HOUR_MS, event="$exception", happened_ms=NOW_MS - 2 * HOUR_MS,
                    **{"$exception_list": listed, "$session_id": "s"})  # fmt: skip
    (payload,) = pull(posthog).payloads
    (error,) = api.decode([payload], config(posthog, service="shop")).events
    assert type(error) is ErrorEvent
    assert (error.client_id, error.user, error.session, error.service) == ("e1", "u1", "s", "shop")
    assert error.occurred_at == NOW - timedelta(hours=2)
    assert (error.raised[0].type, error.raised[0].frames[0].function) == ("E", "f")
    assert (payload.trust, payload.received_at) == (TrustLabel.PUBLIC, NOW - timedelta(hours=1))


def test_a_click_has_its_element_from_the_chain(posthog):
    posthog.take_in("e1", NOW_MS - HOUR_MS, event="$autocapture")
    posthog.rows[0]["elements_chain"] = 'a.x:attr__href="/\\"q"nth-child="1"text="Go; \\"now\\"";form:attr__id="f"'
    (click,) = api.decode(pull(posthog).payloads, config(posthog)).events
    assert (type(click), click.element) == (UsageEvent, 'a.x "Go; "now""')


def test_a_row_that_is_no_row_raises(posthog):
    posthog.take_in("e1", NOW_MS - HOUR_MS)
    (payload,) = pull(posthog).payloads
    with pytest.raises(ImproverError, match="not a row"):
        api.decode([replace(payload, body=b"[]")], config(posthog))
    broken = replace(payload, body=json.dumps({**json.loads(payload.body), "event": ""}).encode())
    assert api.decode([broken], config(posthog)).rejected == {"malformed_event": 1}


# Where it goes on.


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(api, "MAX_ROWS", 3)


def test_events_of_the_same_moment_are_neither_lost_nor_repeated(posthog, small_pages):
    for number in (5, 1, 4, 2, 3, 7, 6, 8):
        posthog.take_in(f"e{number}", NOW_MS - HOUR_MS)
    posthog.take_in("d0", NOW_MS - HOUR_MS + 1)
    assert everything(posthog) == [["e1", "e2", "e3"], ["e4", "e5", "e6"], ["e7", "e8", "d0"]]


def test_what_comes_late_is_found(posthog):
    posthog.take_in("e1", NOW_MS - HOUR_MS)
    page = pull(posthog)
    posthog.take_in("late", NOW_MS - HOUR_MS + 1, happened_ms=NOW_MS - 5 * 24 * HOUR_MS)
    assert pulled_ids(pull(posthog, page.state)) == ["late"]


def test_what_has_only_just_come_waits_until_all_of_its_time_is_there(posthog):
    posthog.take_in("new", NOW_MS - 60_000)
    page = pull(posthog)
    assert page.payloads == ()
    posthog.now_ms += 120_000
    assert pulled_ids(pull(posthog, page.state, now=NOW + timedelta(minutes=2))) == ["new"]


def test_the_first_pull_goes_back_as_far_as_it_is_told(posthog):
    posthog.take_in("old", NOW_MS - 8 * 24 * HOUR_MS)
    posthog.take_in("week", NOW_MS - 6 * 24 * HOUR_MS)
    assert everything(posthog) == [["week"]]
    assert everything(posthog, backfill_days=9) == [["old", "week"]]


def test_without_a_backfill_nothing_between_two_pulls_is_lost(posthog):
    page = pull(posthog, backfill_days=0)
    posthog.take_in("e1", NOW_MS + 1000)
    posthog.now_ms += 600_000
    assert pulled_ids(pull(posthog, page.state, now=NOW + timedelta(minutes=10), backfill_days=0)) == ["e1"]


def test_a_page_that_is_too_long_is_asked_for_in_parts(posthog):
    for number in range(4):
        posthog.take_in(f"e{number}", NOW_MS - HOUR_MS, text="x" * 1000)
    short, state, found = Patience(max_bytes=2500), {}, []
    for _ in range(40):
        page = pull(posthog, state, patience=short)
        found += pulled_ids(page)
        state = page.state
    assert found == ["e0", "e1", "e2", "e3"]


# What may go wrong.


def test_posthog_is_not_asked_before_it_wants_to_be(posthog):
    posthog.take_in("e1", NOW_MS - HOUR_MS)
    posthog.answers = [(429, {"Retry-After": "90"}, b'{"detail": "Request was throttled."}')]
    page = pull(posthog)
    for seconds in (1, 89):
        page = pull(posthog, page.state, now=NOW + timedelta(seconds=seconds))
        assert page.payloads == ()
    assert len(posthog.asked) == 1
    page = pull(posthog, page.state, now=NOW + timedelta(seconds=90))
    assert (pulled_ids(page), "not_before" in page.state) == (["e1"], False)


@pytest.mark.parametrize(
    ("said", "wait"),
    [("Sat, 21 Nov 2026 12:10:00 GMT", 10), ("", 5), ("soon", 5), ("999999999999", 24 * 60), ("-1", 5)],
)
def test_how_long_to_wait_is_read_however_it_is_said(posthog, said, wait):
    posthog.answers = [(429, {"Retry-After": said}, b"<html>slow down</html>")]
    assert pull(posthog).state["not_before"] == (NOW + timedelta(minutes=wait)).isoformat()


@pytest.mark.parametrize(
    ("answer", "message", "retryable"),
    [
        (None, "cannot reach", True),
        ((500, {}, b'{"detail": "boom"}'), "answered 500: boom", True),
        ((502, {}, b"<html>"), "not with JSON", True),
        ((403, {}, b'{"detail": "no scope"}'), "answered 403: no scope", False),
        ((200, {}, b'{"query_status": {"complete": false}}'), "without results", True),
        ((200, {}, b'{"results": [[1, 2]]}'), "a row that was not asked for", False),
        ((200, {"Content-Length": "100"}, b'{"results": ['), "cannot reach", True),
    ],
)
def test_a_pull_that_fails_says_why_and_leaves_the_state(posthog, answer, message, retryable):
    posthog.answers = [answer]
    with pytest.raises(ImproverError, match=message) as failed:
        pull(posthog)
    assert failed.value.retryable is retryable


def test_a_missing_project_or_key_is_said(posthog, monkeypatch):
    with pytest.raises(ImproverError, match="project is empty"):
        pull(posthog, project="")
    monkeypatch.delenv("POSTHOG_PERSONAL_API_KEY")
    with pytest.raises(ImproverError, match="no PostHog key"):
        pull(posthog)
    monkeypatch.setenv("POSTHOG_PERSONAL_API_KEY", "phx_wrong")
    with pytest.raises(ImproverError, match="answered 401"):
        pull(posthog)


def test_it_asks_well_below_what_posthog_allows():
    assert 3600 / api.EVERY <= 60


# Through the whole of improver.


@pytest.fixture
def settings(tmp_path, posthog):
    return Settings(data_dir=tmp_path, collectors={"posthog_api": {"project": "7", "base_url": posthog.url}})


def loaded(runtime):
    pipeline.digest(runtime)
    return [row["client_id"] for row in runtime.warehouse.telemetry.rows("select client_id from usage order by seq")]


def test_a_puller_runs_only_where_the_config_has_its_section(tmp_path, settings):
    with owned_runtime(settings) as runtime:
        assert "posthog_api" in polling.collectors(runtime)
    with owned_runtime(Settings(data_dir=tmp_path)) as runtime:
        assert "posthog_api" not in polling.collectors(runtime)


def test_a_daemon_that_dies_between_two_polls_loses_nothing_and_repeats_nothing(settings, posthog, small_pages):
    for number in range(7):
        posthog.take_in(f"e{number}", NOW_MS - HOUR_MS)
    with owned_runtime(settings) as opened:
        runtime = replace(opened, clock=Clock())
        assert polling.poll(runtime, "posthog_api") == 3
        # It is killed after the page is in the Spool, before the state says so.
        runtime.spool.append_now(pull(posthog, polling._state(runtime, "posthog_api")).payloads)
    with owned_runtime(settings) as opened:
        runtime = replace(opened, clock=Clock())
        assert loaded(runtime) == [f"e{number}" for number in range(6)]
        while polling.poll(runtime, "posthog_api"):
            pass
        assert loaded(runtime) == [f"e{number}" for number in range(7)]


def test_what_was_returned_and_not_kept_is_returned_again(settings, posthog):
    posthog.take_in("e1", NOW_MS - HOUR_MS)
    posthog.answers = [None]
    with owned_runtime(settings) as opened:
        runtime = replace(opened, clock=Clock())
        with pytest.raises(ImproverError):
            polling.poll(runtime, "posthog_api")
        assert polling.poll(runtime, "posthog_api") == 1
        assert loaded(runtime) == ["e1"]
