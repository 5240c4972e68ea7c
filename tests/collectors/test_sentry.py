"""The Sentry Collector: what the real SDKs send, what nobody should send, and what both become."""

import io
import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
import sentry_sdk.envelope
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import plugins
from improver.collectors._sentry_envelope import items
from improver.errors import ImproverError
from improver.model import ErrorEvent, LogEvent, Payload, Request, SessionEvent, SpanEvent, TrustLabel
from tests.ingest import CAPTURES, NOW, Ingest

sentry = plugins.load("collectors", "sentry")
CONFIG = sentry.Config()
EVERY_CAPTURE = sorted(path.stem for path in CAPTURES.glob("sentry-*/*.json"))


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path)
    yield ingest
    ingest.spool.close()


def decoded(ingest, name):
    assert ingest.replay(name).status == 200
    return ingest.decoded()


def only(batch, kind):
    (event,) = batch.events
    assert type(event) is kind
    return event


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def store(*records):
    payloads = [
        Payload(id=str(n), collector="sentry", path=sentry.LINE_PATH, received_at=NOW, body=json.dumps(record).encode())
        for n, record in enumerate(records)
    ]
    return sentry.decode(payloads, CONFIG)


def one(record):
    return only(store(record), ErrorEvent)


def envelope(*items, header=b"{}"):
    return b"\n".join([header, *(line for item in items for line in item)])


def item(kind, content, **header):
    return json.dumps({"type": kind, **header}).encode(), content if isinstance(content, bytes) else json.dumps(
        content
    ).encode()


# What the SDKs send.


@pytest.mark.parametrize("name", EVERY_CAPTURE)
def test_every_recorded_request_is_accepted_and_decodes(ingest, name):
    answer = ingest.replay(name)
    assert answer.status == 200, answer.body
    batch = ingest.decoded()
    assert "malformed_item" not in batch.rejected
    assert "unsupported_item" not in batch.rejected
    assert len(batch.events) + sum(batch.rejected.values()) > 0


def test_a_python_exception_field_by_field(ingest):
    batch = decoded(ingest, "sentry-python-001")
    error = only(batch, ErrorEvent)
    payload = ingest.spooled()[0]
    assert batch.rejected == {}
    assert error.payload_id == payload.id
    assert error.occurred_at == at("2026-11-21T01:46:35.703374")
    assert error.client_id == "073dd37d719e4b069977c9dfe13b2c89"
    assert (error.service, error.environment, error.release, error.user) == ("", "dev", "demo@1.2.3", "u1")
    assert (error.trace_id, error.span_id) == ("f83295fba9504341b5fba603ea232074", "b724570e9b63b4ec")
    assert (error.route, error.platform, error.level, error.message) == ("checkout", "python", "error", "")
    assert (error.handled, error.crashed, error.client_fingerprint) == (True, False, ())
    (raised,) = error.raised
    assert (raised.type, raised.value) == ("ZeroDivisionError", "division by zero")
    assert [frame.function for frame in raised.frames] == ["<module>", "pay"]
    innermost = raised.frames[-1]
    assert (innermost.filename, innermost.abs_path) == ("sentry_py.py", "/srv/ap/clients/sentry_py.py")
    assert (innermost.module, innermost.lineno, innermost.in_app) == ("__main__", 9, True)
    assert innermost.context_line == "    total=sum(cart); return total/len([])"
    assert error.data["tags"] == {"plan": "free"}
    assert (payload.key_id, payload.trust, payload.content_encoding) == (ingest.key.id, TrustLabel.SERVER, "gzip")


