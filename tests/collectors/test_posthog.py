"""The PostHog Collector: what the real SDKs send, what nobody should send, and what both become."""

import base64
import gzip
import json
import time
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import pipeline, plugins
from improver.analyze import analyze
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import ErrorEvent, Payload, ToolCallEvent, TrustLabel, UsageEvent
from improver.opening import owned_runtime
from tests.ingest import CAPTURES, NOW, Ingest

posthog = plugins.load("collectors", "posthog")
CONFIG = posthog.Config()
RECORDED_KEY = "phc_demo_project_key"
EVERY_CAPTURE = sorted(path.stem for path in CAPTURES.glob("posthog-*/*.json"))
SENT = {
    name
    for name in EVERY_CAPTURE
    if json.loads(next(CAPTURES.glob(f"*/{name}.json")).read_text())["path"].startswith(("/batch", "/e", "/i/"))
}
ASKED = [name for name in EVERY_CAPTURE if name not in SENT]
SENT = sorted(name for name in SENT if not name.endswith(("noconfig-005", "noconfig-012")))


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path, collector="posthog")
    ingest.knows(RECORDED_KEY)
    yield ingest
    ingest.spool.close()


def decoded(ingest, name):
    answer = ingest.replay(name)
    assert answer.status == 200, answer.body
    return ingest.decoded()


def named(batch, name):
    found = [event for event in batch.events if event.data["event"] == name]
    assert found, [event.data["event"] for event in batch.events]
    return found[0]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def payload(body, **more):
    plain = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Payload(id="p", collector="posthog", received_at=NOW, body=plain, **{"path": "/capture/"} | more)


def decode(body, **more):
    return posthog.decode([payload(body, **more)], CONFIG)


def one(record, **more):
    (event,) = decode(record, **more).events
    return event


