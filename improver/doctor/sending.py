"""Sends one example: over HTTP, over gRPC, or as a file; what goes wrong is said with what to do about it."""

import http.client
import json
import os
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from improver.errors import ImproverError
from improver.model import LeftFile, Request
from improver.receiving import grpc_door

SEND_S = 15.0
SAID = 300  # characters of a refusal that are shown
ADVICE = {
    401: "the Collector does not find the key where its example() puts it",
    403: "see ingest.allowed_origins, and the origins of the key in keys.toml",
    404: "is the Collector newer than the daemon? restart the daemon",
    413: "see ingest.max_body_mb",
    429: "free some disk, or wait: see spool.max_mb and spool.min_free_mb, and ingest.quota_per_minute",
    503: "free some disk, or wait: see spool.max_mb and spool.min_free_mb, and ingest.quota_per_minute",
}
LOG = "see the daemon's log"
# gRPC's own, which the client sets by itself.
TRANSPORT = ("content-type", "content-encoding")


def post(origin: str, request: Request) -> None:
    place = urlsplit(origin)
    query = f"?{urlencode(request.query)}" if request.query else ""
    connection = http.client.HTTPConnection(place.hostname or "127.0.0.1", place.port, timeout=SEND_S)
    try:
        connection.request(request.method, quote(request.path) + query, request.body, dict(request.headers))
        answer = connection.getresponse()
        status, body = answer.status, answer.read(1 << 16)
    except (OSError, http.client.HTTPException) as error:
        raise ImproverError(f"{origin} did not take it: {error}", hint=LOG) from error
    finally:
        connection.close()
    if status // 100 != 2:
        raise ImproverError(f"refused with status {status}: {_detail(body)}", hint=ADVICE.get(status, LOG))


def call(address: str, method: str, request: Request) -> None:
    told = {name: value for name, value in request.headers.items() if name not in TRANSPORT}
    grpc_door.call(address, method, request.body, told, SEND_S)


def leave(folder: Path, file: LeftFile) -> None:
    """Whole or not at all, as docs/crash-files.md says."""
    unfinished = folder / f"{file.name}.tmp"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(file.body)
        unfinished.rename(folder / file.name)
    except OSError as error:
        raise ImproverError(f"cannot write into {folder}: {error.strerror}", hint="see its owner and mode") from error


def _detail(body: bytes) -> str:
    """What a refusal says, in whichever Collector's words."""
    try:
        record = json.loads(body)
    except ValueError:
        return body.decode(errors="replace")[:SAID]
    said = record.get("detail") or record.get("message") if isinstance(record, dict) else ""
    return str(said or record)[:SAID]