def test_a_python_transaction_field_by_field(ingest):
    root, span = decoded(ingest, "sentry-python-002").events
    assert (type(root), type(span)) == (SpanEvent, SpanEvent)
    assert root.occurred_at == at("2026-11-21T01:46:35.690720")
    assert (root.client_id, root.release, root.environment) == ("8a28e47c1b5b4fcca63a1caeab0da11d", "demo@1.2.3", "dev")
    assert (root.name, root.route, root.op, root.status, root.user) == ("checkout", "checkout", "task", "", "u1")
    assert (root.trace_id, root.span_id, root.parent_id) == ("f83295fba9504341b5fba603ea232074", "b724570e9b63b4ec", "")
    assert (root.root, round(root.duration_ms, 3)) == (True, 67.152)
    assert "spans" not in root.data
    assert (span.name, span.op, span.root, span.route) == ("SELECT * FROM cart", "db.query", False, "checkout")
    assert (span.span_id, span.parent_id, span.trace_id) == ("af7afeb227aea571", root.span_id, root.trace_id)
    assert (round(span.duration_ms, 3), span.client_id) == (10.078, "")


def test_a_message_below_error_is_a_line_of_a_log(ingest):
    log = only(decoded(ingest, "sentry-python-003"), LogEvent)
    assert (log.body, log.severity, log.client_id) == ("hello from message", 13, "13ff2330b55048bbb9c5e362f07a5a8f")
    assert (log.release, log.environment, log.user, log.route) == ("demo@1.2.3", "dev", "u1", "checkout")


def test_a_logged_error_has_its_message_and_no_stack(ingest):
    error = only(decoded(ingest, "sentry-python-004"), ErrorEvent)
    assert (error.message, error.raised, error.handled) == ("payment failed for order 17", (), True)
    assert error.data["logentry"]["message"] == "payment failed for order %s"


def test_an_uncaught_python_exception_is_a_crash(ingest):
    error = only(decoded(ingest, "sentry-python-008"), ErrorEvent)
    assert (error.raised[0].type, error.raised[0].value) == ("RuntimeError", "boom at exit")
    assert (error.handled, error.crashed) == (False, True)


def test_a_python_session_field_by_field(ingest):
    session = only(decoded(ingest, "sentry-python-009"), SessionEvent)
    assert session.occurred_at == at("2026-11-21T01:46:35.762591")
    assert (session.session, session.user) == ("56c930fe-3895-45d2-9538-be0b8ba52a24", "u1")
    assert (session.release, session.environment) == ("demo@1.2.3", "dev")
    assert (session.started, session.ended_well, session.errored, session.crashed) == (1, 0, 1, 0)


def test_a_node_exception_comes_without_lengths_and_with_numeric_time(ingest):
    error = only(decoded(ingest, "sentry-node-005"), ErrorEvent)
    assert error.occurred_at.replace(microsecond=0) == at("2026-11-21T01:47:28")
    assert (error.platform, error.raised[0].type, error.user) == ("node", "TypeError", "u1")
    assert error.raised[0].frames[-1].in_app is True
    assert error.crashed is False


def test_a_node_transaction_comes_as_a_container_of_spans(ingest):
    span, root = decoded(ingest, "sentry-node-009").events
    assert (root.name, root.route, root.op, root.status, root.root) == ("checkout", "checkout", "task", "ok", True)
    assert (root.release, root.environment, root.user) == ("demo@1.2.3", "dev", "u1")
    assert (root.trace_id, root.span_id) == ("e0e72239e61347a2a1865cb073dd2a24", "ac46a77d8b1d1809")
    assert (root.occurred_at.replace(microsecond=0), round(root.duration_ms, 1)) == (at("2026-11-21T01:47:28"), 5.6)
    assert (span.name, span.route, span.root, span.parent_id) == ("SELECT", "checkout", False, root.span_id)


def test_a_browsers_page_loads_are_spans(ingest):
    events = decoded(ingest, "sentry-browser-002").events
    assert len(events) == 12
    told = {(type(event), event.route, event.release) for event in events}
    assert told == {(SpanEvent, "/static/sentry.html", "web@1")}


def test_an_uncaught_node_exception_is_a_crash(ingest):
    error = only(decoded(ingest, "sentry-node-011"), ErrorEvent)
    assert (error.level, error.handled, error.crashed) == ("fatal", False, True)