def post(ingest, path, body, *headers):
    return ingest.ask("POST", path, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


PAGEVIEW = {"event": "$pageview", "distinct_id": "u1", "uuid": "e1", "properties": {"$current_url": "http://a/b"}}


# What the SDKs send.


@pytest.mark.parametrize("name", SENT)
def test_every_recorded_request_is_accepted_and_decodes(ingest, name):
    batch = decoded(ingest, name)
    assert batch.rejected == {}
    assert batch.events
    assert {event.client_id != "" for event in batch.events} == {True}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_only_asked_for_is_answered_and_leaves_nothing(ingest, name):
    assert ingest.replay(name).status == 200
    assert ingest.spooled() == []


def test_no_recorded_request_is_left_out():
    preflights = {"posthog-js-noconfig-005", "posthog-js-noconfig-012"}
    assert {*SENT, *ASKED} | preflights == set(EVERY_CAPTURE)
    assert len(EVERY_CAPTURE) == 60


def test_a_preflight_is_answered(ingest):
    answer = ingest.replay("posthog-js-noconfig-005")
    assert (answer.status, answer.headers["access-control-allow-headers"]) == (204, "content-type")


def test_a_python_exception_field_by_field(ingest):
    batch = decoded(ingest, "posthog-python-v0-003")
    error = named(batch, "$exception")
    assert type(error) is ErrorEvent
    assert error.client_id == "78826d95-5ece-4a3c-8107-7edba9cc18b5"
    # It was sent 967 µs after it happened, and arrived at NOW.
    assert error.occurred_at == NOW - (at("2026-11-21T01:46:37.582048") - at("2026-11-21T01:46:37.581077"))
    assert (error.user, error.session, error.service, error.release, error.environment) == ("u1", "", "", "", "")
    assert (error.platform, error.level, error.message) == ("python", "error", "")
    assert (error.handled, error.crashed, error.client_fingerprint) == (True, False, ())
    (raised,) = error.raised
    assert (raised.type, raised.value) == ("ZeroDivisionError", "division by zero")
    (frame,) = raised.frames
    assert (frame.filename, frame.abs_path) == ("ph_py.py", "/srv/ap/clients/ph_py.py")
    assert (frame.module, frame.function, frame.lineno, frame.in_app) == ("__main__", "<module>", 17, True)
    assert frame.context_line == "try: 1/0"
    assert error.data["properties"]["where"] == "pay"
    (kept,) = ingest.spooled()
    assert (kept.key_id, kept.trust, kept.path) == (ingest.key.id, TrustLabel.SERVER, "/batch/")


def test_an_exception_that_ended_a_process_is_a_crash(ingest):
    *_, python = decoded(ingest, "posthog-python-v0-003").events
    assert (python.level, python.handled, python.crashed) == ("fatal", False, True)


def test_a_node_exception_field_by_field(ingest):
    error = named(decoded(ingest, "posthog-node-002"), "$exception")
    assert (error.platform, error.handled, error.crashed) == ("node", True, False)
    (raised,) = error.raised
    assert (raised.type, raised.value) == ("TypeError", "Cannot read properties of null (reading 'x')")
    assert [frame.in_app for frame in raised.frames] == [False, True]
    assert raised.frames[-1].filename == "node/ph_node.js"
    assert (raised.frames[-1].module, raised.frames[-1].lineno) == ("ph_node", 9)
    assert raised.frames[-1].context_line.startswith("try{null.x}")


def test_a_node_exception_that_nobody_caught_is_a_crash(ingest):
    error = decoded(ingest, "posthog-node-uncaught-002").events[-1]
    assert (error.raised[0].value, error.crashed) == ("uncaught node boom", True)


def test_a_browser_exception_field_by_field(ingest):
    error = named(decoded(ingest, "posthog-js-007"), "$exception")
    assert (error.platform, error.handled, error.crashed) == ("javascript", False, False)
    assert (error.user, error.route) == ("u1", "/static/ph.html")
    assert error.session == "01a1fbcc-ce13-794a-bdd9-26c236fe7008"
    (raised,) = error.raised
    assert (raised.type, raised.value) == ("TypeError", "Cannot read properties of null (reading 'foo')")
    (frame,) = raised.frames
    assert (frame.filename, frame.lineno) == ("http://localhost:9130/static/ph.html?port=9131", 7)


def test_a_pageview_field_by_field(ingest):
    view = named(decoded(ingest, "posthog-js-002"), "$pageview")
    assert type(view) is UsageEvent
    assert view.occurred_at == NOW - timedelta(milliseconds=1)
    assert (view.name, view.client_id) == ("$pageview", "01a1fbcc-ce20-7cbd-a604-37307d300281")
    assert view.url == "http://localhost:9130/static/ph.html?port=9131"
    assert (view.route, view.element, view.device) == ("/static/ph.html", "", "Desktop")
    assert view.user == "01a1fbcc-cdf7-7291-864d-ae000f5713fa"
    assert view.session == "01a1fbcc-ce13-794a-bdd9-26c236fe7008"
    assert view.window == "01a1fbcc-ce13-794a-bdd9-26c3aed6149e"
    assert (ingest.spooled()[0].trust, view.data["properties"]["title"]) == (TrustLabel.PUBLIC, "Demo shop")


@pytest.mark.parametrize(
    ("name", "event", "element"),
    [
        ("posthog-js-006", "$autocapture", 'button#pay "Pay now"'),
        ("posthog-js-010", "$rageclick", 'button#dead "Dead button"'),
        ("posthog-js-008", "$dead_click", 'button#dead "Dead button"'),
        ("posthog-js-012", "$web_vitals", ""),
        ("posthog-js-011", "$pageleave", ""),
        ("posthog-js-004", "$identify", ""),
        ("posthog-js-006", "checkout_started", ""),
        ("posthog-js-noconfig-014", "$pageleave", ""),
        ("posthog-node-002", "$create_alias", ""),
        ("posthog-node-002", "$groupidentify", ""),
    ],
)
def test_what_people_do_is_usage(ingest, name, event, element):
    found = named(decoded(ingest, name), event)
    assert (type(found), found.name, found.element) == (UsageEvent, event, element)


def test_who_is_who_is_kept(ingest):
    batch = decoded(ingest, "posthog-node-002")
    assert named(batch, "$identify").data["properties"]["$set"] == {"email": "u1@e.test"}
    assert named(batch, "$create_alias").data["properties"]["alias"] == "anon-1"
    assert named(batch, "$groupidentify").data["properties"]["$group_key"] == "c1"


def test_the_newer_protocol_is_answered_event_by_event(ingest):
    for name in ("posthog-python-v1-001", "posthog-python-v1-zstd-001"):
        answer = ingest.replay(name)
        taken = [event for event in ingest.decoded().events if event.client_id in answer.json["results"]]
        assert {one["result"] for one in answer.json["results"].values()} == {"ok"}
        assert len(taken) == len(answer.json["results"]) >= 6
        assert named(ingest.decoded(), "checkout_started").session == "s-1"


def test_all_of_it_gets_into_the_warehouse_scrubbed(ingest, tmp_path):
    for name in SENT:
        ingest.replay(name)
    sent = ingest.spooled()
    with owned_runtime(Settings(data_dir=tmp_path / "data")) as runtime:
        runtime.spool.append_now(sent)
        pipeline.digest(runtime)
        telemetry = runtime.warehouse.telemetry
        counts = {
            table: telemetry.value(f"select count(*) from {table}") for table in ("errors", "usage", "quarantine")
        }
        leaked = telemetry.value("select count(*) from usage where data::varchar like '%@e%.test%'")
    assert counts["errors"] >= 12
    assert counts["usage"] >= 80
    assert (counts["quarantine"], leaked) == (0, 0)


# Every shape and wrapping of a body.


def wrapped(events):
    key = {"api_key": RECORDED_KEY}
    yield "batch", {**key, "batch": events}, ()
    yield "list", [{**event, "properties": {"token": RECORDED_KEY, **event["properties"]}} for event in events], ()
    yield "single", {**key, **events[0]}, ()
    plain = json.dumps({**key, "batch": events}).encode()
    yield "gzip", gzip.compress(plain), (("content-encoding", "gzip"),)
    yield "silent gzip", gzip.compress(plain), (("content-type", "text/plain"),)
    yield "deflate", zlib.compress(plain), (("content-encoding", "deflate"),)
    yield "zstd", zstandard.compress(plain), (("content-encoding", "zstd"),)
    yield "form", b"data=" + quote(base64.b64encode(plain), safe="").encode(), ()
    yield "careless form", b"data=" + base64.b64encode(plain), ()
    yield "form of gzip", b"data=" + quote(base64.b64encode(gzip.compress(plain))).encode(), ()
    yield "form of JSON", b"data=" + quote(plain).encode(), ()


SHAPES = list(wrapped([PAGEVIEW]))


@pytest.mark.parametrize(("shape", "body", "headers"), SHAPES, ids=[shape for shape, _, _ in SHAPES])
@pytest.mark.parametrize("path", ["/e/", "/capture", "/i/v0/e/", "/batch", "/track/", "/i/v0/ai/batch/"])
def test_every_shape_is_understood_on_every_path(ingest, path, shape, body, headers):
    assert post(ingest, path, body, *headers).json == {"status": 1}
    (view,) = ingest.decoded().events
    assert (view.name, view.client_id, view.user) == ("$pageview", "e1", "u1")


def test_what_is_said_of_a_person_has_a_name(ingest):
    said = [{"$token": RECORDED_KEY, "$distinct_id": "u1", "$set": {"plan": "free"}}]
    assert post(ingest, "/engage/", said).status == 200
    (event,) = ingest.decoded().events
    assert (event.name, event.user) == ("$set", "u1")


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/e/", [("authorization", f"Bearer {RECORDED_KEY}")]),
        (f"/e/?token={RECORDED_KEY}", []),
        (f"/e/?api_key={RECORDED_KEY}", []),
    ],
)
def test_the_key_may_be_outside_the_body(ingest, target, headers):
    assert post(ingest, target, PAGEVIEW, *headers).status == 200


