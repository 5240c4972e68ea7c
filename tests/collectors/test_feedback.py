"""The feedback Collector: what counts as a remark, in which shapes it may come, and what a bad one is told."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import plugins
from improver.errors import ImproverError
from improver.model import Payload, RemarkEvent, Request

feedback = plugins.load("collectors", "feedback")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
REMARK = {
    "goal": "export my list", "attempted": "the export button", "blocker": "nothing happens",
    "suggestion": "say that it is empty", "said": "a nuisance", "calls_wasted": 3, "about": "/export",
    "user": "u1", "session": "s1", "service": "shop", "environment": "production", "release": "r1",
    "id": "c1", "at": "2026-11-21T11:00:00Z",
}  # fmt: skip


def request(body, content_type="application/json", **headers):
    sent = {"content-type": content_type} | headers
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method="POST", path="/feedback", query={}, headers=sent, body=raw)


def check(body, content_type="application/json", **headers):
    return feedback.check(request(body, content_type, **headers), feedback.Config())


def decode(*bodies, content_type="application/json", encoding=""):
    payloads = [
        Payload(
            id=f"p{n}", collector="feedback", path="/feedback", received_at=NOW, content_type=content_type,
            content_encoding=encoding, body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        )
        for n, body in enumerate(bodies)
    ]  # fmt: skip
    return feedback.decode(payloads, feedback.Config())


def only(*bodies, **how) -> RemarkEvent:
    (event,) = decode(*bodies, **how).events
    return event


def test_a_remark_field_by_field():
    remark = only(REMARK)
    assert (remark.goal, remark.attempted, remark.blocker) == ("export my list", "the export button", "nothing happens")
    assert (remark.suggestion, remark.said, remark.calls_wasted) == ("say that it is empty", "a nuisance", 3)
    assert (remark.about, remark.route, remark.user, remark.session) == ("/export", "/export", "u1", "s1")
    assert (remark.service, remark.environment, remark.release) == ("shop", "production", "r1")
    assert (remark.client_id, remark.occurred_at.hour, remark.payload_id) == ("c1", 11, "p0")
    assert remark.data == REMARK


def test_a_plain_html_form_is_a_remark():
    body = b"goal=export&blocker=the+button+does+nothing&calls_wasted=2&user=u1"
    assert check(body, FORM) is None
    remark = only(body, content_type=FORM)
    assert (remark.blocker, remark.calls_wasted, remark.user) == ("the button does nothing", 2, "u1")


@pytest.mark.parametrize("content_type", ["text/plain", "", FORM, "application/json; charset=utf-8"])
def test_json_is_understood_whatever_it_is_called(content_type):
    """A page may only post text to another origin, and curl calls everything a form."""
    assert check(REMARK, content_type) is None
    assert only(REMARK, content_type=content_type).blocker == "nothing happens"


def test_plain_text_is_all_said():
    assert only(b"  I cannot log in\n", content_type="text/plain").said == "I cannot log in"


def test_an_agents_suggested_improvement_is_its_suggestion():
    assert only({"suggested_improvement": "one call for all"}).suggestion == "one call for all"


def test_a_compressed_remark_is_understood():
    body = gzip.compress(json.dumps(REMARK).encode())
    assert check(body, **{"content-encoding": "gzip"}) is None
    assert only(body, encoding="gzip").goal == "export my list"


@pytest.mark.parametrize(
    "body", [{}, {"goal": "buy"}, {"goal": "buy", "attempted": "all"}, {"blocker": " "}, {"said": []}, b""]
)
def test_what_names_no_problem_is_refused_with_what_is_missing(body):
    content_type = "text/plain" if body == b"" else "application/json"
    refusal = check(body, content_type)
    assert (refusal.status, refusal.reason) == (400, "no_problem")
    told = json.loads(refusal.body)
    assert all(name in told["detail"] for name in ("blocker", "suggestion", "said"))
    assert "e.g." in told["hint"]
    assert decode(body, content_type=content_type).rejected == {"no_problem": 1}


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "status", "reason"),
    [
        (b"{", "application/json", "", 400, "malformed"),
        (b"[1]", "application/json", "", 400, "malformed"),
        (b"{" * 100_000, "application/json", "", 400, "malformed"),
        (b"&".join(b"a=1" for _ in range(51)), FORM, "", 400, "malformed"),
        (b"--x\r\n", "multipart/form-data; boundary=x", "", 415, "multipart"),
        (b"x", "text/plain", "zip", 415, "unknown_encoding"),
        (b"x" * (256 * 1024 + 1), "text/plain", "", 413, "too_large"),
        (gzip.compress(b"x" * (1 << 20)), "text/plain", "gzip", 413, "too_large"),
        (b"nonsense", "text/plain", "gzip", 400, "malformed"),
    ],
)
def test_a_bad_body_is_refused_with_a_reason(body, content_type, encoding, status, reason):
    refusal = check(body, content_type, **{"content-encoding": encoding})
    assert (refusal.status, refusal.reason) == (status, reason)
    assert json.loads(refusal.body)["detail"]


def test_values_of_other_types_are_as_good_as_absent():
    remark = only({"said": "x", "calls_wasted": "many", "user": {"id": 1}, "about": ["a"], "at": "soon", "goal": 7})
    assert (remark.calls_wasted, remark.user, remark.about, remark.goal) == (0, "", "", "7")
    assert remark.occurred_at == NOW


def test_a_clock_that_is_ahead_is_not_believed():
    assert only({"said": "x", "at": "2030-01-01T00:00:00Z"}).occurred_at == NOW


def test_a_remark_that_cannot_be_read_is_raised_not_dropped():
    with pytest.raises(ImproverError):
        decode(b"{")


@pytest.mark.parametrize(
    ("headers", "query"),
    [({"x-improver-key": "k"}, {}), ({"authorization": "Bearer k"}, {}), ({}, {"key": "k"})],
)
def test_the_key_is_in_a_header_or_in_the_address(headers, query):
    asked = Request(method="POST", path="/feedback", query=query, headers=headers)
    assert feedback.key_of(asked) == "k"


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(max_size=5) | st.floats() | st.integers(), st.lists, max_leaves=5).flatmap(
        lambda value: st.fixed_dictionaries({name: st.just(value) for name in REMARK})
    ).map(lambda record: json.dumps(record).encode()),
    st.sampled_from(["application/json", FORM, "text/plain", "", "multipart/form-data"]),
    st.sampled_from(["", "gzip", "deflate", "br", "x"]),
)
def test_whatever_is_accepted_decodes(body, content_type, encoding):
    refusal = check(body, content_type, **{"content-encoding": encoding})
    if refusal:
        assert 400 <= refusal.status < 500
    else:
        assert len(decode(body, content_type=content_type, encoding=encoding).events) == 1
