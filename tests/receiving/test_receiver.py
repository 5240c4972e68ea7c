"""The ingest origin: who gets in, with what, what they are told, and that nothing hostile breaks or stalls it."""

import asyncio
import gzip
import json
import tracemalloc
from datetime import timedelta

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from improver import fixes
from improver.config import settings as config
from improver.keys import Keys
from improver.model import TrustLabel
from improver.receiving.receiver import Limits
from tests.ingest import NOW, Ingest

MIB = 1 << 20
ENVELOPE = b'{"event_id": "e1"}\n{"type": "event"}\n{"message": "hello"}'
PATH = "/api/1/envelope/"


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path)
    yield ingest
    ingest.spool.close()


def rejected(ingest):
    return ingest.receiver.counters()["sentry"]["rejected"]


def test_what_is_acked_is_in_the_spool_as_it_came(ingest):
    answer = ingest.envelope(gzip.compress(ENVELOPE), [("Content-Encoding", "gzip"), ("Content-Type", "text/plain")])
    assert (answer.status, answer.json) == (200, {"id": "e1"})
    (payload,) = ingest.spooled()
    assert gzip.decompress(payload.body) == ENVELOPE
    assert (payload.collector, payload.path, payload.received_at) == ("sentry", PATH, NOW)
    assert (payload.content_type, payload.content_encoding, payload.key_id) == ("text/plain", "gzip", ingest.key.id)
    assert ingest.receiver.counters() == {"sentry": {"payloads": 1, "rejected": {}}}


def test_each_payload_has_an_id_of_its_own(ingest):
    assert [ingest.envelope(ENVELOPE).status for _ in range(3)] == [200] * 3
    assert len({payload.id for payload in ingest.spooled()}) == 3


def test_credentials_are_not_stored(ingest):
    secret = ingest.key.value
    headers = [
        ("Authorization", "Bearer s3cret"),
        ("Cookie", "session=s3cret"),
        ("X-Sentry-Auth", f"Sentry sentry_key={secret}"),
    ]
    assert ingest.ask("POST", f"{PATH}?sentry_key={secret}&token=s3cret", headers, ENVELOPE).status == 200
    stored = b"".join(path.read_bytes() for path in ingest.spool._directory.iterdir())
    assert b"s3cret" not in stored
    assert secret.encode() not in stored


# Keys and trust.


def test_without_a_key_nothing_gets_in(ingest):
    missing = ingest.ask("POST", PATH, body=ENVELOPE)
    unknown = ingest.envelope(ENVELOPE, key="0" * 32)
    assert (missing.status, unknown.status) == (401, 403)
    assert "improver connect" in unknown.json["detail"]
    assert rejected(ingest) == {"missing_key": 1, "unknown_key": 1}
    assert ingest.spooled() == []


@pytest.mark.parametrize("header", ["Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"])
def test_a_browsers_header_makes_evidence_public(ingest, header):
    assert ingest.envelope(ENVELOPE).status == 200
    assert ingest.envelope(ENVELOPE, [(header, "http://shop.test")]).status == 200
    assert ingest.envelope(ENVELOPE, key=ingest.public.value).status == 200
    assert [payload.trust for payload in ingest.spooled()] == [TrustLabel.SERVER, TrustLabel.PUBLIC, TrustLabel.PUBLIC]


def test_a_keyless_path_takes_an_unknown_key_as_none(ingest):
    assert ingest.ask("POST", "/stream", body=ENVELOPE).status == 200
    assert ingest.ask("POST", "/stream", [("X-Sentry-Auth", "Sentry sentry_key=theirs")], ENVELOPE).status == 200
    assert {(payload.key_id, payload.trust) for payload in ingest.spooled()} == {("", TrustLabel.PUBLIC)}


# Limits.


@pytest.mark.parametrize("chunk", [1 << 16, 4 * MIB])
def test_a_body_above_the_limit_is_refused_and_not_held(tmp_path, chunk):
    ingest = Ingest(tmp_path, max_body_mb=1)
    assert ingest.envelope(b"{}\n" + b" " * (MIB - 3)).status == 200
    body = b"{}" + b" " * MIB
    tracemalloc.start()
    answer = ingest.ask("POST", PATH, [("X-Sentry-Auth", f"sentry_key={ingest.key.value}")], body, chunk)
    tracemalloc.stop()
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    assert rejected(ingest) == {"too_large": 1}
    assert ingest.receiver._held == ingest.receiver._in_flight == 0
    ingest.spool.close()


def test_an_endless_body_is_not_read_to_its_end(tmp_path):
    ingest = Ingest(tmp_path, max_body_mb=1)
    read = 0

    async def receive():
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    answer = asyncio.run(ingest.call("POST", PATH, [("X-Sentry-Auth", f"sentry_key={ingest.key.value}")], receive))
    assert (answer.status, read) == (413, 32)
    ingest.spool.close()