# Who may send.


@pytest.mark.parametrize("path", ["/e/", "/batch/", "/flags/?v=2", "/i/v1/analytics/events"])
@pytest.mark.parametrize("key", [{"api_key": "phc_of_somebody_else"}, {}])
def test_an_unknown_project_is_told_as_posthog_tells_it(ingest, path, key):
    answer = post(ingest, path, {**key, "batch": [PAGEVIEW]})
    assert (answer.status, answer.json["code"], answer.json["type"]) == (401, "invalid_api_key", "authentication_error")
    assert ingest.spooled() == []


def test_a_browser_key_is_public_evidence(ingest):
    post(ingest, "/e/", {"api_key": ingest.public.value, "batch": [PAGEVIEW]})
    (kept,) = ingest.spooled()
    assert (kept.key_id, kept.trust) == (ingest.public.id, TrustLabel.PUBLIC)


# What is only asked for.


def test_there_are_no_feature_flags(ingest):
    for path in ("/flags/?v=2", "/flags", "/decide/?v=3", "/decide"):
        said = post(ingest, path, {"token": RECORDED_KEY, "distinct_id": "u1"}).json
        assert (said["flags"], said["featureFlags"], said["errorsWhileComputingFlags"]) == ({}, {}, False)


def test_the_remote_config_turns_on_what_tells_of_trouble_and_no_recording(ingest):
    answer = ingest.ask("GET", f"/array/{RECORDED_KEY}/config?ip=0")
    said = answer.json
    assert (said["token"], said["autocaptureExceptions"], said["captureDeadClicks"]) == (RECORDED_KEY, True, True)
    assert (said["capturePerformance"]["web_vitals"], said["autocapture_opt_out"]) == (True, False)
    assert (said["sessionRecording"], said["hasFeatureFlags"]) == (False, False)