def test_a_node_message_has_a_typeless_exception_that_does_not_count_as_one(ingest):
    log = only(decoded(ingest, "sentry-node-006"), LogEvent)
    assert (log.severity, log.body) == (13, "hello")


def test_a_session_is_counted_once_over_its_updates(ingest):
    for name in ("sentry-node-004", "sentry-node-010", "sentry-browser-001", "sentry-browser-003"):
        assert ingest.replay(name).status == 200
    counts = [(s.started, s.ended_well, s.errored, s.crashed) for s in ingest.decoded().events]
    assert counts == [(1, 0, 0, 0), (0, 0, 0, 1), (1, 0, 0, 0), (0, 0, 1, 0)]


def test_a_browser_error_is_public_even_under_a_secret_key(ingest):
    error = only(decoded(ingest, "sentry-browser-004"), ErrorEvent)
    assert (error.raised[0].type, error.route, error.platform) == ("Error", "/static/sentry.html", "javascript")
    assert (error.handled, error.crashed) == (False, False)
    assert ingest.spooled()[0].trust is TrustLabel.PUBLIC


def test_a_browser_replay_with_binary_payload_is_passed_over(ingest):
    assert decoded(ingest, "sentry-browser-009").rejected == {
        "unsupported_replay_event": 1,
        "unsupported_replay_recording": 1,
    }


def test_brotli_decodes(ingest):
    error = only(decoded(ingest, "sentry-brotli-001"), ErrorEvent)
    assert (error.release, error.crashed) == ("app@9", True)


@pytest.mark.parametrize("name", ["sentry-spotlight-001", "sentry-spotlight-nodsn-001", "sentry-spotlight-node-001"])
def test_spotlight_is_taken_without_a_key_and_is_public(ingest, name):
    assert ingest.replay(name).status == 200
    payload = ingest.spooled()[0]
    assert (payload.key_id, payload.trust, payload.path) == ("", TrustLabel.PUBLIC, "/stream")
    batch = ingest.decoded()
    assert batch.rejected == {}
    assert len(batch.events) == 1


def test_a_key_is_found_in_header_query_and_dsn(ingest):
    key = ingest.key.value
    dsn = json.dumps({"dsn": f"http://{key}@127.0.0.1:4318/1"}).encode()
    asked = [
        ("/api/1/envelope/", [("X-Sentry-Auth", f"Sentry sentry_version=7, sentry_key={key}")], b"{}"),
        ("/api/1/envelope/", [("Authorization", f"Sentry sentry_key={key}")], b"{}"),
        (f"/api/1/envelope/?sentry_key={key}", [], b"{}"),
        ("/api/1/envelope", [], dsn),
        ("/stream", [], dsn),
    ]
    assert [ingest.ask("POST", path, headers, body).status for path, headers, body in asked] == [200] * 5
    assert [payload.key_id for payload in ingest.spooled()] == [ingest.key.id] * 5
    assert not any(key.encode() in json.dumps(payload.path).encode() for payload in ingest.spooled())


def test_the_event_id_is_answered(ingest):
    assert ingest.envelope(b'{"event_id": "abc"}').json == {"id": "abc"}
    assert ingest.envelope(b"{}").json == {}


APP = """
import sys
import sentry_sdk

sentry_sdk.init(dsn=sys.argv[1], traces_sample_rate=1.0, release="shop@1", environment="test")
sentry_sdk.set_user({"id": "u7"})
with sentry_sdk.start_transaction(op="task", name="checkout"):
    with sentry_sdk.start_span(op="db", name="SELECT 1"):
        pass
    try:
        1 / 0
    except ZeroDivisionError:
        sentry_sdk.capture_exception()
raise KeyError("uncaught")
"""


