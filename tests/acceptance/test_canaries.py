"""No secret gets past ingest: of those in every kind of Payload, none is on the disk outside the Spool, nor told."""

import gzip
import json
import shutil
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sentry_sdk.envelope import Envelope, Item

from improver import config, pipeline, plugins, polling
from improver.opening import owned_runtime
from improver.warehouse.events import TABLES
from tests import recorded, world
from tests.acceptance.test_captures import EVENTS
from tests.acceptance.test_daemon import Home, until
from tests.canaries import CANARY, CARDS, HARMLESS, keyed, planted, planted_line, planted_message, text
from tests.collectors import fake_posthog, fake_sentry

TRANSCRIPTS = Path(__file__).parent.parent / "fixtures" / "transcripts"
OTLP = {
    "/v1/traces": ExportTraceServiceRequest, "/v1/logs": ExportLogsServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
}  # fmt: skip
SECTIONS = """
[collectors.logs]
files = ["{folder}/*.log"]
[collectors.agent_sessions]
files = ["{folder}/*.jsonl"]
service = "shop"
[collectors.sentry_api]
organization = "acme"
base_url = "{sentry}"
[collectors.posthog_api]
project = "7"
base_url = "{posthog}"
[collectors."poisoned.collector"]
"""
# Its errors quote all that it was sent: the worst that a plugin can do to its users.
POISONED = '''
"""A Collector that understands nothing, and says so loudly."""
from improver.model import Reply
from improver.model.configured import Configured

ROUTES = (("POST", "/poison"),)
KEYLESS = ("/poison",)

class Config(Configured):
    """Nothing."""

def key_of(request):
    return ""

def check(request, config):
    return None

def accepted(request):
    return Reply(status=200)

def decode(payloads, config):
    raise ValueError("; ".join(payload.body.decode() for payload in payloads))
'''


PAGES = (
    "/", "/metrics",
    "/api/status", "/api/findings", "/api/attempts", "/api/outcomes", "/api/deployments", "/api/report",
    "/api/quarantine", "/api/keys",
)  # fmt: skip


@dataclass
class Left:
    """What a daemon left behind that was sent secrets of every kind."""

    home: Home
    told: dict[str, str]  # what its commands and pages said, by name

    @property
    def data(self) -> Path:
        return self.home.folder / "data"


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTRY_AUTH_TOKEN", fake_sentry.TOKEN)
        patch.setenv("POSTHOG_PERSONAL_API_KEY", fake_posthog.TOKEN)
        patch.setenv("PYTHONPATH", str(folder))
        patch.syspath_prepend(folder)
        (folder / "poisoned").mkdir()
        (folder / "poisoned" / "collector.py").write_text(POISONED)
        yield _run(Home(folder))


def _run(home: Home) -> Left:
    sentry, posthog = fake_sentry.FakeSentry(), fake_posthog.FakePostHog(int(time.time() * 1000))
    with sentry, posthog:
        sections = SECTIONS.format(folder=home.folder / "inbox", sentry=sentry.url, posthog=posthog.url)
        home.config.write_text(home.config.read_text() + sections)
        _leave_files(home)
        _pull(home, sentry, posthog)
    daemon = home.start()
    try:
        home.run("connect", "shop")
        _send(home)
        until(lambda: any(attempt["status"] == "delivered" for attempt in home.json("attempts")), 60)
        until(lambda: home.json("status")["spool"]["bytes"] == 0)
        told = _ask(home)
        daemon.terminate()
        assert daemon.wait(20) == 0
    finally:
        daemon.kill()
        daemon.wait()
    return Left(home, told)


