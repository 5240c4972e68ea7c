"""The recorded requests of tests/fixtures/captures, and a way to send them again exactly as they were sent."""

import base64
import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from improver.keys import Keys
from improver.model import TrustLabel
from tests.ingest import CAPTURES

# The keys that the recorded clients were given; those that are too short for us stand for a longer one.
LONG = "k" * 32
SHORT = ((b"sentry_key=k,", f"sentry_key={LONG},".encode()), (b'"phc_k"', f'"{LONG}"'.encode()))
KEYS = ("publickey0123456789abcdef", "phc_demo_project_key", LONG)


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """`method` is that of HTTP, or the whole name of a gRPC method, whose `headers` are its metadata."""

    name: str
    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    @property
    def rpc(self) -> bool:
        return not self.path


@cache
def runs() -> dict[str, list[Recorded]]:
    """Each client run with its requests in the order in which they arrived."""
    return {folder.name: [_read(file) for file in sorted(folder.glob("*.json"))] for folder in _folders()}


def know_their_keys(file: Path, target: str) -> None:
    """Afterwards the recorded clients' keys are secret keys of this Target."""
    for value in KEYS:
        key = Keys.create(file, target, TrustLabel.SERVER)
        file.write_text(file.read_text().replace(key.value, value))


def send(recorded: Recorded, http_port: int, grpc_port: int | None = None) -> int:
    """The status that it is answered with; 200 for a call over gRPC that succeeds."""
    if recorded.rpc:
        return _call(recorded, grpc_port)
    connection = http.client.HTTPConnection("127.0.0.1", http_port, timeout=30)
    connection.putrequest(recorded.method, recorded.path, skip_host=True, skip_accept_encoding=True)
    body = _with_our_keys(recorded.body)
    for name, value in recorded.headers:
        length = str(len(body)) if name.lower() == "content-length" else value
        connection.putheader(name, _with_our_keys(length.encode()))
    chunked = any(name.lower() == "transfer-encoding" for name, _ in recorded.headers)
    connection.endheaders(body, encode_chunked=chunked)
    status = connection.getresponse().status
    connection.close()
    return status


def _with_our_keys(said: bytes) -> bytes:
    for short, long in SHORT:
        said = said.replace(short, long)
    return said


def _folders() -> list[Path]:
    return sorted(path for path in CAPTURES.iterdir() if path.is_dir())


def _read(file: Path) -> Recorded:
    told = json.loads(file.read_text())
    return Recorded(
        name=file.stem,
        method=told["method"],
        path=told.get("path", ""),
        headers=[(name, value) for name, value in told.get("headers", told.get("metadata"))],
        body=base64.b64decode(told["body_b64"]),
    )


def _call(recorded: Recorded, port: int | None) -> int:
    import grpc

    metadata = [(name, value) for name, value in recorded.headers if name != "user-agent"]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        channel.unary_unary(recorded.method)(recorded.body, metadata=metadata, timeout=20)
    return 200
