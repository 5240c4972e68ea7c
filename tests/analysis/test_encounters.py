"""Who met what: by user, and whether it was a person; from real telemetry of several kinds of senders."""

import json
from datetime import timedelta

import pytest

from improver import pipeline
from improver.analysis import encounters
from improver.analysis.impact import impact
from improver.config import Settings
from improver.model import Payload, TrustLabel
from improver.stages import detect
from tests import world

GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HEADLESS = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/131.0.0.0 Safari/537.36"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 9; CUBOT_X18) AppleWebKit/537.36 Chrome/90.0 Mobile Safari/537.36"


@pytest.fixture
def runtime(tmp_path):
    with world.opened(Settings(data_dir=tmp_path / "data")) as runtime:
        yield runtime


def told(runtime):
    """What all that was sent comes to."""
    encounters.fold(runtime.warehouse.telemetry, runtime.settings.artificial, runtime.clock())
    with runtime.warehouse.telemetry.reading() as reader:
        found = encounters.crowds(reader, runtime.clock()).values()
    return impact(crowd for sources in found for crowds in sources.values() for crowd in crowds)


def asked_by(agent, headers=None):
    return world.error("r1") | {"request": {"headers": headers or {"User-Agent": agent}}}


def argv(*words):
    return world.error("r1") | {"extra": {"sys.argv": list(words)}}


SENT = [
    (asked_by(GOOGLE), "bot"),
    (asked_by("", [["Host", "x"], ["user-agent", "facebookexternalhit/1.1"]]), "bot"),
    (asked_by(HEADLESS), "bot"),
    (asked_by("UptimeRobot/2.0"), "monitor"),
    (asked_by("kube-probe/1.31"), "monitor"),
    (world.error("r1") | {"contexts": {"browser": {"name": "HeadlessChrome"}}}, "bot"),
    (world.error("r1") | {"tags": {"webdriver": "true"}}, "bot"),
    (world.error("r1") | {"transaction": "GET /healthz"}, "monitor"),
    (world.error("r1") | {"environment": "CI"}, "test"),
    (argv("/srv/.venv/bin/pytest", "-q"), "test"),
    (argv("manage.py", "test", "shop"), "test"),
    (argv("node_modules/.bin/vitest", "run"), "test"),
    (asked_by(CHROME), None),
    (asked_by(PHONE), None),
    (asked_by("python-requests/2.31"), None),
    (asked_by(CHROME, {"User-Agent": CHROME, "Referer": "https://robots.example/Googlebot/2.1;"}), None),
    (world.error("r1") | {"transaction": "GET /ready-meals"}, None),
    (world.error("r1") | {"environment": "testing-ground"}, None),
    (argv("/srv/.venv/bin/gunicorn", "tests_of_taste:app"), None),
    (argv("latest.py"), None),
]


def test_what_no_person_did_is_told_by_who_asked_and_where(runtime):
    records = [record | {"user": {"id": f"u{number}"}} for number, (record, _) in enumerate(SENT)]
    world.send(runtime, world.server_key(runtime), *records)
    told(runtime)
    traffic = "select traffic from encounters where who = hash($user)"
    found = [runtime.warehouse.telemetry.value(traffic, {"user": f"u{number}"}) for number in range(len(SENT))]
    assert [word or None for word in found] == [word for _, word in SENT]


def test_an_error_that_does_not_say_who_asked_is_told_by_what_its_trace_began_with(runtime):
    run, failed = world.transaction("r1"), world.error("r1")
    failed["contexts"]["trace"]["trace_id"] = run["contexts"]["trace"]["trace_id"]
    run["request"] = {"headers": {"User-Agent": GOOGLE}}
    world.send(runtime, world.server_key(runtime), run, failed, world.error("r1"))
    assert told(runtime).artificial == {"bot": 1}


def test_users_are_counted_once_each_and_their_occurrences_all(runtime):
    key = world.server_key(runtime)
    world.send(runtime, key, *[world.error("r1", user="ann") for _ in range(12)], world.error("r1", user="ben"))
    found = told(runtime)
    assert (found.times, found.users, found.most) == (13, 2, 12)
    world.send(runtime, key, world.error("r1", user="ann"))
    found = told(runtime)
    assert (found.times, found.users, found.most) == (14, 2, 13)
    assert told(runtime) == found