def test_the_remote_config_is_a_script_for_the_snippet(ingest):
    answer = ingest.ask("GET", f"/array/{RECORDED_KEY}/config.js", [("origin", "http://shop.test")])
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "http://shop.test"
    assert f'all["{RECORDED_KEY}"]={{"config"' in answer.body.decode()


def test_the_remote_config_of_an_unknown_project_is_refused(ingest):
    assert ingest.ask("GET", "/array/phc_of_somebody_else/config").status == 401
    assert ingest.ask("GET", "/array/phc%22;alert(1)/config.js").status == 401


def test_a_script_that_is_not_here_says_which_package_to_add(ingest):
    answer = ingest.ask("GET", "/static/array.js")
    assert answer.status == 404
    assert "dist/array.js of the npm package posthog-js" in answer.json["detail"]
    assert "[collectors.posthog]" in answer.json["detail"]


@pytest.fixture
def scripts(tmp_path):
    folder = tmp_path / "node_modules/posthog-js/dist"
    folder.mkdir(parents=True)
    (folder / "array.js").write_text("/* array */")
    (folder / "array.js.map").write_text("{}")
    (folder.parent / "secret.js").write_text("secret")
    (folder / "linked.js").symlink_to(folder.parent / "secret.js")
    (folder / "folder.js").mkdir()
    (tmp_path / "ingest").mkdir()
    ingest = Ingest(tmp_path / "ingest", collector="posthog", config=posthog.Config(static=folder))
    yield ingest
    ingest.spool.close()


def test_scripts_come_from_the_pinned_package(scripts):
    for path in ("/static/array.js", "/static/1.449.2/array.js", "/static/array.js?v=1.449.2"):
        answer = scripts.ask("GET", path)
        assert (answer.status, answer.body) == (200, b"/* array */")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/static/linked.js", "/static/folder.js", "/static/array.js.map", "/static/absent.js",
        "/static/1.0/../array.js",
        "/static/..%2fsecret.js", "/static/%2e%2e/secret.js", "/static/1.0/..%2f..%2fsecret.js", "/static/%00array.js",
        "/static/.js", "/static/ARRAY.JS", "/static/x/y/array.js",
    ],
)  # fmt: skip
def test_nothing_else_is_served(scripts, path):
    assert scripts.ask("GET", path).status == 404


# When it happened.


def sent(timestamp, sent_at=None, **record):
    body = {"batch": [{"event": "x", "timestamp": timestamp, **record}], "sent_at": sent_at}
    return one(body, key_id="k").occurred_at


def test_a_clock_that_is_off_is_corrected_by_the_time_of_sending():
    ahead = NOW + timedelta(hours=3)
    assert sent(ahead.isoformat(), (ahead + timedelta(seconds=5)).isoformat()) == NOW - timedelta(seconds=5)
    behind = NOW - timedelta(hours=3)
    assert sent(behind.isoformat(), (behind + timedelta(seconds=5)).isoformat()) == NOW - timedelta(seconds=5)


def test_a_client_that_wants_its_time_kept_has_it_kept():
    told = NOW - timedelta(hours=3)
    assert sent(told.isoformat(), told.isoformat(), properties={"$ignore_sent_at": True}) == told
    assert sent(told.isoformat(), told.isoformat(), options={"disable_skew_correction": True}) == told