@pytest.mark.parametrize("compress", [gzip.compress, lambda data: brotli.compress(data, quality=5)])
def test_a_bomb_is_refused_in_little_memory(ingest, compress):
    bomb = compress(b'{"event_id": "e1"}\n{"type": "attachment"}\n' + b"\0" * (120 * MIB))
    encoding = "br" if compress is not gzip.compress else "gzip"
    tracemalloc.start()
    answer = ingest.envelope(bomb, [("Content-Encoding", encoding)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status, rejected(ingest)) == (413, {"too_large": 1})
    assert peak < 5 * MIB


def test_a_body_that_does_not_come_is_given_up(tmp_path):
    ingest = Ingest(tmp_path, limits=Limits(body_seconds=0.05))

    async def receive():
        await asyncio.sleep(10)

    answer = asyncio.run(ingest.call("POST", PATH, [("X-Sentry-Auth", f"sentry_key={ingest.key.value}")], receive))
    assert (answer.status, rejected(ingest)) == (408, {"slow_body": 1})
    ingest.spool.close()


def test_a_client_that_goes_away_costs_nothing(ingest):
    async def receive():
        return {"type": "http.disconnect"}

    answer = asyncio.run(ingest.call("POST", PATH, [("X-Sentry-Auth", f"sentry_key={ingest.key.value}")], receive))
    assert (answer.status, ingest.spooled(), ingest.receiver._in_flight) == (0, [], 0)


def test_too_many_at_once_are_told_to_come_back(ingest):
    async def flood():
        arrived = asyncio.Event()

        async def receive():
            await arrived.wait()
            return {"type": "http.request", "body": ENVELOPE}

        headers = [("X-Sentry-Auth", f"sentry_key={ingest.key.value}")]
        asked = [asyncio.ensure_future(ingest.call("POST", PATH, headers, receive)) for _ in range(130)]
        await asyncio.sleep(0.05)
        arrived.set()
        return await asyncio.gather(*asked)

    answers = asyncio.run(flood())
    assert sorted(answer.status for answer in answers) == [200] * 100 + [503] * 30
    assert {answer.headers["retry-after"] for answer in answers if answer.status == 503} == {"5"}
    assert (len(ingest.spooled()), rejected(ingest)) == (100, {"busy": 30})


def test_bodies_in_flight_share_one_budget(tmp_path):
    ingest = Ingest(tmp_path, limits=Limits(held_bytes=10))
    assert ingest.envelope(ENVELOPE).status == 503
    assert ingest.receiver._held == 0
    ingest.spool.close()


def test_a_full_spool_is_said_in_the_collectors_own_words(tmp_path):
    ingest = Ingest(tmp_path, spool=config.Spool(min_free_mb=1 << 40))
    answer = ingest.envelope(ENVELOPE)
    assert (answer.status, answer.headers["x-sentry-rate-limits"]) == (429, "10::organization")
    assert rejected(ingest) == {"spool_full": 1}
    ingest.spool.close()


def test_a_spool_that_cannot_be_written_acks_nothing(ingest):
    ingest.spool.close()
    assert (ingest.envelope(ENVELOPE).status, rejected(ingest)) == (429, {"spool_full": 1})


def test_a_key_above_its_quota_is_told_in_the_collectors_own_words_and_counted(tmp_path):
    ingest = Ingest(tmp_path, quota_per_minute=2)
    assert [ingest.envelope(ENVELOPE).status for _ in range(3)] == [200, 200, 429]
    assert ingest.envelope(ENVELOPE).headers["x-sentry-rate-limits"] == "10::organization"
    assert ingest.envelope(ENVELOPE, key=ingest.public.value).status == 200
    assert [ingest.ask("POST", "/stream", body=ENVELOPE).status for _ in range(3)] == [200, 200, 429]
    assert (len(ingest.spooled()), rejected(ingest)) == (5, {"over_quota": 3})
    ingest.spool.close()


# Counting.


def test_refusals_are_told_once_to_whoever_writes_them_down(ingest):
    ingest.envelope(b"nonsense")
    ingest.ask("POST", PATH, body=ENVELOPE)
    assert ingest.receiver.turned_away() == {("sentry", "malformed"): 1, ("sentry", "missing_key"): 1}
    assert ingest.receiver.turned_away() == {}
    assert rejected(ingest) == {"malformed": 1, "missing_key": 1}


# Paths, methods, origins.


@pytest.mark.parametrize(
    "path", ["/", "/api//envelope/", "/api/1/2/envelope/", "/fixes/", "/healthz", "/" + "x" * 5000, "//stream"]
)
def test_an_unknown_path_is_answered_with_the_known_ones(ingest, path):
    answer = ingest.ask("POST", path, body=ENVELOPE)
    assert answer.status == 404
    assert "POST /api/{project}/envelope/" in answer.json["paths"]
    assert "GET /fixes" in answer.json["paths"]
    assert b"xxx" not in answer.body


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("GET", PATH, "POST"), ("DELETE", "/stream", "POST"), ("POST", "/fixes", "GET")]
)
def test_a_wrong_method_is_answered_with_the_right_one(ingest, method, path, allow):
    answer = ingest.ask(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allow)


