"""Usage, exceptions and agents' tool calls from PostHog's SDKs: set their host and key to improver's."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from improver.collectors import _posthog_pages as pages
from improver.collectors import _posthog_together as together
from improver.collectors._lenient import moment, text
from improver.collectors._posthog_body import Body, body_of, head_of
from improver.collectors._posthog_events import Sending, events_in
from improver.errors import ImproverError
from improver.inflate import TooLarge, UnknownEncoding
from improver.model import DOCTOR, Batch, Event, Payload, Reply, Request
from improver.model.configured import Configured

V1 = "/i/v1/analytics/events"
CAPTURE = ("/batch", "/capture", "/e", "/i/v0/e", "/i/v0/ai/batch", "/track", "/engage", V1)
FLAGS = ("/flags", "/decide")
CONFIGS = ("/array/{token}/config", "/array/{token}/config.js")
SCRIPTS = ("/static/{script}", "/static/{version}/{script}")
ROUTES = (
    *(("POST", path + slash) for path in (*CAPTURE, *FLAGS) for slash in ("/", "")),
    *(("GET", path) for path in (*CONFIGS, *SCRIPTS)),
)
# Anybody's scripts, whose names are public.
KEYLESS = SCRIPTS
# One line of a file is one event.
LINE_PATH = "/capture/"


class Config(Configured):
    static: Path | None = None
    """The folder `dist` of the npm package posthog-js, for pages that use its snippet. Unset: they are told so."""


def key_of(request: Request) -> str:
    """Wherever one of the SDKs puts it: the header, the address, the query, the body."""
    if request.path.startswith("/array/"):
        return request.path.split("/")[2]
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    shown = bearer or request.query.get("token") or request.query.get("api_key", "")
    return shown or _key_in_body(request)


def stranger() -> Reply:
    detail = "Project API key invalid: `improver connect` prints one."
    return _refusal(401, "unknown_key", "invalid_api_key", detail)


def answer(request: Request, config: Config) -> Reply | None:
    """What is only asked for, and leaves nothing to keep."""
    if request.path.rstrip("/") in FLAGS:
        return pages.flags()
    if request.path.startswith("/array/"):
        return (pages.remote_config_script if request.path.endswith(".js") else pages.remote_config)(key_of(request))
    if request.path.startswith("/static/"):
        return pages.static_script(request.path.rpartition("/")[2], config.static)
    return None


def check(request: Request, config: Config) -> Reply | None:
    try:
        head_of(request.body, request.headers.get("content-encoding", ""))
    except TooLarge as error:
        return _refusal(413, "too_large", "payload_too_large", error.message)
    except UnknownEncoding as error:
        return _refusal(415, "unknown_encoding", "unsupported_encoding", error.message)
    except ImproverError as error:
        return _refusal(400, "malformed", "invalid_payload", error.message)
    return None


def accepted(request: Request) -> Reply:
    if request.path.rstrip("/") != V1:
        return Reply(status=200, body=b'{"status": 1}')
    taken = body_of(request.body, request.headers.get("content-encoding", "")).events
    ids = [text(event.get("uuid")) for event in taken if isinstance(event, dict)]
    return Reply(status=200, body=json.dumps({"results": {one: {"result": "ok"} for one in ids if one}}).encode())


def decode(payloads: Iterable[Payload], config: Configured) -> Batch:
    """One by one: what `decode_together` makes of many must be the same."""
    found: list[Event] = []
    rejected: Counter[str] = Counter()
    for sending, body in map(_sent, payloads):
        for record in body.events:
            made = events_in(record, sending, body)
            if isinstance(made, str):
                rejected[made] += 1
            else:
                found += made
    return Batch.of(found, rejected)


def decode_together(payloads: Sequence[Payload], config: Configured) -> Batch:
    return together.decode([_sent(payload) for payload in payloads])


def example(key: str, id: str, now: datetime) -> Mapping[str, Request]:
    about = {"distinct_id": DOCTOR, "timestamp": now.isoformat(), "properties": {"environment": DOCTOR}}
    usage, failure = ({"event": name, "uuid": uuid, **about} for name, uuid in ((DOCTOR, id), ("$exception", id[::-1])))
    body = json.dumps({"api_key": key, "batch": [usage, failure]}).encode()
    return {"batch": Request(method="POST", path="/batch/", query={}, headers={}, body=body)}


def _sent(payload: Payload) -> tuple[Sending, Body]:
    body = body_of(payload.body, payload.content_encoding)
    return Sending(payload=payload, sent_at=_sent_at(payload, body)), body


def _sent_at(payload: Payload, body: Body) -> datetime | None:
    """What came without a key is a line of a file, and was not sent just now."""
    told = body.about.get("sent_at") or (body.about.get("created_at") if payload.path.rstrip("/") == V1 else None)
    return moment(told) if payload.key_id else None


def _key_in_body(request: Request) -> str:
    """A body that cannot be read shows no key."""
    try:
        return head_of(request.body, request.headers.get("content-encoding", "")).key
    except ImproverError:
        return ""


def _refusal(status: int, reason: str, code: str, detail: str) -> Reply:
    kind = "authentication_error" if status == 401 else "validation_error"
    body = json.dumps({"type": kind, "code": code, "detail": detail, "attr": None}).encode()
    return Reply(status=status, reason=reason, body=body)
