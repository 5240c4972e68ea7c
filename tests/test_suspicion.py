"""What the Scrubber leaves as it is, found without a look at each value: never anything that it would change."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from improver import plugins
from improver.model import Payload
from improver.scrub import MAX_TEXT, SCRUBBED, Scrubber
from improver.suspicion import is_innocent
from tests.recorded import runs
from tests.test_scrub import JWT, PEM

AT = datetime(2026, 11, 21, tzinfo=UTC)
FAST, SLOW = Scrubber(), Scrubber(looks=0)
KINDS = [Scrubber(emails=emails) for emails in (True, False)]

SECRETS = (
    "password=hunter2", "{'pwd': 'x'}", "Cookie: a", "Authorization: Basic dXNlcg==", "Bearer abc.def-123",
    "bearer\tabcdefgh", "basic\x0babcdefghijklmnopqrst", "TOKEN\nabcdefghijklmnopqrst", JWT, PEM, "ghp_" + "a1" * 18,
    "sk-" + "a" * 20, "AKIA" + "A1" * 8, "postgres://bob:pw@db", "4111 1111 1111 1111", "378282246310005",
    "3782 822463 10005", "123-45-6789", "a.b+c@example.co.uk", "/home/alice/x", "C:\\Users\\alice\\app.py",
    "C:/Users/alice/app.py", "\0", "\ud800", "pa\u017f\u017fword=x", "to\u212aen='x'", "SESS\u0130ONID: x", "api-key=1",
)  # fmt: skip
BEFORE = ("", "\n", "\t", "\r", "\b", "\f", "\x0b", "\x1f", "\x7f", '"', "\\", "\\n", "é", "x", "-", ".", " ", "\u2028")
NAMES = (
    "a", "key", "name", "value", "tags", "password", "pass-word", "X-Api-Key", "ip_address", "Pass", "pre_context",
    "stacktrace", "release", "é", "to\u212aen", "x" * 201, "data", "", "secret\u2014key", "cook.ie",
)  # fmt: skip

TEXTS = st.one_of(
    st.sampled_from(("a", "blue", "SELECT 1", "password", "token", "4111111111111112")),
    st.builds(lambda before, secret, after: before + secret + after, st.sampled_from(BEFORE), st.sampled_from(SECRETS),
              st.sampled_from(BEFORE)),
    st.text(st.characters(codec=None), max_size=20),
    st.text("0123456789-. ", max_size=24),
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(), st.sampled_from((4111111111111111, -4111111111111111)), TEXTS
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.tuples(st.sampled_from(NAMES), inner).map(list),
        st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=4),
    ),
    max_leaves=12,
)


def nested(depth, leaf="a"):
    for _ in range(depth):
        leaf = {"a": leaf}
    return leaf


def written(value):
    """Told apart by their kinds too: 1, 1.0 and True are equal."""
    return repr(value)


@settings(deadline=None, max_examples=150)
@given(TREES, st.sampled_from(NAMES))
@example(nested(63), "a")
@example(nested(64), "a")
@example(nested(70, [[]]), "a")
@example([{"tags": {str(n): n for n in range(101)}}], "a")
@example({"a": {"tags": [[str(n), n] for n in range(101)]}}, "a")
@example([[n] for n in range(101)], "tags")
@example([list(range(101))], "tags")
@example({"a": ["password", "hunter2"]}, "a")
@example({"a": {"key": "password", "value": "hunter2"}}, "a")
@example({"a": ({"password": "x"},)}, "a")
@example({"a": [float("nan")], "b": None}, "a")
@example({"a": 2**70, "b": -(2**65)}, "a")
@example({1: "a", None: "password=x"}, "a")
def test_looking_at_the_whole_first_changes_nothing(value, key):
    for fast in KINDS:
        slow = Scrubber(emails=fast.emails, looks=0)
        assert written(fast.value(value, key)) == written(slow.value(value, key))


RECORDS = st.dictionaries(st.sampled_from((*NAMES, "release", "$session_id")) | TEXTS, TREES, max_size=5)


@settings(deadline=None, max_examples=150)
@given(RECORDS)
@example({"a": {"$session_id": "s1", "plan": "free"}, "release": "shop@1.2", "$session_id": "s1"})
@example({"a": {"tags": {str(n): n for n in range(101)}}, "tags": {str(n): n for n in range(101)}, "b": 1})
@example({"a": {}, "key": "password", "value": "hunter2"})
@example({"a": {}, "release": "\0" + "x" * 17000, "token": float("nan"), "cookie": False})
@example({"a": {"password": ["x"], "b": [1]}, "b@example.org": 1})
@example(nested(70))
def test_looking_at_a_record_part_by_part_changes_nothing(record):
    for fast in KINDS:
        slow = Scrubber(emails=fast.emails, looks=0)
        assert written(fast.record(record)) == written(slow.value(record)) == written(slow.record(record))


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("before", BEFORE)
def test_no_secret_hides_behind_how_json_is_written(secret, before):
    for text in (before + secret, before + secret + before):
        value = {"a": [text], text: 1}
        assert written(FAST.value(value)) == written(SLOW.value(value))


def test_what_holds_nothing_is_not_even_copied():
    value = {"frames": [{"function": "pay", "lineno": 3, "vars": {"n": "1"}}], "said": "could not pay", "took": 1.5}
    assert FAST.value(value) is value
    assert SLOW.value(value) == value


@pytest.mark.parametrize("value", [{"a": "x" * MAX_TEXT}, {"a": object()}, {"a": {1}}, {"a": ("b",)}])
def test_what_is_too_long_or_no_json_is_in_doubt(value):
    assert not is_innocent(value, "", 0)


def test_only_the_part_that_holds_something_is_looked_through():
    kept = {"frames": [{"function": "pay"}]}
    clean = FAST.value({"exception": kept, "user": {"ip_address": "192.0.2.1"}})
    assert clean == {"exception": kept, "user": {"ip_address": SCRUBBED}}
    assert clean["exception"] is kept


def test_every_recorded_event_is_scrubbed_as_if_value_by_value():
    sentry = plugins.load("collectors", "sentry")
    sent = [one for name, requests in runs().items() if name.startswith("sentry-") for one in requests]
    events = [event for number, one in enumerate(sent) for event in sentry.decode([_payload(number, one)], None).events]
    assert len(events) > 50
    assert [FAST.event(event) for event in events] == [SLOW.event(event) for event in events]


def _payload(number, recorded):
    headers = {name.lower(): value for name, value in recorded.headers}
    encoding = headers.get("content-encoding", "")
    return Payload(
        id=str(number), collector="sentry", path=recorded.path.partition("?")[0], received_at=AT, body=recorded.body,
        content_encoding=encoding,
    )  # fmt: skip