def _leave_files(home: Home) -> None:
    """Lines of logs, transcripts and crash files, as programs leave them; the last call of a transcript goes on."""
    (inbox := home.folder / "inbox").mkdir()
    trace = f'Traceback (most recent call last):\n  File "/srv/shop/shop.py", line 6, in average\nValueError: {text()}'
    lines = [f"2026-11-21T11:00:00Z ERROR shop {text()}", json.dumps(planted({"level": "error", "message": "no"}))]
    (inbox / "shop.log").write_text("\n".join([*lines, trace.replace("\n-----", " -----"), "done", ""]))
    for name in ("claude-code", "codex"):
        told = [planted_line(line) for line in (TRANSCRIPTS / f"{name}.jsonl").read_bytes().splitlines()]
        (inbox / f"{name}.jsonl").write_bytes(b"\n".join(told) + b"\n")
    call = b"".join(line + b"\n" for line in told if b'"function_call"' in line or b'"tool_use"' in line)
    (inbox / "unfinished.jsonl").write_bytes(told[0] + b"\n" + call)
    (crashes := home.folder / "data" / "crashes").mkdir(parents=True)
    record = {"version": 1, "time": time.time(), "service": "shop", "argv": ["app", "--password", text()]}
    python = {"kind": "python", "type": "ValueError", "value": text(), "run": "r1", "locals": keyed()}
    signal = {"kind": "signal", "signal": "SIGSEGV", "run": "r2", "stderr_tail": trace, "faulthandler": text()}
    for more in (python, signal):
        (crashes / f"{more['kind']}.json").write_text(json.dumps(record | more | {"env": keyed()}))


def _pull(home: Home, sentry: fake_sentry.FakeSentry, posthog: fake_posthog.FakePostHog) -> None:
    """What is in Sentry and PostHog already, before the daemon starts: its first polls come after a minute."""
    now = datetime.now(UTC)
    sentry.take_in("1", "a" * 32, now - timedelta(minutes=5))
    sentry.issues = {"1": [planted(event) for event in sentry.issues["1"]]}
    posthog.take_in("b", int(now.timestamp() * 1000) - 600_000, event="order placed", **planted({"message": "a b"}))
    with owned_runtime(config.load(home.config, {})) as runtime:
        assert [polling.poll(runtime, name) for name in ("sentry_api", "posthog_api")] == [1, 1]
        pipeline.digest(runtime)


def _send(home: Home) -> None:
    """A request of every recorded kind with secrets in it, an error of the shop's own, remarks, a poisoned Payload."""
    key = home.key()
    for request in (request for requests in recorded.runs().values() for request in requests):
        if request.name in EVENTS and not request.rpc and (body := _planted_body(request)):
            path, form = request.path.partition("?")[0], _content_type(request)
            _post(home, f"{path}?sentry_key={key}&token=secret-of-the-url", body, form, key)
    head = world.git(home.shop, "rev-parse", "HEAD")
    bug = planted(world.error(head, value=f"division by zero {text()}"))
    _post(home, f"/api/1/store/?sentry_key={key}", json.dumps(bug).encode(), "application/json", key)
    _post(home, "/feedback", json.dumps(planted({"said": "it is slow", "goal": text()})).encode(), "text/plain", key)
    _post(home, "/feedback", text().encode(), "text/plain", key)
    home.run("feedback", "it is slow", "--target", "shop", "--blocker", text())
    _post(home, "/poison", json.dumps(keyed()).encode(), "application/json", key)


def _planted_body(request: recorded.Recorded) -> bytes:
    path = request.path.partition("?")[0]
    body = gzip.decompress(request.body) if request.body[:2] == b"\x1f\x8b" else request.body
    if path in OTLP and b"json" not in _content_type(request).encode():
        return planted_message(OTLP[path].FromString(body)).SerializeToString()
    if "envelope" in path or path == "/stream":
        return _planted_envelope(body) if body.startswith(b"{") else b""
    return planted_line(body) if body[:1] in (b"{", b"[") else b""


def _planted_envelope(body: bytes) -> bytes:
    envelope = Envelope.deserialize(body)
    for item in list(envelope.items):
        if item.type != "replay_recording":
            item.payload.bytes = planted_line(item.payload.get_bytes())
            item.headers.pop("length", None)
    attachment = Item(headers={"type": "attachment", "filename": f"{CARDS[0]}.txt"}, payload=text().encode())
    envelope.items.append(attachment)
    return envelope.serialize()


def _content_type(request: recorded.Recorded) -> str:
    return {name.lower(): value for name, value in request.headers}.get("content-type", "")


def _post(home: Home, target: str, body: bytes, content_type: str, key: str) -> None:
    headers = {
        "content-type": content_type or "text/plain", "x-improver-key": key, "authorization": f"Bearer {key}",
        "cookie": f"session={text()}".replace("\n", " ").replace("\r", " "), "user-agent": "password=Kanarienvogel1",
    }  # fmt: skip
    request = urllib.request.Request(f"http://127.0.0.1:{home.ingest}{target}", body, headers)
    assert urllib.request.urlopen(request, timeout=20).status == 200


