"""Scrubbing: what must go goes, what tells failures apart stays, and hostile text costs no more than other text."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.model import ErrorEvent, Frame, Raised, SpanEvent
from improver.model.user import pseudonym
from improver.scrub import CUT, MAX_STACK, MAX_TEXT, SCRUBBED, Scrubber, holds_key, scrub, scrub_event

AT = datetime(2026, 11, 21, tzinfo=UTC)
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP"


@pytest.mark.parametrize(
    "key",
    [
        "password", "Passwd", "db_password", "client_secret", "X-Api-Key", "apiKey", "authorization", "access_token",
        "token", "csrfmiddlewaretoken", "X-CSRF-Token", "cookies", "Set-Cookie", "sessionid", "PHPSESSID",
        "private_key", "pwd", "ip_address", "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "x-real-ip", "client.address",
    ],
)  # fmt: skip
def test_a_value_under_a_telling_key_is_scrubbed_whatever_it_is(key):
    assert scrub({"a": [{key: "hunter2"}, [key, "hunter2"], {"key": key, "value": "hunter2"}]}) == {
        "a": [{key: SCRUBBED}, [key, SCRUBBED], {"key": key, "value": SCRUBBED}]
    }
    assert scrub({key: {"nested": 7}}) == {key: SCRUBBED}


@pytest.mark.parametrize("key", ["author", "keyboard", "input_tokens", "max_tokens", "passenger", "description"])
def test_an_innocent_key_keeps_its_value(key):
    assert scrub({key: "blue"}) == {key: "blue"}


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("login failed for password=hunter2 ", f"login failed for password={SCRUBBED} "),
        ("GET /x?token=abc&page=2", f"GET /x?token={SCRUBBED}&page=2"),
        ("{'password': 'hunter2', 'a': 1}", f"{{'password': {SCRUBBED}, 'a': 1}}"),
        ('{"api_key": "a b", "c": 2}', f'{{"api_key": {SCRUBBED}, "c": 2}}'),
        ('"{\\"secret\\": \\"a\\", \\"b\\": 1}"', f'"{{\\"secret\\": {SCRUBBED}, \\"b\\": 1}}"'),
        ('[("Authorization", "a b"), (b"cookie", b"c")]', f'[("Authorization", {SCRUBBED}), (b"cookie", b{SCRUBBED})]'),
        ("{'key': 'password', 'value': 'hunter2'}", f"{{'key': 'password', 'value': {SCRUBBED}}}"),
        ('"cookies": {"a": "b"}, "token": ["c"], "d": 1', f'"cookies": {SCRUBBED}, "token": {SCRUBBED}, "d": 1'),
        (r'{\\\"pwd\\\": \\\"a\\\", 1}', rf'{{\\\"pwd\\\": {SCRUBBED}, 1}}'),
        (r'"password": "a\nb\u00e9", 1', f'"password": {SCRUBBED}, 1'),
        ("{'cvv': '123', 'remote_addr': '192.0.2.1'}", f"{{'cvv': {SCRUBBED}, 'remote_addr': {SCRUBBED}}}"),
        ("Cookie: a=b | pwd='hunter2'", f"Cookie: {SCRUBBED}"),
        ("Authorization: Basic dXNlcg==\nHost: x", f"Authorization: {SCRUBBED}\nHost: x"),
        ("sent Bearer abc.def-123 to it", f"sent Bearer {SCRUBBED} to it"),
        (f"jwt {JWT} expired", f"jwt {SCRUBBED} expired"),
        ("ghp_" + "a1" * 18, SCRUBBED),
        (f"key:\n{PEM}\ndone", f"key:\n{SCRUBBED}\ndone"),
        (PEM[:40], SCRUBBED),
        ("postgres://bob:pw@db/shop", f"postgres://{SCRUBBED}@db/shop"),
        ("card 4111 1111 1111 1111.", f"card {SCRUBBED}."),
        ("card 378282246310005", f"card {SCRUBBED}"),
        ("ssn 123-45-6789", f"ssn {SCRUBBED}"),
        ("to a.b+c@example.co.uk.", f"to {SCRUBBED}."),
        ("/home/alice/shop/app.py", f"/home/{SCRUBBED}/shop/app.py"),
        ("C:\\Users\\alice\\app.py", f"C:\\Users\\{SCRUBBED}\\app.py"),
    ],
)
def test_secrets_and_people_inside_text_are_scrubbed(text, clean):
    assert scrub(text) == clean
    assert scrub({"vars": {"local": text}}) == {"vars": {"local": clean}}


@pytest.mark.parametrize(
    "text",
    [
        "division by zero", "KeyError: 'password'", "unexpected token: foo", "token expired", "max_tokens=100",
        "order 4111111111111112", "at 1795225595762000", "shop@1.2.3", "2026-11-21", "/srv/shop/app.py",
        "session 5f0c2a",
    ],
)  # fmt: skip
def test_what_tells_failures_apart_is_kept(text):
    assert scrub(text) == text


@pytest.mark.parametrize(
    "text", ['pwd="a" & (b"cookie", b"c")', "Cookie: a", "token={'a': 1}", "password: x", "Bearer abcdefgh"]
)
def test_what_is_scrubbed_stays_as_it_is_when_it_is_scrubbed_again(text):
    assert scrub(scrub(text)) == scrub(text)


def test_a_name_that_holds_a_secret_is_scrubbed_too():
    named = {"https://x.test/?token=abc": 1, "ann@shop.test": 2}
    assert scrub(named) == {f"https://x.test/?token={SCRUBBED}": 1, SCRUBBED: 2}


def test_source_code_loses_its_literals_and_keeps_its_names():
    lines = ["password = request.form['password']", "connect(password=pw)", "API_KEY = 'abc'"]
    assert scrub({"pre_context": lines}) == {"pre_context": [*lines[:2], f"API_KEY = {SCRUBBED}"]}


def test_e_mails_can_be_kept_on_request():
    assert Scrubber(emails=False).text("to bob@example.test, password=x") == f"to bob@example.test, password={SCRUBBED}"


def test_every_text_of_an_error_is_scrubbed_and_its_identity_kept():
    frame = Frame(filename="/home/bob/app.py", function="pay", context_line="TOKEN = 'abc'", lineno=3, in_app=True)
    event = ErrorEvent(
        payload_id="p1", client_id="4111111111111111", occurred_at=AT, user="bob@example.test", release="shop@1.2.io",
        route="/pay?token=abc", message="password=x", client_fingerprint=("secret=y",),
        raised=(Raised(type="ValueError", value="card 4111111111111111", frames=(frame,)),),
        data={"user": {"email": "bob@example.test"}, "request": {"cookies": {"a": "b"}}},
    )  # fmt: skip
    clean = scrub_event(event)
    assert (clean.payload_id, clean.client_id, clean.occurred_at) == ("p1", "4111111111111111", AT)
    assert clean.release == "shop@1.2.io"
    assert clean.user == pseudonym("bob@example.test")
    assert clean.route == f"/pay?token={SCRUBBED}"
    assert clean.message == f"password={SCRUBBED}"
    assert clean.client_fingerprint == (f"secret={SCRUBBED}",)
    assert clean.raised[0].value == f"card {SCRUBBED}"
    assert clean.raised[0].frames[0] == Frame(
        filename=f"/home/{SCRUBBED}/app.py", function="pay", context_line=f"TOKEN = {SCRUBBED}", lineno=3, in_app=True
    )
    assert clean.data == {"user": {"email": SCRUBBED}, "request": {"cookies": SCRUBBED}}


def test_a_span_is_scrubbed_too():
    clean = scrub_event(
        SpanEvent(payload_id="p", occurred_at=AT, name="/x?token=abc", duration_ms=1.5, data={"pwd": "x"})
    )
    assert (clean.name, clean.data, clean.duration_ms) == (f"/x?token={SCRUBBED}", {"pwd": SCRUBBED}, 1.5)


def test_users_stay_countable():
    users = ["bob@example.test", "Bob@Example.test ", "10.0.0.7", "::1", "u1", "Bob Smith"]
    names = [scrub_event(ErrorEvent(payload_id="p", occurred_at=AT, user=user)).user for user in users]
    assert names[0] == names[1] != names[2] != names[3]
    assert names[0].startswith("user:")
    assert names[4:] == ["u1", "Bob Smith"]
    assert [pseudonym(name) for name in names] == names


def test_depth_length_and_tags_are_capped():
    deep: list = []
    for _ in range(200):
        deep = [deep]
    assert json.dumps(scrub(deep)).replace(CUT, "").count("[") == 64
    assert CUT in json.dumps(scrub(deep))
    assert len(scrub("x" * 100_000)) == MAX_TEXT
    assert len(scrub({"stacktrace": "x" * 100_000})["stacktrace"]) == MAX_STACK
    assert len(scrub({"tags": {str(n): n for n in range(500)}})["tags"]) == 100
    assert len(scrub({"tags": [[str(n), n] for n in range(500)]})["tags"]) == 100


HOSTILE = [
    "a", "a@", "://a@b", "4 ", "4111 1111 1111 111", "password=", "eyJ", "eyJaaaaaaaa.", "eyJ-", "bearer a", "/home/",
    "secret ", "-----BEGIN PRIVATE KEY-----", "sk-", "123-45-", "a.", "token token ", "token='", 'key\\"', "\\",
    "cookie: {'a': ", "1-x=y&csrf-",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_64_kib_of_hostile_text_take_50_ms_at_most(unit):
    text = (unit * (MAX_STACK // len(unit) + 1))[:MAX_STACK]

    def seconds():
        start = time.thread_time()
        Scrubber().text(text, "stacktrace")
        return time.thread_time() - start

    def at_most(limit):
        # The best of several: other work on this machine is not what is measured.
        return any(seconds() < limit for _ in range(20))

    assert at_most(0.050)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(JSON)
def test_what_comes_out_is_json_that_every_store_takes(value):
    text = json.dumps(scrub(value), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode("utf-8")


def test_a_user_id_that_looks_like_a_card_stays_countable():
    event = SpanEvent(payload_id="p", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), user="4111111111111111")
    assert scrub_event(event).user == "4111111111111111"


def test_a_key_is_known_by_its_look_alone():
    assert all(map(holds_key, (PEM, JWT, f"x = '{JWT}'")))
    assert not any(map(holds_key, ("password = 'hunter2'", "ann@example.com", "token = read()", "task-" + "a" * 40)))