def test_a_real_sdk_reports_to_a_real_server(ingest, tmp_path):
    server = uvicorn.Server(uvicorn.Config(ingest.receiver, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    done = subprocess.run(
        [sys.executable, "-c", APP, ingest.key.dsn(f"http://127.0.0.1:{port}")],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    server.should_exit = True
    thread.join()
    assert "KeyError" in done.stderr
    events = ingest.decoded().events
    errors = [event for event in events if isinstance(event, ErrorEvent)]
    spans = [event for event in events if isinstance(event, SpanEvent)]
    assert [(e.raised[-1].type, e.route, e.crashed) for e in errors] == [
        ("ZeroDivisionError", "checkout", False),
        ("KeyError", "checkout", True),
    ]
    assert [(span.name, span.root) for span in spans] == [("checkout", True), ("SELECT 1", False)]
    assert {(e.release, e.environment, e.user) for e in errors + spans} == {("shop@1", "test", "u7")}
    assert {payload.trust for payload in ingest.spooled()} == {TrustLabel.SERVER}


# What is read leniently.


def test_a_chain_is_kept_in_order_and_is_unhandled_if_one_of_it_is():
    chain = [
        {"type": "KeyError", "value": "'a'"},
        {"type": "ShopError", "value": "no a", "mechanism": {"handled": False}},
    ]
    error = one({"exception": {"values": chain}})
    assert [raised.type for raised in error.raised] == ["KeyError", "ShopError"]
    assert (error.handled, error.crashed) == (False, False)


@pytest.mark.parametrize("shape", [lambda v: {"values": v}, lambda v: v, lambda v: v[0]])
def test_an_exception_comes_in_any_of_its_shapes(shape):
    assert one({"exception": shape([{"type": "E", "value": "v"}])}).raised[0].type == "E"


def test_types_are_read_leniently():
    frame = {"function": 7, "lineno": "12", "in_app": "yes", "filename": None, "context_line": ["x"]}
    error = one(
        {
            "timestamp": "1795225595.5", "user": {"id": 17.0}, "level": "ERROR", "release": 3, "transaction": None,
            "contexts": {"trace": ["?"]}, "tags": [["service", "api"], ["odd"], 3], "fingerprint": ["a", 1, None],
            "exception": {"values": [{"type": "E", "value": 42, "stacktrace": {"frames": [frame, "no", None]}}, None]},
        }
    )  # fmt: skip
    assert error.occurred_at == datetime.fromtimestamp(1795225595.5, UTC)
    assert (error.user, error.release, error.route, error.service) == ("17.0", "3", "", "api")
    assert (error.client_fingerprint, error.raised[0].value) == (("a", "1"), "42")
    (frame,) = error.raised[0].frames
    assert (frame.function, frame.lineno, frame.in_app, frame.filename, frame.context_line) == ("7", 12, None, "", "")


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"id": 0, "email": "a@b.test"}, "0"), ({"username": "bob", "email": "a@b.test"}, "bob"),
        ({"email": "a@b.test"}, "a@b.test"), ({"ip_address": "10.0.0.1"}, "10.0.0.1"),
        ({"ip_address": "{{auto}}"}, ""), ({}, ""), (None, ""), ("bob", ""),
    ],
)  # fmt: skip
def test_a_user_is_named_by_the_best_there_is(user, name):
    assert one({"user": user}).user == name


@pytest.mark.parametrize(
    "time", [None, "soon", "", 1e300, -1e300, [], True, "9999-12-31T23:59:59", "2026-11-21T12:01:01Z"]
)
def test_a_time_that_cannot_be_is_when_it_was_received(time):
    assert one({"timestamp": time}).occurred_at == NOW


def test_a_clock_that_is_a_little_ahead_is_believed():
    assert one({"timestamp": "2026-11-21T12:00:59Z"}).occurred_at > NOW


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"logentry": {"message": "a %s", "formatted": "a b"}, "message": "c"}, "a b"),
        ({"logentry": {"message": "a"}}, "a"), ({"logentry": "a"}, "a"),
        ({"message": {"formatted": "b"}}, "b"), ({"message": "c"}, "c"),
        ({"message": 5}, "5"), ({}, ""),
    ],
)  # fmt: skip
def test_a_message_comes_in_any_of_its_shapes(said, message):
    assert one(said).message == message