def _ask(home: Home) -> dict[str, str]:
    """All that improver says about it, to people and programs."""
    told = {path: _page(home, path) for path in PAGES}
    [told_of] = json.loads(told["/api/attempts"])
    finding, attempt = told_of["finding_id"], told_of["id"]
    named = (f"/findings/{finding}", f"/api/findings/{finding}", f"/api/specs/{finding}", f"/api/attempts/{attempt}")
    told |= {path: _page(home, path) for path in named}
    commands = (
        ("status",), ("findings", "show", finding), ("spec", finding), ("attempts", "show", attempt), ("report",),
        ("quarantine",),
    )  # fmt: skip
    return told | {command[0]: home.run(*command).stdout for command in commands}


def _page(home: Home, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{home.web}{path}", timeout=20) as answer:
        return answer.read().decode()


def held(content: bytes) -> list[bytes]:
    """Every secret that the bytes hold, with what stands around it."""
    lower, found = content.lower(), []
    for secret in (CANARY, *(card.encode() for card in CARDS)):
        at = lower.find(secret)
        if at >= 0:
            found.append(content[max(0, at - 150) : at + 60])
    return found


def test_secrets_of_every_kind_were_in_the_spool(left):
    """Else the other tests would show nothing."""
    spooled = b"".join(segment.read_bytes() for segment in (left.data / "spool").glob("*.seg"))
    assert spooled.lower().count(CANARY) > 2000
    assert all(card.encode() in spooled for card in CARDS)


def test_what_stood_beside_the_secrets_is_in_every_table_from_every_collector(left):
    rows = _tables(left.data)
    for table in set(TABLES.values()) - {"metrics"}:
        assert any(HARMLESS in row for row in rows[table]), table
    collectors = set(plugins.names("collectors"))
    everything = [row for found in rows.values() for row in found if HARMLESS in row]
    assert {name for name in collectors if any(f'"{name}"' in row for row in everything)} == collectors


def test_no_byte_on_the_disk_outside_the_spool_holds_a_secret(left):
    shutil.rmtree(left.home.folder / "inbox")
    leaks = {
        str(file.relative_to(left.home.folder)): found
        for file in left.home.folder.rglob("*")
        if file.is_file() and not file.is_relative_to(left.data / "spool") and (found := held(file.read_bytes()))
    }
    assert leaks == {}


def test_no_value_of_any_table_holds_a_secret(left):
    """Bytes on the disk may be packed."""
    tables = _tables(left.data)
    leaks = [(table, found) for table, rows in tables.items() for row in rows if (found := held(row.encode()))]
    assert leaks[:5] == []


def test_nothing_that_is_told_holds_a_secret(left):
    assert {name: found for name, said in left.told.items() if (found := held(said.encode()))} == {}
    assert [name for name, said in left.told.items() if not said] == []
    assert "ZeroDivisionError" in left.told["findings"]
    assert "ValueError" in left.told["quarantine"]


def test_what_came_with_a_request_but_its_body_is_kept_nowhere(left):
    everything = b"".join(file.read_bytes() for file in left.data.rglob("*") if file.is_file())
    assert b"secret-of-the-url" not in everything
    assert b"password=Kanarienvogel1 " not in everything


def test_keys_are_nowhere_but_in_their_file_and_in_what_was_sent(left):
    key = left.home.key().encode()
    files = [file for file in left.data.rglob("*") if file.is_file() and key in file.read_bytes()]
    assert {file.relative_to(left.data).parts[0] for file in files} <= {"keys.toml", "spool"}


def _tables(data: Path) -> dict[str, list[str]]:
    """Each row of each table of both databases, as text."""
    found: dict[str, list[str]] = {}
    for file in ("telemetry.duckdb", "state.duckdb"):
        with closing(duckdb.connect(str(data / file), read_only=True)) as connection:
            names = [row[0] for row in connection.execute("show tables").fetchall()]
            for name in names:
                rows = connection.execute(f"select to_json(t)::varchar from {name} t").fetchall()
                found[name] = [row[0] for row in rows]
    return found
