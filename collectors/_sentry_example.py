"""What Sentry's SDKs send, one envelope of each kind, for `improver doctor`."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from improver.model import DOCTOR, Request

SAID = "improver doctor looks whether this arrives"
LOGS = "application/vnd.sentry.items.log+json"


def example(key: str, id: str, now: datetime) -> Mapping[str, Request]:
    at = now.isoformat()
    about = {"event_id": id, "platform": "other", "environment": DOCTOR, "timestamp": at}
    trace = {"trace_id": id, "span_id": id[:16]}
    error = {**about, "level": "error", "message": SAID}
    transaction = {
        **about, "type": "transaction", "transaction": DOCTOR, "start_timestamp": at, "contexts": {"trace": trace},
    }  # fmt: skip
    session = {
        "sid": id, "init": True, "started": at, "timestamp": at, "status": "exited", "errors": 0,
        "attrs": {"release": DOCTOR, "environment": DOCTOR},
    }  # fmt: skip
    log = {"timestamp": now.timestamp(), **trace, "level": "info", "body": SAID, "attributes": {}}
    return {
        "error": _envelope(key, {"type": "event"}, error),
        "transaction": _envelope(key, {"type": "transaction"}, transaction),
        "session": _envelope(key, {"type": "session"}, session),
        "log": _envelope(key, {"type": "log", "item_count": 1, "content_type": LOGS}, {"items": [log]}),
        # Beside the error above, the same id would count as sent again.
        "Spotlight": _envelope(key, {"type": "event"}, {**error, "event_id": id[::-1]}, path="/stream"),
    }


def _envelope(key: str, item: dict[str, Any], record: dict[str, Any], path: str = "/api/1/envelope/") -> Request:
    body = "".join(json.dumps(line) + "\n" for line in ({}, item, record)).encode()
    headers = {"x-sentry-auth": f"Sentry sentry_version=7, sentry_client={DOCTOR}, sentry_key={key}"}
    return Request(method="POST", path=path, query={}, headers=headers, body=body)
