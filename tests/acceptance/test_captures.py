"""All recorded requests of real clients, sent again as they were: through receiver, Spool, ingest and Warehouse."""

import base64
import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import brotli
import pytest
from sentry_sdk.envelope import Envelope

from improver.config import Settings
from improver.model import Payload
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.stages import ingest
from improver.warehouse.events import TABLES
from tests import recorded
from tests.doors import serving
from tests.recorded import Recorded

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIXTURES = Path(__file__).parent.parent / "fixtures"
# One request of every kind of every client, with the Events that come of it: name → one row a line, without what is
# empty, our own numbers, and what other tests look into (fingerprints, the client's own record).
EVENTS = json.loads((FIXTURES / "events.json").read_text())
LEFT_OUT = (
    "seq", "event_id", "payload_id", "received_at", "data", "raised",
    "grouping_version", "key", "system_key", "template", "fails", "client_fingerprint",
)  # fmt: skip

OTLP = {"errors": 2, "spans": 2, "logs": 1, "tool_calls": 1, "metrics": 5}
NODE = {"errors": 2, "spans": 2, "sessions": 2, "logs": 2, "remarks": 1, "metrics": 1, "check_ins": 2}
# What each run comes to: Events by table, and what is left out of it by reason. Where a client was answered with an
# error it sent the same again, and exporters log that they could not export.
RUNS: dict[str, dict[str, int]] = {
    "otel-auto-flask": {"errors": 2, "spans": 1, "logs": 3, "metrics": 5},
    "otel-grpc": OTLP | {"duplicate": 4, "exporter_log": 1},
    "otel-http-json": OTLP,
    "otel-http-proto": OTLP,
    "otel-http-proto-gzip": OTLP | {"duplicate": 6, "exporter_log": 4},
    "posthog-js": {"errors": 1, "usage": 19},
    "posthog-js-500": {"errors": 1, "usage": 19, "duplicate": 1},
    "posthog-js-noconfig": {"errors": 1, "usage": 9},
    "posthog-node": {"errors": 1, "usage": 5},
    "posthog-node-500": {"errors": 1, "usage": 5, "duplicate": 12},
    "posthog-node-uncaught": {"errors": 2, "usage": 5},
    "posthog-python-400": {"usage": 1},
    "posthog-python-429": {"usage": 1, "duplicate": 1},
    "posthog-python-500": {"usage": 1, "duplicate": 2},
    "posthog-python-v0": {"errors": 2, "usage": 6},
    "posthog-python-v0-gzip": {"errors": 1, "usage": 5},
    "posthog-python-v1": {"errors": 2, "usage": 5},
    "posthog-python-v1-zstd": {"errors": 1, "usage": 5},
    "sentry-brotli": {"errors": 1},
    "sentry-browser": {
        "errors": 2, "spans": 15, "sessions": 2, "logs": 1, "remarks": 1,
        "unsupported_replay_event": 1, "unsupported_replay_recording": 1,
    },
    "sentry-env": {"errors": 1},
    "sentry-node": NODE,
    "sentry-node-429": NODE | {"errors": 0, "logs": 1, "client_dropped_ratelimit_backoff": 2},
    "sentry-node-500": NODE,
    "sentry-python": NODE | {"errors": 3, "sessions": 1, "logs": 3},
    "sentry-python-429": {"errors": 2, "spans": 1, "logs": 2, "client_dropped_ratelimit_backoff": 3},
    "sentry-python-500": {"errors": 3, "spans": 1, "logs": 4, "client_dropped_network_error": 2},
    "sentry-spotlight": {"errors": 1},
    "sentry-spotlight-dsn": {"errors": 1},
    "sentry-spotlight-node": {"logs": 1},
    "sentry-spotlight-nodsn": {"errors": 1},
}  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A run's requests were answered with these, and came to that; payload ids by the names of the requests."""

    statuses: dict[str, int]
    came_to: dict[str, int]
    payloads: dict[str, str]


def _in_order(events: list[dict]) -> list[dict]:
    return sorted(events, key=lambda event: json.dumps(event, sort_keys=True))


class Inbox:
    def __init__(self, runtime: Runtime, http: int, grpc: int | None) -> None:
        self.runtime, self.http, self.grpc = runtime, http, grpc
        self.runs: dict[str, Sent] = {}

    def sent(self, run: str) -> Sent:
        """A run is sent when the first test asks for it."""
        if run not in self.runs:
            self.runs[run] = self._send(recorded.runs()[run])
        return self.runs[run]

    def counts(self) -> Counter[str]:
        telemetry = self.runtime.warehouse.telemetry
        rejected = telemetry.rows("select reason, sum(items)::bigint as n from rejections group by all")
        tables = {table: telemetry.value(f"select count(*) from {table}") for table in (*TABLES.values(), "quarantine")}
        return Counter(tables) + Counter({row["reason"]: row["n"] for row in rejected})

    def events(self, payload_id: str) -> list[dict]:
        found = []
        for table in TABLES.values():
            sql = f"select * from {table} where payload_id = $id"
            rows = self.runtime.warehouse.telemetry.rows(sql, {"id": payload_id})
            found += [_shown(table, row) for row in rows]
        return _in_order(found)

    def _send(self, requests: list[Recorded]) -> Sent:
        before, statuses, payloads = self.counts(), {}, {}
        for request in requests:
            if request.rpc and self.grpc is None:
                pytest.skip("needs grpcio: pip install 'improver[grpc]'")
            statuses[request.name] = recorded.send(request, self.http, self.grpc)
            payloads |= dict.fromkeys([request.name] if self._waiting() else [], self._newest())
            ingest.run(self.runtime)
        return Sent(statuses, self.counts() - before, payloads)

    def _waiting(self) -> list[Payload]:
        return [payload for _, payload in self.runtime.spool.read(self.runtime.digested(), 1 << 30)]

    def _newest(self) -> str:
        waiting = self._waiting()
        return waiting[-1].id if waiting else ""