def test_a_time_ago_counts_from_the_arrival():
    assert sent("", offset=1500) == NOW - timedelta(seconds=1.5)


def test_a_time_that_is_no_time_or_to_come_is_the_arrival():
    for told in ("", "soon", None, [1], "9999-12-31T23:59:59Z", (NOW + timedelta(hours=1)).isoformat()):
        assert sent(told) == NOW
    assert sent("9999-12-31T23:59:59Z", (NOW - timedelta(hours=1)).isoformat()) == NOW


def test_a_line_of_a_file_was_not_sent_just_now():
    record = {"event": "x", "timestamp": "2026-11-20T12:00:00Z", "sent_at": "2026-11-20T12:00:01Z"}
    assert one(record).occurred_at == at("2026-11-20T12:00:00")


# What is in an exception.


def exception(**properties):
    return one({"event": "$exception", "distinct_id": "u", "properties": properties})


def test_a_chain_ends_with_the_exception_that_surfaced():
    listed = [{"type": "ShopError", "value": "no price"}, {"type": "KeyError", "value": "'price'"}]
    assert [raised.type for raised in exception(**{"$exception_list": listed}).raised] == ["KeyError", "ShopError"]


def test_resolved_frames_are_read_too():
    frame = {
        "raw_id": "r", "mangled_name": "t", "line": 7, "column": 2, "source": "src/pay.ts", "in_app": True,
        "resolved_name": "pay", "lang": "javascript", "resolved": True,
        "context": {"before": [], "line": {"number": 7, "line": "charge(null)"}, "after": []},
    }  # fmt: skip
    listed = [{"type": "E", "value": "v", "stacktrace": {"type": "resolved", "frames": [frame]}}]
    error = exception(**{"$exception_list": listed})
    (found,) = error.raised[0].frames
    assert (found.filename, found.function, found.lineno, found.context_line) == (
        "src/pay.ts",
        "pay",
        7,
        "charge(null)",
    )
    assert error.platform == "javascript"


def test_a_fingerprint_is_the_clients_wish_unless_the_server_made_it():
    assert exception(**{"$exception_fingerprint": "mine"}).client_fingerprint == ("mine",)
    made = {"$exception_fingerprint": "ab12", "$exception_fingerprint_record": []}
    assert exception(**made).client_fingerprint == ()


def test_an_exception_without_a_list_keeps_its_type_and_message():
    (raised,) = exception(**{"$exception_type": "E", "$exception_message": "m"}).raised
    assert (raised.type, raised.value) == ("E", "m")


def test_release_environment_and_service_come_from_properties():
    error = exception(**{"$app_version": "1.2", "environment": "staging", "service": "shop"})
    assert (error.release, error.environment, error.service) == ("1.2", "staging", "shop")
    assert exception(**{"$app_version": "1.2", "$release_id": "abc"}).release == "abc"


# What was acted on.


def clicked(chain="", **properties):
    return one({"event": "$autocapture", "properties": {"$elements_chain": chain, **properties}}).element


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        ('button.b:attr__class="b"attr__id="save"nth-child="2"text="Save";body:nth-child="1"', 'button#save "Save"'),
        ('button.btn:attr__class="btn"text="Save  all"', 'button.btn "Save all"'),
        ('input:attr__name="q";form:attr__id="f"', 'input[name="q"]'),
        ('div.md:flex.w-2:attr__data-attr="cart"', 'div[data-attr="cart"]'),
        ('svg.icon;button.x;form:attr__id="pay-form";body', "form#pay-form > svg.icon"),
        ('button:attr__id=":r1a:"text="Go"', 'button "Go"'),
        ('button:attr__id="ember1234"text="Go"', 'button "Go"'),
        ('a:attr__href="/a;b"text="say \\"hi\\"; go"', 'a "say "hi"; go"'),
        ("body", "body"),
        ("", ""),
        ('"', ""),
    ],
)  # fmt: skip
def test_an_element_has_a_short_name_that_stays(chain, name):
    assert clicked(chain) == name


def test_an_element_that_came_as_a_list_has_the_same_name():
    listed = [{"tag_name": "button", "$el_text": "Save", "attr__id": "save", "classes": ["btn"]}, {"tag_name": "form"}]
    assert clicked(**{"$elements": listed}) == 'button#save "Save"'


