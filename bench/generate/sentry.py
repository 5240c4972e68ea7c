"""Errors as sentry-sdk sends them: one envelope a request, compressed, 20 KB before."""

import json
import struct
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from bench.generate.request import Made, Sender
from bench.generate.variety import AGENTS, ROUTES, STACKS, USERS, Failure, Place, failure, route, skewed, source_line

BYTES = 20_000
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class Events:
    """What differs in each event is a stored block in front of its cause's ready-compressed rest."""

    def __init__(self, sender: Sender, seed: int, items: int = 1, variants: int = 2) -> None:
        self.items = items
        self.path = f"/api/{sender.project}/envelope/"
        self.headers: Mapping[str, str] = {
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
            "User-Agent": "sentry.python/2.75.0",
            "X-Sentry-Auth": f"Sentry sentry_key={sender.key}, sentry_version=7, sentry_client=sentry.python/2.75.0",
        }
        self._random = Random(seed)
        self._seed, self._variants = seed, variants
        self._rests: dict[int, tuple[bytes, bytes]] = {}

    def make(self, now_ns: int) -> Made:
        random = self._random
        cause = skewed(random, STACKS)
        rest, compressed = self._rest(cause * self._variants + random.randrange(self._variants))
        event_id = f"{random.getrandbits(128):032x}"
        start = _start(random, event_id, failure(cause), now_ns)
        trace = {"trace_id": f"{random.getrandbits(128):032x}"}
        header = {"event_id": event_id, "sent_at": _iso(now_ns), "trace": trace}
        item = {"type": "event", "content_type": "application/json", "length": len(start) + len(rest) - 1}
        head = b"\n".join((json.dumps(header).encode(), json.dumps(item).encode(), start))
        return Made(body=_gzip(head, rest, compressed), ids=(event_id,))

    def _rest(self, number: int) -> tuple[bytes, bytes]:
        if number not in self._rests:
            shape = Random(1_000_003 * self._seed + number)
            self._rests[number] = _compressed(_rest(shape, failure(number // self._variants)))
        return self._rests[number]


def _start(random: Random, event_id: str, cause: Failure, now_ns: int) -> bytes:
    """The first keys of an event: those that differ each time."""
    user = random.randrange(USERS)
    method, path = route(skewed(random, ROUTES))
    event = {
        "event_id": event_id,
        "timestamp": _iso(now_ns),
        "transaction": path,
        "server_name": f"web-{user % 8}",
        "user": {"id": f"u{user}", "ip_address": f"10.1.{user % 250}.{user // 250}"},
        "request": {
            "url": f"https://shop.example.com{path.replace('{id}', str(random.randrange(10**6)))}",
            "method": method,
            "headers": {"Host": "shop.example.com", "User-Agent": random.choice(AGENTS), "Accept": "*/*"},
        },
        "contexts": {"trace": _trace(random), "runtime": {"name": "CPython", "version": "3.13.1"}},
        "logentry": {"message": f"{cause.said} {random.randrange(10**6)}"},
    }
    return json.dumps(event, separators=(",", ":")).encode()[:-1] + b","


def _trace(random: Random) -> dict[str, str]:
    ids = {"trace_id": f"{random.getrandbits(128):032x}", "span_id": f"{random.getrandbits(64):016x}"}
    return {**ids, "op": "http.server", "status": "internal_error"}


def _rest(random: Random, cause: Failure) -> bytes:
    exception = {
        "type": cause.type,
        "module": "shop",
        "value": f"{cause.said} {random.randrange(10**6)}",
        "mechanism": {"type": "django", "handled": False},
        "stacktrace": {"frames": [_frame(random, place) for place in cause.places]},
    }
    event: dict[str, Any] = {
        "platform": "python",
        "level": "error",
        "environment": "production",
        "release": f"shop@1.{random.randrange(6)}.0",
        "exception": {"values": [exception]},
        "tags": {"region": f"eu-{random.randrange(3)}", "tenant": f"t{random.randrange(40)}"},
        "sdk": {"name": "sentry.python.django", "version": "2.75.0", "integrations": ["django", "logging", "stdlib"]},
        "modules": {f"package-{n}": f"{n % 7}.{n}.0" for n in range(60)},
        "breadcrumbs": {"values": []},
    }
    crumbs, size = event["breadcrumbs"]["values"], len(json.dumps(event))
    while size < BYTES - 900:
        crumbs.append(_crumb(random))
        size += len(json.dumps(crumbs[-1], separators=(",", ":"))) + 1
    return json.dumps(event, separators=(",", ":")).encode()[1:] + b"\n"


def _frame(random: Random, place: Place) -> dict[str, Any]:
    around = [f"    # step {place.line + n}: look at the order before it is used" for n in range(-5, 6)]
    return {
        "filename": place.file,
        "abs_path": f"/srv/{place.file}",
        "module": place.file.removesuffix(".py").replace("/", "."),
        "function": place.function,
        "lineno": place.line,
        "in_app": place.in_app,
        "pre_context": around[:5],
        "context_line": f"    {source_line(place)}",
        "post_context": around[6:],
        "vars": {
            "order_id": str(random.randrange(10**6)),
            "retries": "3",
            "self": f"<Orders {random.getrandbits(44):x}>",
        },
    }


def _crumb(random: Random) -> dict[str, Any]:
    return {
        "type": "default",
        "category": random.choice(("query", "httplib", "app.log")),
        "level": "info",
        "timestamp": "2026-01-01T00:00:00.000000Z",
        "message": f"SELECT * FROM shop_{random.randrange(40)} WHERE id = {random.randrange(10**6)} LIMIT 21",
        "data": {"ms": random.randrange(90)},
    }


def _iso(now_ns: int) -> str:
    return datetime.fromtimestamp(now_ns / 1e9, UTC).isoformat().replace("+00:00", "Z")


def _compressed(rest: bytes) -> tuple[bytes, bytes]:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    return rest, compressor.compress(rest) + compressor.flush()


def _gzip(head: bytes, rest: bytes, compressed: bytes) -> bytes:
    """One member: the head as it is, then the rest as it was compressed."""
    checksum = zlib.crc32(rest, zlib.crc32(head))
    stored = b"\x00" + struct.pack("<HH", len(head), len(head) ^ 0xFFFF) + head
    return GZIP_HEAD + stored + compressed + struct.pack("<II", checksum, (len(head) + len(rest)) & 0xFFFFFFFF)
