"""Ports and the daemon: whether telemetry can get in, tried with a real event."""

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from improver import listeners, read
from improver.client import Client
from improver.config import Settings
from improver.config.settings import Ingest, Web
from improver.datadir import DataDir
from improver.doctor.check import Check, fail, failed, ok, warn
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import TrustLabel
from improver.read.status import Status

ENVIRONMENT = "improver-doctor"  # its errors are stored, and no Detector looks at them
DIGEST_S = 10.0


def examine(settings: Settings) -> Iterator[Check]:
    client = Client(settings)
    if not client.daemon_answers():
        yield from _ports(settings)
        yield warn("daemon", "not running", "`improver run` starts it; this then also sends a test event")
        return
    try:
        status = client.ask(read.status)
    except ImproverError as error:
        yield failed("daemon", error)
        return
    yield ok("daemon", f"process {status.daemon.pid}, ingest {status.daemon.ingest}, web {status.daemon.web}")
    if status.paused:
        yield warn("paused", status.paused_because, "`improver resume`")
    yield from _storage(status)
    yield _event(settings, client, status)


def _storage(status: Status) -> Iterator[Check]:
    for file, reason in status.storage.damaged.items():
        yield fail(f"day file {file}", f"{reason}: its Events are missing", "bring it back from a backup")
    for lost in status.storage.lost:
        yield warn("lost", lost, "remove that folder below `damaged` when you have read it")


def _ports(settings: Settings) -> Iterator[Check]:
    doors: dict[str, Ingest | Web] = {"ingest.port": settings.ingest, "web.port": settings.web}
    for setting, door in doors.items():
        try:
            listeners.bind(door.host, door.port, setting).close()
        except ImproverError as error:
            yield failed(setting, error)
        else:
            yield ok(setting, f"{door.host}:{door.port} is free" if door.port else "takes a free one")


def _event(settings: Settings, client: Client, before: Status) -> Check:
    """One event, sent as an SDK sends it, and followed until it is in the Warehouse."""
    label = "test event"
    keys = Keys.load(DataDir(settings.data_dir).keys)
    usable = (keys.of_target(target, TrustLabel.SERVER) for target in settings.targets)
    key = next((key for key in usable if key), None)
    if key is None:
        return warn(label, "no key to send it with", "`improver connect TARGET` makes one")
    begun = time.monotonic()
    try:
        code = _send(before.daemon.ingest, key.value, key.project)
    except OSError as error:
        return fail(label, f"{before.daemon.ingest} does not take it: {error}", "see the daemon's log")
    if code // 100 != 2:
        return fail(label, f"answered with status {code}", "see the daemon's log")
    had = before.collectors["sentry"].events
    while time.monotonic() - begun < DIGEST_S:
        if client.ask(read.status).collectors["sentry"].events > had:
            return ok(label, f"sent for {key.target}, and in the Warehouse after {time.monotonic() - begun:.1f} s")
        time.sleep(0.1)
    return fail(label, f"accepted, and not in the Warehouse after {DIGEST_S:.0f} s", "see the daemon's log")


def _send(origin: str, key: str, project: int) -> int:
    event = {
        "event_id": uuid.uuid4().hex,
        "timestamp": datetime.now(UTC).isoformat(),
        "platform": "other",
        "level": "error",
        "environment": ENVIRONMENT,
        "message": "improver doctor looks whether events arrive",
    }
    lines = ({"event_id": event["event_id"]}, {"type": "event"}, event)
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    place = urlsplit(origin)
    connection = http.client.HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=10)
    try:
        headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=improver-doctor, sentry_key={key}"}
        connection.request("POST", f"/api/{project}/envelope/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