def test_a_crash_takes_the_stack_of_the_thread_that_crashed():
    def thread(function, **more):
        return {"stacktrace": {"frames": [{"function": function}]}, **more}

    threads = {"values": [thread("idle"), thread("worker", current=True), thread("boom", crashed=True)]}
    error = one({"level": "fatal", "exception": {"values": [{"type": "SIGSEGV", "value": "x"}]}, "threads": threads})
    assert [frame.function for frame in error.raised[0].frames] == ["boom"]
    logged = one({"message": "m", "threads": {"values": [thread("here", current=True)]}})
    assert (logged.raised[0].type, logged.raised[0].value, logged.raised[0].frames[0].function) == ("", "m", "here")


def test_a_deep_recursion_keeps_both_ends():
    frames = [{"function": str(n)} for n in range(1000)]
    kept = one({"exception": [{"type": "RecursionError", "stacktrace": {"frames": frames}}]}).raised[0].frames
    assert (len(kept), kept[0].function, kept[-1].function) == (250, "0", "999")


def test_the_default_fingerprint_is_none():
    assert one({"fingerprint": ["{{ default }}"]}).client_fingerprint == ()
    assert one({"fingerprint": ["{{ default }}", "x"]}).client_fingerprint == ("{{ default }}", "x")


def test_sessions_are_counted_as_their_client_counted_them():
    groups = [
        {"started": "2026-11-21T01:46:00Z", "exited": 5, "errored": 2, "crashed": 1},
        {"started": "2026-11-21T01:47:00Z", "exited": "3", "abnormal": 1, "errored": -4, "did": "u1"},
    ]
    body = envelope(item("sessions", {"aggregates": groups, "attrs": {"release": "r", "environment": "e"}}))
    batch = sentry.decode(
        [Payload(id="p", collector="sentry", path="/api/1/envelope/", received_at=NOW, body=body)], CONFIG
    )
    assert [(s.started, s.ended_well, s.errored, s.crashed, s.user) for s in batch.events] == [
        (8, 5, 2, 1, ""),
        (4, 3, 1, 0, "u1"),
    ]
    assert {(s.release, s.environment) for s in batch.events} == {("r", "e")}
    assert batch.events[0].occurred_at == at("2026-11-21T01:46:00")


# What nobody should send.


def test_one_bad_item_costs_that_item_only(ingest):
    good = {"exception": {"values": [{"type": "E"}]}}
    body = envelope(
        item("event", b"{not json", length=9),
        item("event", b"[1]", length=3),
        item("session", b"nonsense"),
        item("event", b'{"a":' * 5000 + b"1" + b"}" * 5000),
        item("invented", b"x"),
        item("event", good),
    )
    assert ingest.envelope(body).status == 200
    batch = ingest.decoded()
    assert [event.raised[0].type for event in batch.events] == ["E"]
    assert batch.rejected == {"malformed_item": 4, "unsupported_item": 1}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"nonsense", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}\nnonsense\n{}", "not JSON"),
        (b"{}\n[]\n{}", "not a JSON object"),
        (b"{" + b" " * 9000 + b"}", "longer than 8192"),
        (envelope(item("event", b"{}", length="2")), "number of bytes"),
        (envelope(item("event", b"{}", length=-1)), "number of bytes"),
        (envelope(item("event", b"{}", length=True)), "number of bytes"),
        (envelope(item("event", b"{}", length=10**30)), "number of bytes"),
        (envelope(item("event", b"{}", length=20)), "ends before"),
        (envelope(item("event", b'{"a": 1}', length=3)), "longer than its length"),
        (envelope(item("event", b"{}")) + b"\n\n" + b"more", "empty line"),
        (envelope(*[item("event", b"{}")] * 101), "100 items"),
    ],
)
def test_a_malformed_envelope_is_refused_with_what_is_wrong(ingest, body, says):
    answer = ingest.envelope(body)
    assert (answer.status, ingest.spooled()) == (400, [])
    assert says in answer.json["detail"]
    assert says in answer.headers["x-sentry-error"]
    assert ingest.receiver.counters()["sentry"] == {"payloads": 0, "rejected": {"malformed": 1}}


