"""What a person or an operator agent says about the software: a form or JSON, by HTTP, command line or MCP."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from improver.collectors._lenient import clamped, count, text
from improver.errors import ImproverError
from improver.inflate import TooLarge, UnknownEncoding, inflate
from improver.model import DOCTOR, Batch, Event, Payload, RemarkEvent, Reply, Request
from improver.model.configured import Configured

PATH = "/feedback"
ROUTES = (("POST", PATH), ("POST", f"{PATH}/"))
# One line of a file is one remark.
LINE_PATH = PATH

FORM = "application/x-www-form-urlencoded"
PROBLEMS = ("blocker", "suggestion", "said")
MAX_BYTES = 256 * 1024
MAX_FIELDS = 50
MAX_FIELD = 16 * 1024
MAX_NAME = 1024
EXAMPLE = 'e.g. {"goal": "export my list", "blocker": "the button does nothing", "suggestion": "say why"}'
BY_SCRIPT = "send JSON, or new URLSearchParams(new FormData(form))"


class Config(Configured):
    """There is nothing to set: what may be sent, and from where, is set under [ingest]."""


def key_of(request: Request) -> str:
    """A plain form has no headers of its own: its key stands in its address."""
    shown = request.headers.get("x-improver-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    return shown or request.query.get("key", "")


def check(request: Request, config: Configured) -> Reply | None:
    sent_as = request.headers.get("content-type", "")
    if sent_as.lower().startswith("multipart/"):
        return _refusal(415, "multipart", "a multipart form is not taken here", BY_SCRIPT)
    try:
        record = _record(request.body, sent_as, request.headers.get("content-encoding", ""))
    except TooLarge as error:
        return _refusal(413, "too_large", error.message, error.hint)
    except UnknownEncoding as error:
        return _refusal(415, "unknown_encoding", error.message, error.hint)
    except ImproverError as error:
        return _refusal(400, "malformed", error.message, error.hint)
    if not any(_field(record, name) for name in PROBLEMS):
        missing = f"it names no problem: {', '.join(PROBLEMS)} are all missing, and one of them is needed"
        return _refusal(400, "no_problem", missing, EXAMPLE)
    return None


def accepted(request: Request) -> Reply:
    return Reply(status=200, body=b'{"noted": true}')


def decode(payloads: Iterable[Payload], config: Configured) -> Batch:
    events: list[Event] = []
    silent = 0
    for payload in payloads:
        remark = _remark(_record(payload.body, payload.content_type, payload.content_encoding), payload)
        if remark.said or remark.blocker or remark.suggestion:
            events.append(remark)
        else:
            silent += 1
    return Batch.of(events, {"no_problem": silent} if silent else {})


def example(key: str, id: str, now: datetime) -> Mapping[str, Request]:
    record = {"id": id, "at": now.isoformat(), "service": DOCTOR, "said": "improver doctor looks whether this arrives"}
    headers = {"x-improver-key": key, "content-type": "application/json"}
    return {"remark": Request(method="POST", path=PATH, query={}, headers=headers, body=json.dumps(record).encode())}


def _remark(record: dict[str, Any], payload: Payload) -> RemarkEvent:
    names = ("service", "environment", "release", "user", "session", "about")
    return RemarkEvent(
        payload_id=payload.id,
        occurred_at=clamped(record.get("at"), payload.received_at),
        client_id=text(record.get("id"), MAX_NAME),
        route=text(record.get("about"), MAX_NAME),
        **{name: text(record.get(name), MAX_NAME) for name in names},
        **{name: _field(record, name) for name in ("said", "goal", "attempted", "blocker", "suggestion")},
        calls_wasted=count(record.get("calls_wasted")),
        data=record,
    )


def _field(record: dict[str, Any], name: str) -> str:
    """What an agent was asked for as its "suggested improvement" may come under that name."""
    value = record.get(name) or (record.get("suggested_improvement") if name == "suggestion" else "")
    return text(value, MAX_FIELD).strip()


def _record(body: bytes, content_type: str, encoding: str) -> dict[str, Any]:
    """JSON under any name, since a page may only post text; else a form if it says so; else all of it is said."""
    content = inflate(body, encoding, cap=MAX_BYTES).strip()
    if content.startswith(b"{"):
        return _object(content)
    if content_type.lower().startswith(FORM):
        return _form(content)
    if "json" in content_type.lower():
        raise ImproverError("the body is no JSON object", hint=EXAMPLE)
    return {"said": content.decode(errors="replace")}


def _object(content: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImproverError("the body begins like JSON and is none", hint=EXAMPLE) from error
    return record


def _form(content: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(content.decode(errors="replace"), max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise ImproverError(f"the form has more than {MAX_FIELDS} fields", hint=EXAMPLE) from error


def _refusal(status: int, reason: str, detail: str, hint: str) -> Reply:
    return Reply(status=status, reason=reason, body=json.dumps({"detail": detail, "hint": hint}).encode())