def test_a_chain_made_to_be_slow_is_not():
    began = time.monotonic()
    for chain in ('"' + '\\"' * 100_000, 'a="' * 50_000, "a" * 100_000, ";" * 100_000, "\\" * 100_000):
        clicked(chain)
    assert time.monotonic() - began < 2


# Agents.


def ai(name, **properties):
    return decode({"event": name, "distinct_id": "u1", "uuid": "e", "properties": properties}).events


def test_a_span_of_a_tool_is_a_tool_call():
    (call,) = ai(
        "$ai_span",
        **{
            "$ai_trace_id": "t", "$ai_span_id": "s", "$ai_span_type": "tool", "$ai_span_name": "search",
            "$ai_input_state": '{"q": "cart", "a": 1}', "$ai_output_state": [1, 2], "$ai_latency": 0.25,
            "$ai_is_error": True, "$ai_error": "timed out", "$ai_framework": "openai-agents",
        },
    )  # fmt: skip
    assert type(call) is ToolCallEvent
    assert (call.tool, call.arguments, call.result) == ("search", '{"a":1,"q":"cart"}', "[1,2]")
    assert (call.error, call.duration_ms, call.call_id) == ("timed out", 250.0, "s")
    assert (call.agent, call.conversation, call.trace_id, call.span_id) == ("openai-agents", "t", "t", "s")
    assert (call.user, call.client_id) == ("u1", "e")


def test_tools_that_a_model_asked_for_are_tool_calls():
    asked = [{"type": "function", "id": f"c{n}", "function": {"name": "get", "arguments": {"n": n}}} for n in (1, 2)]
    first, second = ai(
        "$ai_generation",
        **{
            "$ai_trace_id": "t", "$ai_model": "m", "$ai_input_tokens": 7, "$ai_output_tokens": 3,
            "$ai_output_choices": [{"role": "assistant", "content": [{"type": "text", "text": "…"}, *asked]}],
        },
    )  # fmt: skip
    assert (first.tool, first.call_id, first.arguments) == ("get", "c1", '{"n":1}')
    assert (first.model, first.input_tokens, first.output_tokens) == ("m", 7, 3)
    assert (second.call_id, second.model, second.input_tokens) == ("c2", "m", 0)


def test_a_call_that_its_framework_tells_of_counts_once():
    choices = [{"content": [{"type": "function", "id": "c", "function": {"name": "get"}}]}]
    (event,) = ai("$ai_generation", **{"$ai_framework": "claude-agent-sdk", "$ai_output_choices": choices})
    assert (type(event), event.name) == (UsageEvent, "$ai_generation")


@pytest.mark.parametrize("name", ["$ai_generation", "$ai_span", "$ai_trace", "$ai_embedding"])
def test_where_no_tool_was_called_it_is_usage(name):
    (event,) = ai(name, **{"$ai_trace_id": "t"})
    assert (type(event), event.name, event.trace_id) == (UsageEvent, name, "t")


def test_a_call_that_an_mcp_server_saw_is_a_tool_call():
    (call,) = ai(
        "$mcp_tool_call",
        **{
            "$mcp_tool_name": "list_orders", "$mcp_parameters": {"limit": 1}, "$mcp_response": {"isError": True},
            "$mcp_is_error": True, "$mcp_error_message": "no such user", "$mcp_duration_ms": 12,
            "$mcp_client_name": "claude", "$session_id": "s",
        },
    )  # fmt: skip
    assert (call.tool, call.arguments, call.error) == ("list_orders", '{"limit":1}', "no such user")
    assert (call.agent, call.conversation, call.duration_ms) == ("claude", "s", 12.0)


# A file of them.


def test_lines_of_a_file_are_analysed(tmp_path):
    frames = [{"filename": "shop.py", "function": "average", "lineno": 6, "in_app": True, "platform": "python"}]
    listed = [{"type": "ZeroDivisionError", "value": "division by zero", "stacktrace": {"frames": frames}}]
    line = {"event": "$exception", "timestamp": NOW.isoformat(), "properties": {"$exception_list": listed}}
    (tmp_path / "events.jsonl").write_text(f"{json.dumps(line)}\n{json.dumps(PAGEVIEW)}\n{{\n")
    found = analyze(Settings(data_dir=tmp_path), [tmp_path / "events.jsonl"], "posthog")
    assert [event.kind for event in found.events] == ["error"]
    assert len(found.findings) == 1
    assert found.unreadable == (f"{tmp_path / 'events.jsonl'}:3",)