def test_a_body_that_is_not_what_its_encoding_says_is_refused(ingest):
    assert ingest.envelope(b"{}", [("Content-Encoding", "gzip")]).status == 400
    assert ingest.envelope(b"{}", [("Content-Encoding", "lzma")]).status == 415
    assert ingest.receiver.counters()["sentry"]["rejected"] == {"malformed": 1, "unknown_encoding": 1}


@pytest.mark.parametrize("length", [{}, {"length": 1_100_000}])
def test_an_event_above_one_mebibyte_is_refused_and_an_attachment_is_not(ingest, length):
    assert ingest.envelope(envelope(item("attachment", b"x" * 1_100_000, **length))).status == 200
    answer = ingest.envelope(envelope(item("event", b"x" * 1_100_000, **length)))
    assert (answer.status, ingest.receiver.counters()["sentry"]["rejected"]) == (413, {"too_large": 1})


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{}", 200), (b"", 400), (b"[]", 400), (b"{", 400), (b"[" * 9999, 400), (b" " * (1 << 21), 413)],
)
def test_a_store_request_is_one_event(ingest, body, status):
    assert ingest.ask("POST", f"/api/1/store/?sentry_key={ingest.key.value}", body=body).status == status


def test_an_unreadable_payload_is_an_error_so_that_it_can_be_set_aside():
    for path, body in (("/api/1/envelope/", b"nonsense"), (sentry.LINE_PATH, b"nonsense"), (sentry.LINE_PATH, b"3")):
        with pytest.raises(ImproverError):
            sentry.decode([Payload(id="p", collector="sentry", path=path, received_at=NOW, body=body)], CONFIG)


def test_when_there_is_no_room_clients_are_told_to_wait():
    reply = sentry.shed()
    assert (reply.status, reply.headers["x-sentry-rate-limits"]) == (429, "10::organization")


HEADERS = st.builds(
    lambda kind, length: json.dumps({"type": kind, "length": length}).encode(),
    st.sampled_from(["event", "session", "x", 3]),
    st.integers(-2, 40),
)
PARTS = (
    b"{}", b"", b'{"type": "event"}', b'{"type": "sessions"}', b'{"exception": [{"type": 1}]}', b'{"aggregates": [{}]}',
)  # fmt: skip
LINES = st.lists(st.binary(max_size=40) | HEADERS | st.sampled_from(PARTS), max_size=8)


@settings(deadline=None, max_examples=300)
@given(
    LINES,
    st.sampled_from(["", "gzip", "br", "deflate"]),
    st.sampled_from(["/api/1/envelope/", "/api/1/store/", "/stream"]),
)
def test_garbage_is_refused_or_decoded_and_never_breaks_anything(lines, encoding, path):
    body = b"\n".join(lines)
    request = Request(
        method="POST", path=path, query={}, headers={"content-encoding": encoding, "x-sentry-auth": "k=v,="}, body=body
    )
    assert isinstance(sentry.key_of(request), str)
    reply = sentry.examine(request, CONFIG)
    payload = Payload(id="p", collector="sentry", path=path, received_at=NOW, body=body, content_encoding=encoding)
    if reply.status == 200:
        sentry.decode([payload], CONFIG)
        return
    assert 400 <= reply.status < 500
    try:
        sentry.decode([payload], CONFIG)
    except ImproverError as error:
        assert error.message


@pytest.mark.parametrize(
    ("status", "said", "kept"),
    [
        ("error", "not_found", "not_found"),
        ("error", "invalid_argument", "invalid_argument"),
        ("error", "internal_error", "error"),
        ("error", "no such wallet", "error"),
        ("ok", "", "ok"),
    ],
)
def test_a_span_whose_answer_was_the_askers_doing_is_no_error(ingest, status, said, kept):
    told = {"sentry.status.message": {"type": "string", "value": said}}
    span = {"name": "GET", "span_id": "1", "is_segment": True, "status": status, "attributes": told}
    assert ingest.envelope(envelope(item("span", {"items": [span]}))).status == 200
    assert [event.status for event in ingest.decoded().events] == [kept]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "exception", "threads", "stacktrace", "message", "logentry", "user", "tags", "contexts", "timestamp", "level",
    "spans", "sid", "release", "fingerprint", "start_timestamp", "aggregates", "attrs", "errors", "status",
    "transaction", "platform", "type", "items", "attributes",
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(KEYS), JSON | st.fixed_dictionaries({"values": JSON, "trace": JSON, "frames": JSON})
    )
)
def test_a_record_of_any_shape_becomes_events_or_a_reason(record):
    for kind in ("event", "transaction", "span", "session", "sessions"):
        body = envelope(item(kind, record))
        payload = Payload(id="p", collector="sentry", path="/api/1/envelope/", received_at=NOW, body=body)
        sentry.decode([payload], CONFIG)