def _shown(table: str, row: dict) -> dict:
    """One Event as it stands in events.json."""
    shown = {"table": table} | {name: value for name, value in row.items() if name not in LEFT_OUT and value}
    shown["occurred_at"] = row["occurred_at"].isoformat()
    assert len(row["data"]) > 2
    if "raised" in row:
        shown["raised"] = [_raised(raised) for raised in json.loads(row["raised"])]
    return shown


def _raised(raised: dict) -> str:
    """The exception, how deep its stack is, and where it was raised."""
    last = raised["frames"][-1] if raised["frames"] else {}
    place = f"{last.get('filename')}:{last.get('lineno')} {last.get('function')} in_app={last.get('in_app')}"
    return f"{raised['type']}: {raised['value']} | {len(raised['frames'])} frames | {place}"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captures")
    (folder / "shop").mkdir()
    settings = Settings(
        data_dir=folder / "data", targets={"shop": {"repo": folder / "shop"}}, spool={"min_free_mb": 0}
    )
    with owned_runtime(settings) as opened:
        runtime = replace(opened, clock=lambda: NOW)
        recorded.know_their_keys(runtime.data.keys, "shop")
        with serving(runtime) as (http, grpc):
            yield Inbox(runtime, http, grpc)


def test_no_recorded_run_or_request_is_left_out():
    assert set(recorded.runs()) == set(RUNS)
    assert (len(RUNS), sum(len(requests) for requests in recorded.runs().values())) == (31, 153)


@pytest.mark.parametrize("run", RUNS)
def test_every_request_of_a_recorded_run_is_taken_and_comes_to_events(inbox, run):
    sent = inbox.sent(run)
    assert set(sent.statuses.values()) <= {200, 204}
    assert sent.came_to == {name: count for name, count in RUNS[run].items() if count}


@pytest.mark.parametrize("name", EVENTS)
def test_events_of_a_recorded_request_field_by_field(inbox, name):
    run = next(run for run, requests in recorded.runs().items() if name in [request.name for request in requests])
    assert inbox.events(inbox.sent(run).payloads[name]) == _in_order(EVENTS[name])


def test_a_request_of_every_kind_is_asserted_field_by_field():
    requests = {request.name: (run, request) for run, found in recorded.runs().items() for request in found}
    every = {kind for run, request in requests.values() for kind in kinds(run, request)}
    asserted = {kind for name in EVENTS for kind in kinds(*requests[name])}
    assert len(every) > 60
    assert every - asserted == set()


def test_all_of_it_sent_again_is_all_known_already(inbox):
    for run in RUNS:
        inbox.sent(run)
    before = inbox.counts()
    for requests in recorded.runs().values():
        for request in requests:
            recorded.send(request, inbox.http, inbox.grpc)
    assert ingest.run(inbox.runtime) == 0
    assert {name for name in inbox.counts() - before if name in TABLES.values()} == set()


# What is in a request, read without any part of improver.


def kinds(run: str, request: Recorded) -> set[tuple[str, str, str]]:
    """(client, route, item) of all that brings Events or is counted; what is only asked for brings nothing."""
    client = run if run.startswith("otel") else "-".join(run.split("-")[:2])
    path = re.sub(r"/api/\d+", "/api/N", urlsplit(request.path).path)
    if request.rpc:
        return {(client, request.method, "")}
    if request.method != "POST" or path.startswith("/flags"):
        return set()
    if path.startswith("/v1/"):
        return {(client, path, "")}
    named = _item_types if "envelope" in path or "stream" in path else _event_names
    return {(client, path, item) for item in named(_unpacked(request))}


def _item_types(body: bytes) -> list[str]:
    return [_item_type(item.type, item.payload.json or {}) for item in Envelope.deserialize(body).items]


def _item_type(kind: str, record: dict) -> str:
    if kind != "event":
        return kind
    return "exception" if "exception" in record else record.get("type") or f"message of level {record.get('level')}"


def _event_names(body: bytes) -> list[str]:
    if body.startswith(b"data="):
        body = base64.b64decode(parse_qs(body.decode())["data"][0])
    told = json.loads(body)
    events = told if isinstance(told, list) else told.get("batch", [told])
    return [event["event"] for event in events]


def _unpacked(request: Recorded) -> bytes:
    encoding = {name.lower(): value for name, value in request.headers}.get("content-encoding")
    if encoding == "br":
        return brotli.decompress(request.body)
    if encoding == "zstd":
        zstandard = pytest.importorskip("zstandard", reason="needs zstandard: pip install 'improver[zstd]'")
        return zstandard.ZstdDecompressor().decompressobj().decompress(request.body)
    return gzip.decompress(request.body) if request.body[:2] == b"\x1f\x8b" else request.body