def test_without_a_user_each_trace_is_one_and_without_a_trace_each_minute(runtime):
    traced = [world.error("r1") | {"user": None} for _ in range(30)]
    world.send(runtime, world.server_key(runtime), *traced)
    assert (told(runtime).weighed, told(runtime).most, told(runtime).users) == (30, 1, 0)
    loop = [world.error("r1") | {"user": None, "contexts": {}} for _ in range(40)]
    world.send(runtime, world.server_key(runtime), *loop)
    found = told(runtime)
    assert (found.times, found.most, found.users) == (70, 40, 0)
    assert 30 < found.weighed < 50


def test_exposed_are_all_who_used_the_route_but_bots(runtime):
    runs = [world.transaction("r1") | {"user": {"id": f"u{number}"}} for number in range(5)]
    elsewhere = world.transaction("r1") | {"user": {"id": "u9"}, "transaction": "other_view"}
    bot = asked_by(GOOGLE) | {"user": {"id": "googlebot"}}
    again = world.transaction("r1", at=world.NOW - timedelta(days=2)) | {"user": {"id": "u1"}}
    world.send(runtime, world.server_key(runtime), *runs, elsewhere, bot, again, world.error("r1", user="u1"))
    told(runtime)
    with runtime.warehouse.telemetry.reading() as reader:
        found = encounters.exposed(reader, runtime.clock())["unassigned", "production"]
    assert (found["average_view"].route, found["average_view"].everywhere) == (5, 6)
    assert found["other_view"].route == 1


def test_no_name_of_a_user_is_kept(runtime):
    world.send(runtime, world.server_key(runtime), world.error("r1", user="ann@example.org"))
    told(runtime)
    for table in ("encounters", "visitors"):
        assert "ann" not in json.dumps(runtime.warehouse.telemetry.rows(f"from {table}"), default=str)


def test_failures_that_only_a_log_tells_are_told_too_and_a_loop_is_one(runtime):
    line = f"{world.NOW:%Y-%m-%dT%H:%M:%S}Z ERROR shop: payment {{}} could not be taken: bank is away\n"
    body = "".join(line.format(number) for number in range(50)).encode()
    runtime.spool.append_now(
        [Payload(id="l1", collector="logs", path="/logs", received_at=world.NOW, body=body, trust=TrustLabel.SERVER)]
    )
    pipeline.digest(runtime)
    detect.run(runtime)
    found = told(runtime)
    assert (found.times, found.most, found.users) == (50, 50, 0)


def test_a_user_who_is_forgotten_leaves_no_number(runtime):
    world.send(runtime, world.server_key(runtime), world.error("r1", user="ann"), world.error("r1", user="ben"))
    told(runtime)
    with runtime.warehouse.telemetry.transaction() as writer:
        encounters.forget(writer, ["ann", "anna"])
    assert told(runtime).users == 1
    assert runtime.warehouse.telemetry.value("select count(*) from visitors") == 1


def test_what_a_steered_browser_struggles_with_is_no_persons(runtime):
    clicks = [
        {
            "event": "$rageclick", "distinct_id": user, "timestamp": world.NOW.isoformat(),
            "properties": {"$session_id": f"s-{user}", "$raw_user_agent": agent, "$current_url": "https://x.example/a",
                           "$elements_chain": 'button.pay:text="Pay"', "$event_type": "click"},
        }
        for user, agent in (("ann", CHROME), ("robot", HEADLESS))
    ]  # fmt: skip
    body = json.dumps({"api_key": "x", "batch": clicks}).encode()
    runtime.spool.append_now(
        [Payload(id="b1", collector="posthog", path="/batch/", received_at=world.NOW, body=body,
                 trust=TrustLabel.PUBLIC, content_type="application/json")]
    )  # fmt: skip
    pipeline.digest(runtime)
    detect.run(runtime)
    found = told(runtime)
    assert (found.people, found.artificial) == (1, {"bot": 1})
