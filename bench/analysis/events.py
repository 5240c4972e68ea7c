"""Whether every event of the real clients comes in: all but those known to be broken."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from improver import grouping, plugins
from improver.errors import ImproverError
from improver.model import ErrorEvent, Payload

SET = "sentry-event-samples"


def measure(folder: Path) -> Iterator[str]:
    broken = set((folder / "KNOWN-BROKEN").read_text().split())
    files = [path for path in sorted(folder.glob("*/*.json")) if path.relative_to(folder).as_posix() not in broken]
    rejected = [path.name for path in files if not _comes_in(path)]
    yield f"{SET}: {len(files)} events, {len(rejected)} rejected {rejected or ''} (asked for: 0)"


def _comes_in(path: Path) -> bool:
    sentry = plugins.load("collectors", "sentry")
    body = json.dumps(json.loads(path.read_text())).encode()
    payload = Payload(
        id=path.name, collector="sentry", path=sentry.LINE_PATH, received_at=datetime.now(UTC), body=body,
        content_type="application/json",
    )  # fmt: skip
    try:
        batch = sentry.decode([payload], sentry.Config())
    except ImproverError:
        return False
    keys = [grouping.group(event).key for event in batch.events if isinstance(event, ErrorEvent)]
    return not batch.rejected and all(keys)
