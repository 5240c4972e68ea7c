"""Errors, traces, logs, sessions, check-ins and feedback from Sentry's SDKs: set their DSN, or Spotlight's address."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from improver.collectors import _sentry_events as sentry
from improver.collectors._sentry_check_ins import check_in
from improver.collectors._sentry_containers import logs, metrics, spans
from improver.collectors._sentry_envelope import (
    PARSED,
    Item,
    check_envelope,
    check_event,
    event_of,
    first_header,
    items,
)
from improver.collectors._sentry_example import example as example
from improver.collectors._sentry_remarks import feedback, user_report
from improver.collectors._sentry_reports import client_report, with_attachments
from improver.errors import ImproverError
from improver.inflate import TooLarge, UnknownEncoding
from improver.model import Batch, Event, Payload, Reply, Request
from improver.model.configured import Configured

PATHS = ("/api/{project}/envelope", "/api/{project}/store", "/stream", "/stream/{key}")
ROUTES = tuple(("POST", path + slash) for path in PATHS for slash in ("/", ""))
# Spotlight's clients send a copy of what goes elsewhere, with a key that is not ours or none.
STREAM = "/stream/"
KEYLESS = (STREAM, "/stream")
# One line of a file is one event.
LINE_PATH = "/api/0/store/"

UNSUPPORTED = (
    "form_data", "metric_buckets", "nel", "otel_log", "profile", "profile_chunk", "raw_security", "replay_event",
    "replay_recording", "replay_video", "security", "statsd", "unreal_report", "user_report_v2",
)  # fmt: skip
READERS: dict[str, Callable[[dict[str, Any], Payload], Batch]] = {
    "error": lambda record, payload: Batch.of([sentry.error_or_log(record, payload)]),
    "transaction": lambda record, payload: Batch.of(sentry.transaction(record, payload)),
    "session": lambda record, payload: Batch.of(sentry.session(record, payload)),
    "sessions": lambda record, payload: Batch.of(sentry.sessions(record, payload)),
    "span": spans,
    "log": logs,
    "trace_metric": metrics,
    "check_in": check_in,
    "feedback": feedback,
    "user_report": user_report,
    "client_report": client_report,
}
WAIT_S = 10


class Config(Configured):
    """There is nothing to set: what may be sent, and from where, is set under [ingest]."""


def key_of(request: Request) -> str:
    """From the path, the header, the query, or the DSN in the envelope's own header."""
    # All that a client of Spotlight's keeps of an address is its path.
    if request.path.startswith(STREAM) and (shown := request.path.removeprefix(STREAM).rstrip("/")):
        return shown
    shown = request.headers.get("x-sentry-auth") or request.headers.get("authorization", "")
    parts = (part.strip().partition("=") for part in shown.removeprefix("Sentry ").split(","))
    named = {name: value for name, _, value in parts}
    return named.get("sentry_key") or request.query.get("sentry_key") or _key_of_dsn(request)


def examine(request: Request, config: Configured) -> Reply:
    look = check_event if _is_store(request.path) else check_envelope
    try:
        header = look(request.body, request.headers.get("content-encoding", ""))
    except TooLarge as error:
        return _refusal(413, "too_large", error)
    except UnknownEncoding as error:
        return _refusal(415, "unknown_encoding", error)
    except ImproverError as error:
        return _refusal(400, "malformed", error)
    event_id = header.get("event_id")
    return Reply(status=200, body=json.dumps({"id": event_id} if isinstance(event_id, str) else {}).encode())


def shed() -> Reply:
    """These SDKs drop what is refused and never try again, but send nothing more for as long as they are told."""
    return Reply(
        status=429,
        body=b'{"detail": "no room at the moment"}',
        headers={"retry-after": str(WAIT_S), "x-sentry-rate-limits": f"{WAIT_S}::organization"},
    )


def decode(payloads: Iterable[Payload], config: Configured) -> Batch:
    events: list[Event] = []
    rejected: Counter[str] = Counter()
    for payload in payloads:
        found, left_out = _decoded(payload)
        events += found
        rejected += left_out
    return Batch.of(events, rejected)


def _decoded(payload: Payload) -> tuple[Sequence[Event], Counter[str]]:
    events: list[Event] = []
    attached: list[Item] = []
    rejected: Counter[str] = Counter()
    for item in _items(payload):
        if item and item.kind == "attachment":
            attached.append(item)
            continue
        batch = _read(item, payload) if item else _left_out("malformed_item")
        events += batch.events
        rejected.update(batch.rejected)
    whole = with_attachments(events, attached)
    rejected.update(whole.rejected)
    return whole.events, rejected


def _items(payload: Payload) -> Iterable[Item | None]:
    if _is_store(payload.path):
        return [Item(kind="event", content=event_of(payload.body, payload.content_encoding))]
    return items(payload)


def _read(item: Item, payload: Payload) -> Batch:
    if item.kind not in PARSED:
        return _unsupported(item.kind)
    record = _record(item.content)
    if record is None:
        return _left_out("malformed_item")
    kind = item.kind
    if kind == "event":
        # Transactions and feedback also come as events that say so.
        kind = str(record.get("type") or "error")
        kind = "error" if kind in ("default", "event") else kind
    return READERS[kind](record, payload) if kind in READERS else _unsupported(kind)


def _unsupported(kind: str) -> Batch:
    return _left_out(f"unsupported_{kind}" if kind in UNSUPPORTED else "unsupported_item")


def _left_out(reason: str) -> Batch:
    return Batch(events=(), rejected={reason: 1})


def _record(content: bytes | dict[str, Any]) -> dict[str, Any] | None:
    try:
        record = json.loads(content) if isinstance(content, bytes) else content
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _is_store(path: str) -> bool:
    return path.rstrip("/").endswith("/store")


def _key_of_dsn(request: Request) -> str:
    dsn = first_header(request.body, request.headers.get("content-encoding", "")).get("dsn")
    try:
        return urlsplit(dsn).username or "" if isinstance(dsn, str) else ""
    except ValueError:
        return ""


def _refusal(status: int, reason: str, error: ImproverError) -> Reply:
    body = json.dumps({"detail": error.message, "causes": [error.hint]}).encode()
    return Reply(status=status, reason=reason, body=body, headers={"x-sentry-error": error.message})