def test_any_web_page_may_send_by_default(ingest):
    origin = ("Origin", "http://shop.test")
    preflight = ingest.ask("OPTIONS", PATH, [origin, ("Access-Control-Request-Headers", "content-type, x-sentry-auth")])
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "http://shop.test"
    assert preflight.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert preflight.headers["access-control-allow-headers"] == "content-type, x-sentry-auth"
    answer = ingest.envelope(ENVELOPE, [origin])
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "http://shop.test")
    assert "x-sentry-rate-limits" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in ingest.envelope(ENVELOPE).headers


def test_other_web_pages_may_not_once_the_origins_are_named(tmp_path):
    ingest = Ingest(tmp_path, allowed_origins=["https://shop.test"])
    ours, theirs = ("Origin", "https://shop.test"), ("Origin", "https://evil.test")
    assert [ingest.ask("OPTIONS", PATH, [origin]).status for origin in (ours, theirs)] == [204, 403]
    assert [ingest.envelope(ENVELOPE, [origin]).status for origin in (ours, theirs)] == [200, 403]
    assert "access-control-allow-origin" not in ingest.envelope(ENVELOPE, [theirs]).headers
    assert ingest.envelope(ENVELOPE).status == 200
    assert rejected(ingest) == {"origin": 2}
    ingest.spool.close()


def test_a_key_that_names_its_pages_serves_no_others(ingest):
    text = ingest.path.read_text().replace('trust = "public"', 'trust = "public"\norigins = ["https://shop.test"]')
    ingest.path.write_text(text)
    ours, theirs = ("Origin", "https://shop.test"), ("Origin", "https://evil.test")
    public = ingest.public.value
    assert [ingest.envelope(ENVELOPE, [origin], key=public).status for origin in (ours, theirs)] == [200, 403]
    assert ingest.envelope(ENVELOPE, key=public).status == 200
    assert ingest.envelope(ENVELOPE, [theirs]).status == 200
    assert rejected(ingest) == {"origin": 1}
    assert ingest.ask("GET", f"/fixes?key={public}", [theirs]).status == 403


def test_a_revoked_key_is_refused_at_once_and_its_successor_taken(ingest):
    (old, _) = Keys.rotate(ingest.path, "shop", clock=lambda: NOW)
    new = Keys.load(ingest.path).of_target("shop", TrustLabel.SERVER)
    assert [ingest.envelope(ENVELOPE, key=key.value).status for key in (old, new)] == [200, 200]
    Keys.revoke(ingest.path, old.id)
    assert [ingest.envelope(ENVELOPE, key=key.value).status for key in (old, new)] == [403, 200]


def test_a_refused_browser_can_still_read_why(ingest):
    answer = ingest.ask("POST", PATH, [("Origin", "http://shop.test")], ENVELOPE)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (401, "http://shop.test")


def test_no_answer_is_ever_a_page(ingest):
    for answer in (ingest.envelope(ENVELOPE), ingest.envelope(b"<script>"), ingest.ask("GET", "/")):
        assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
            "application/json",
            "nosniff",
        )


def test_hostile_text_cannot_add_headers(ingest):
    answer = ingest.ask("OPTIONS", PATH, [("Origin", "a\r\nx: y"), ("Access-Control-Request-Headers", "a\r\nb: c")])
    assert answer.headers["access-control-allow-origin"] == "a  x: y"
    assert answer.headers["access-control-allow-headers"] == "content-type"


# Fixes.


def announce(ingest, target, name, minutes, users=()):
    fixes.announce(ingest.fixes, target, name, f"I fixed {name}", NOW + timedelta(minutes=minutes), users)


def test_a_target_is_told_its_own_fixes_newest_first(ingest):
    announce(ingest, "shop", "old", 0)
    announce(ingest, "shop", "new", 5)
    announce(ingest, "blog", "other", 3)
    answer = ingest.ask("GET", f"/fixes?key={ingest.public.value}", [("Origin", "http://shop.test")])
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "http://shop.test")
    assert [set(fix) for fix in answer.json] == [{"id", "message", "at", "route"}] * 2
    assert [fix["message"] for fix in answer.json] == ["I fixed new", "I fixed old"]
    assert ingest.ask("GET", "/fixes", [("X-Improver-Key", ingest.key.value)]).json == answer.json