@pytest.mark.parametrize(
    ("op", "segment", "path", "route"),
    [
        ("http.server", "GET", "/cart/17", "GET /cart/17"),
        ("http.server", "GET /cart/:id", "/cart/17", "GET /cart/:id"),
        ("http.server", "GET", "", "GET"),
        ("http.client", "GET", "/prices", "GET"),
        ("pageload", "Pageload", "/cart/17", "/cart/17"),
        ("navigation", "/cart/:id", "/cart/17", "/cart/:id"),
    ],
)
def test_a_segment_without_a_routes_name_has_its_path_and_so_have_the_spans_below(ingest, op, segment, path, route):
    def span(name, number, **attributes):
        values = {"sentry.segment.name": segment, "sentry.segment.id": "1", **attributes}
        told = {name: {"type": "string", "value": value} for name, value in values.items()}
        return {"name": name, "span_id": number, "is_segment": number == "1", "attributes": told}

    above = span(segment, "1", **{"sentry.op": op, "url.path": path})
    below = span("SELECT", "2", **{"sentry.op": "db"})
    assert ingest.envelope(envelope(item("span", {"items": [below, above]}))).status == 200
    assert [event.route for event in ingest.decoded().events] == [route, route]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.one_of(
    JSON.map(lambda value: json.dumps(value).encode()),
    JSON.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.sampled_from([b"", b"null", b"1e999", b"-0", b"NaN", b'"\\ud800"', b"\xef\xbb\xbf{}", b"9" * 5000, b"[" * 5000,
                     b'{"a":1,"a":2}', b"12345678901234567890123", b'"\xff"', b"[1,]", b"01",
                     b'{"a":1.00000000000000005}']),
    st.binary(max_size=12),
)  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(["event", "transaction", "session", "attachment"]), CONTENTS), max_size=4))
def test_an_envelope_is_read_as_the_sdk_itself_reads_it(sent):
    body = envelope(*(item(kind, content, length=len(content)) for kind, content in sent))
    payload = Payload(id="p", collector="sentry", path="/api/1/envelope/", received_at=NOW, body=body)
    found = [one and (one.kind, _content_type(one.kind, one.header), one.content) for one in items(payload)]
    assert repr(found) == repr(as_the_sdk_reads(body))


def as_the_sdk_reads(body):
    stream, found = io.BytesIO(body), []
    stream.readline()
    while stream.tell() < len(body):
        try:
            one = sentry_sdk.envelope.Item.deserialize_from(stream)
        except (ValueError, RecursionError):
            found.append(None)
            continue
        content = one.payload.json if one.type in ("event", "transaction") else one.get_bytes()
        found.append((one.type, _content_type(one.type, one.headers), content))
    return found


def _content_type(kind, header):
    return header["content_type"] if kind in ("session", "attachment") else None