# What nobody should send.


def test_one_bad_event_costs_that_event_only():
    batch = decode({"batch": [PAGEVIEW, 7, {"properties": {}}, {"event": "$snapshot"}, PAGEVIEW]})
    assert len(batch.events) == 2
    assert batch.rejected == {"malformed_event": 2, "unsupported_recording": 1}


def test_an_event_of_more_than_two_mebibytes_costs_that_event_only():
    huge = {"event": "x", "properties": {"text": "x" * (2 << 20)}}
    batch = decode({"batch": [PAGEVIEW, huge]})
    assert (len(batch.events), batch.rejected) == (1, {"too_large_event": 1})


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"{", [], 400, "malformed"),
        (b"7", [], 400, "malformed"),
        (b"", [], 400, "malformed"),
        (b"data=%%%", [], 400, "malformed"),
        (b"[" * 100_000, [], 400, "malformed"),
        (b"\x1f\x8bnonsense", [], 400, "malformed"),
        (b"{}", [("content-encoding", "rot13")], 415, "unknown_encoding"),
        (gzip.compress(b" " * (21 << 20)), [], 413, "too_large"),
        (b"[" + b"{}," * 10_001 + b"{}]", [], 413, "too_large"),
        (b'{"batch": [[' + b"{}," * 800_000 + b"{}]]}", [], 413, "too_large"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(ingest, body, headers, status, reason):
    answer = post(ingest, f"/e/?token={RECORDED_KEY}", body, *headers)
    assert (answer.status, answer.json["type"]) == (status, "validation_error")
    assert ingest.receiver.counters()["posthog"]["rejected"] == {reason: 1}


def test_what_cannot_be_understood_raises():
    with pytest.raises(ImproverError, match="not JSON"):
        decode(b"{")


def test_a_body_that_cannot_be_read_shows_no_key_and_breaks_nothing(ingest, caplog):
    assert post(ingest, "/e/", b"{").status == 401
    assert caplog.records == []


def test_an_overloaded_daemon_is_tried_again(ingest):
    ingest.receiver._quota.takes = lambda key_id: False
    answer = post(ingest, "/e/", {"api_key": RECORDED_KEY, **PAGEVIEW})
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["$exception", "$pageview", "$autocapture", "$ai_span", "$ai_generation", "$mcp_tool_call", "$set", "x", ""]
)
FIELDS = st.sampled_from(
    [
        "$exception_list", "$elements", "$elements_chain", "$current_url", "$ai_output_choices", "$ai_input_state",
        "$session_id", "distinct_id", "$exception_fingerprint", "$ai_latency", "$time", "$ai_span_type", "$el_text",
    ]
)  # fmt: skip
FRAME = st.dictionaries(st.sampled_from(["filename", "lineno", "in_app", "function", "context", "platform"]), ANYTHING)
LISTED = st.lists(
    st.fixed_dictionaries({"type": ANYTHING, "stacktrace": st.fixed_dictionaries({"frames": st.lists(FRAME)})})
)
RECORD = st.fixed_dictionaries(
    {
        "event": NAMES | ANYTHING,
        "properties": st.dictionaries(FIELDS, ANYTHING | LISTED | st.just("tool")) | ANYTHING,
        "timestamp": ANYTHING,
        "offset": ANYTHING,
        "uuid": ANYTHING,
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(RECORD | ANYTHING, max_size=4), ANYTHING)
def test_whatever_is_in_an_event_no_decoding_breaks(records, sent_at):
    body = json.dumps({"batch": records, "sent_at": sent_at})
    batch = decode(body.encode(), key_id="k")
    assert len(batch.events) + sum(batch.rejected.values()) >= len(records)
    json.dumps([event.data for event in batch.events])


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=60),
    st.sampled_from(["", "gzip", "deflate", "zstd", "br"]),
    st.sampled_from([b"", b"data=", b"\x1f\x8b"]),
)
def test_whatever_the_bytes_are_they_are_understood_or_refused(body, encoding, prefix):
    try:
        decode(prefix + body, content_encoding=encoding)
    except ImproverError as error:
        assert error.message