def test_a_user_is_told_what_concerns_them_or_everybody(ingest):
    announce(ingest, "shop", "for-u1", 0, ["u1"])
    announce(ingest, "shop", "for-bob", 1, [ingest_user("bob@example.test")])
    announce(ingest, "shop", "for-all", 2)

    def told(user):
        answer = ingest.ask("GET", f"/fixes?key={ingest.public.value}&user={user}")
        return [fix["id"] for fix in answer.json]

    assert told("u1") == ["for-all", "for-u1"]
    assert told("bob%40example.test") == ["for-all", "for-bob"]
    assert told("eve") == ["for-all"]
    assert told("") == ["for-all", "for-bob", "for-u1"]
    assert b"users" not in ingest.ask("GET", f"/fixes?key={ingest.public.value}").body


def ingest_user(user):
    """As the Warehouse knows a user."""
    from improver.model.user import pseudonym

    return pseudonym(user)


def test_since_leaves_out_what_was_told_before(ingest):
    announce(ingest, "shop", "old", 0)
    announce(ingest, "shop", "new", 5)

    def since(text):
        return ingest.ask("GET", f"/fixes?key={ingest.public.value}&since={text}")

    assert [fix["id"] for fix in since("2026-11-21T12:00:00Z").json] == ["new"]
    assert [fix["id"] for fix in since("2026-11-21T13:00:00+01:00").json] == ["new"]
    assert [fix["id"] for fix in since("2026-11-21T11:59:59").json] == ["new", "old"]
    assert (since("yesterday").status, since("yesterday").json["detail"]) == (
        400,
        "since is a time like 2026-01-31T12:00:00Z",
    )


def test_fixes_need_a_key_and_may_be_none(ingest):
    assert ingest.ask("GET", "/fixes").status == 401
    assert ingest.ask("GET", "/fixes?key=wrong").status == 403
    assert ingest.ask("GET", f"/fixes?key={ingest.key.value}").json == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"shop": 3}', '{"shop": [{}]}', '{"shop": [{"at": 3}]}', '{"shop": ["x"]}']
)
def test_a_broken_fixes_file_tells_nothing_and_breaks_nothing(ingest, text):
    ingest.fixes.write_text(text)
    assert ingest.ask("GET", f"/fixes?key={ingest.key.value}").json == []
    ingest.fixes.unlink()
    announce(ingest, "shop", "good", 0)
    assert len(ingest.ask("GET", f"/fixes?key={ingest.key.value}").json) == 1


# Anything else.


def test_a_websocket_is_closed_and_the_lifespan_answered(ingest):
    sent = []
    asked = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive():
        return asked.pop(0)

    async def send(message):
        sent.append(message["type"])

    asyncio.run(ingest.receiver({"type": "lifespan"}, receive, send))
    asyncio.run(ingest.receiver({"type": "websocket"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["GET", "POST", "OPTIONS", "PUT", "HEAD", "X"]),
    st.sampled_from([PATH, "/api/1/store/", "/stream", "/fixes", "/"])
    | st.text(max_size=20).map(lambda text: "/" + text),
    st.binary(max_size=30).map(lambda query: query.decode("latin-1")),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["origin", "x-sentry-auth", "content-encoding", "content-type", "x-improver-key", "authorization"]
            ),
            st.sampled_from(["gzip", "br", "Sentry sentry_key=KEY", "sentry_key", "*", "null"])
            | st.text(st.characters(max_codepoint=255), max_size=9),
        ),
        max_size=5,
    ),
    st.binary(max_size=60),
)
def test_nothing_hostile_gets_more_than_a_refusal(ingest, method, path, query, headers, body):
    headers = [(name, value.replace("KEY", ingest.key.value)) for name, value in headers]
    url = path.replace("?", "").replace("#", "") + "?" + query.replace("#", "")
    answer = ingest.ask(method, url, headers, body)
    assert 200 <= answer.status < 500
    json.loads(answer.body or b"0")
    assert ingest.receiver._in_flight == ingest.receiver._held == 0


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (("Origin", "http://localhost:3000"), 200),
        (("Origin", "http://127.0.0.1:8000"), 200),
        (("Origin", "https://evil.example"), 401),
        (("Origin", "null"), 401),
        (("Origin", "http://localhost.evil.example"), 401),
        (("Sec-Fetch-Site", "cross-site"), 401),
    ],
)
def test_without_a_key_only_pages_of_this_machine_are_listened_to(ingest, header, status):
    assert ingest.ask("POST", "/stream", [header], ENVELOPE).status == status
