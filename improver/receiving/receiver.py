"""The ingest origin, in raw ASGI: authenticates, caps and spools what Collectors' clients send, and only then acks."""

import asyncio
import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from improver import plugins
from improver.config.settings import Ingest
from improver.errors import ImproverError
from improver.fixes import Fixes, moment
from improver.inflate import GZIP_MAGIC
from improver.keys import Key, Keys
from improver.model import Payload, Reply, Request, TrustLabel
from improver.model.configured import Configured
from improver.receiving import asgi, browsers, refusals
from improver.receiving.quota import Quota
from improver.spool import Spool

Answer = TypeVar("Answer")

MIB = 1 << 20
MAX_PATH = 1024
EXPOSED = "x-sentry-error, x-sentry-rate-limits, retry-after"
FIXES = "/fixes"
# A look at less takes no longer than to hand it to a thread; what is compressed may be many times as large.
SMALL, SMALL_COMPRESSED = 64 << 10, 8 << 10
KNOWN_PATHS = 4096
_HEADER_NAMES = re.compile(r"[A-Za-z0-9, _-]{0,1000}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What all requests together may take, and how long one body may."""

    in_flight: int = 100
    held_bytes: int = 256 * MIB
    body_seconds: float = 30.0


LIMITS = Limits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """`keyless` routes also take what comes without a known key, as public evidence."""

    method: str
    pattern: str
    collector: str
    plugin: ModuleType
    config: Configured
    keyless: bool

    def matches(self, path: str) -> bool:
        ours, theirs = self.pattern.split("/"), path.split("/")
        return len(ours) == len(theirs) and all(
            bool(their) if our.startswith("{") else our == their for our, their in zip(ours, theirs, strict=True)
        )


class Refused(Exception):
    """Ends a request early with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.reason)
        self.reply = reply


class Receiver:
    def __init__(
        self,
        *,
        spool: Spool,
        keys: Keys,
        collectors: Mapping[str, tuple[ModuleType, Configured]],
        settings: Ingest,
        clock: Callable[[], datetime],
        fixes: Path,
        limits: Limits = LIMITS,
    ) -> None:
        self._spool = spool
        self._keys = keys
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._fixes = Fixes(fixes)
        self._quota = Quota(settings.quota_per_minute, clock)
        self._routes = [route for name, collector in collectors.items() for route in _routes(name, *collector)]
        self._routes_of = lru_cache(KNOWN_PATHS)(self._matching)
        self._ids = _fresh_ids()
        self._counting = threading.Lock()
        self._payloads: Counter[str] = Counter(dict.fromkeys(collectors, 0))
        self._rejected: Counter[tuple[str, str]] = Counter()
        self._untold: Counter[tuple[str, str]] = Counter()
        self._in_flight = 0
        self._held = 0

    def counters(self) -> dict[str, dict[str, Any]]:
        """Since the start, by Collector: Payloads accepted, and requests refused by reason word."""
        with self._counting:
            return {
                name: {"payloads": count, "rejected": {r: n for (c, r), n in self._rejected.items() if c == name}}
                for name, count in self._payloads.items()
            }

    def turned_away(self) -> Counter[tuple[str, str]]:
        """Requests refused since the last call, by Collector and reason word."""
        with self._counting:
            untold, self._untold = self._untold, Counter()
            return untold

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        if scope["type"] == "lifespan":
            await asgi.lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif scope["type"] == "http":
            headers = asgi.headers_of(scope)
            try:
                reply = await self._answer(scope, headers, receive)
            except asgi.Disconnected:
                return
            await asgi.send_reply(send, reply, self._cors(headers.get("origin", "")))

    async def _answer(self, scope: asgi.Scope, headers: Mapping[str, str], receive: asgi.Receive) -> Reply:
        method, path = scope["method"], scope["path"]
        methods = self._routes_of(path) if len(path) <= MAX_PATH else {}
        if not methods and path != FIXES:
            known = sorted({f"{route.method} {route.pattern}" for route in self._routes} | {f"GET {FIXES}"})
            return refusals.refusal(404, "unknown_path", "there is nothing here", {"paths": known})
        if method == "OPTIONS":
            return self._preflight(headers, methods)
        if method not in (methods or ("GET",)):
            allow = ", ".join(methods or ("GET",))
            return replace(refusals.refusal(405, "method", f"use {allow} here"), headers={"allow": allow})
        try:
            if "origin" in headers and not self._allows(headers["origin"]):
                raise Refused(refusals.other_origin())
            request = Request(method=method, path=path, query=_query(scope), headers=headers)
            return await self._collect(methods[method], request, receive) if methods else self._tell(request)
        except Refused as refused:
            self._count_refusal(methods.get(method), refused.reply)
            return refused.reply

    async def _collect(self, route: Route, request: Request, receive: asgi.Receive) -> Reply:
        with self._room() as hold:
            if self._spool.full():
                await asgi.pass_over(receive, self._settings.max_body_mb * MIB, self._limits.body_seconds)
                raise Refused(refusals.shed(route.plugin, "spool_full"))
            request = replace(request, body=await self._body(receive, hold))
            ask = _at_once if _is_small(request) else asyncio.to_thread
            key = await ask(partial(self._key, route, request))
            if not self._quota.takes(key.id if key else ""):
                raise Refused(refusals.shed(route.plugin, "over_quota"))
            reply, keep = await ask(partial(_examined, route, request))
            if reply is not None and not keep:
                return reply
            try:
                await self._spool.append(self._payload(route, request, key))
            except ImproverError as error:
                raise Refused(refusals.shed(route.plugin, "spool_full")) from error
        with self._counting:
            self._payloads[route.collector] += 1
        if reply is None:
            accepted = partial(route.plugin.accepted, request)
            reply, _ = await ask(partial(plugins.guarded, "collectors", route.collector, accepted))
        return reply or Reply(status=200, body=b"{}")

    async def _body(self, receive: asgi.Receive, hold: Callable[[int], None]) -> bytes:
        cap = self._settings.max_body_mb * MIB
        try:
            return await asgi.body_of(receive, hold, cap, self._limits.body_seconds)
        except asgi.TooLarge as error:
            raise Refused(refusals.refusal(413, "too_large", f"the body is larger than {cap} bytes")) from error
        except TimeoutError as error:
            slow = f"the body did not arrive within {self._limits.body_seconds} s"
            raise Refused(refusals.refusal(408, "slow_body", slow)) from error

    def _payload(self, route: Route, request: Request, key: Key | None) -> Payload:
        secret = key is not None and key.trust is TrustLabel.SERVER
        server = secret and not browsers.sent_by_a_browser(request.headers)
        return Payload(
            id=next(self._ids),
            collector=route.collector,
            path=request.path,
            received_at=self._clock(),
            body=request.body,
            key_id=key.id if key else "",
            trust=TrustLabel.SERVER if server else TrustLabel.PUBLIC,
            content_type=request.headers.get("content-type", "")[:200],
            content_encoding=request.headers.get("content-encoding", "")[:200],
        )

    def _key(self, route: Route, request: Request) -> Key | None:
        shown, _ = plugins.guarded("collectors", route.collector, lambda: route.plugin.key_of(request))
        key = self._known(shown or "", request)
        if key or (route.keyless and not browsers.from_a_strangers_page(request.headers)):
            return key
        raise Refused(refusals.stranger(route.plugin, bool(shown)))

    def _known(self, shown: str, request: Request) -> Key | None:
        key = self._keys.find(shown) if shown else None
        if key and key.origins and request.headers.get("origin", key.origins[0]) not in key.origins:
            raise Refused(refusals.foreign_page())
        return key

    def _matching(self, path: str) -> dict[str, Route]:
        """By method."""
        return {route.method: route for route in self._routes if route.matches(path)}

    def _tell(self, request: Request) -> Reply:
        shown = request.query.get("key") or request.headers.get("x-improver-key", "")
        key = self._known(shown, request)
        if key is None:
            raise Refused(refusals.no_key(bool(shown)))
        told = self._fixes.of(key.target, _since(request.query.get("since", "")), request.query.get("user", ""))
        return Reply(status=200, body=json.dumps(told).encode())

    @contextmanager
    def _room(self) -> Iterator[Callable[[int], None]]:
        """A place among the requests in flight, and for their bytes, until this one is answered."""
        held = 0

        def hold(size: int) -> None:
            nonlocal held
            held, self._held = held + size, self._held + size
            if self._held > self._limits.held_bytes:
                raise Refused(refusals.busy())

        if self._in_flight >= self._limits.in_flight:
            raise Refused(refusals.busy())
        self._in_flight += 1
        try:
            yield hold
        finally:
            self._in_flight -= 1
            self._held -= held

    def _count_refusal(self, route: Route | None, reply: Reply) -> None:
        if route is None:
            return
        with self._counting:
            for counter in (self._rejected, self._untold):
                counter[route.collector, reply.reason or f"status_{reply.status}"] += 1

    def _allows(self, origin: str) -> bool:
        return "*" in self._settings.allowed_origins or origin in self._settings.allowed_origins

    def _cors(self, origin: str) -> dict[str, str]:
        if not origin or not self._allows(origin):
            return {}
        return {"access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED, "vary": "origin"}

    def _preflight(self, headers: Mapping[str, str], methods: Mapping[str, Route]) -> Reply:
        if not self._allows(headers.get("origin", "")):
            return refusals.other_origin()
        asked = headers.get("access-control-request-headers", "")
        allowed = {
            "access-control-allow-methods": ", ".join([*methods, "OPTIONS"] if methods else ["GET", "OPTIONS"]),
            "access-control-allow-headers": asked if _HEADER_NAMES.fullmatch(asked) else "content-type",
            "access-control-max-age": "600",
        }
        return Reply(status=204, headers=allowed)


def _fresh_ids() -> Iterator[str]:
    """Many at once: each look at the system's own randomness costs as much as a look at a small body."""
    while True:
        digits = secrets.token_hex(16 * 256)
        yield from (digits[at : at + 32] for at in range(0, len(digits), 32))


async def _at_once(call: Callable[[], Answer]) -> Answer:
    return call()


def _is_small(request: Request) -> bool:
    compressed = "content-encoding" in request.headers or request.body.startswith(GZIP_MAGIC)
    return len(request.body) <= (SMALL_COMPRESSED if compressed else SMALL)


def _since(text: str) -> datetime | None:
    try:
        # In a query, the "+" of a zone arrives as a blank.
        return moment(text.strip().replace(" ", "+")) if text else None
    except ValueError as error:
        raise Refused(refusals.refusal(400, "since", "since is a time like 2026-01-31T12:00:00Z")) from error


def _routes(name: str, plugin: ModuleType, config: Configured) -> Iterator[Route]:
    keyless = () if getattr(config, "require_key", False) else getattr(plugin, "KEYLESS", ())
    for method, pattern in plugin.ROUTES:
        yield Route(
            method=method, pattern=pattern, collector=name, plugin=plugin, config=config, keyless=pattern in keyless
        )


def _examined(route: Route, request: Request) -> tuple[Reply | None, bool]:
    """The Collector's reply, if it has one by now, and whether to keep the request; a broken check refuses nothing."""
    for verb in ("answer", "examine", "check"):
        if ask := getattr(route.plugin, verb, None):
            reply, _ = plugins.guarded("collectors", route.collector, partial(ask, request, route.config))
            if reply is not None and (reply.status >= 400 or verb == "check"):
                raise Refused(reply)
            if reply is not None:
                return reply, verb == "examine"
    return None, True


def _query(scope: asgi.Scope) -> dict[str, str]:
    try:
        return asgi.query_of(scope)
    except ValueError as error:
        raise Refused(refusals.refusal(400, "query", f"more than {asgi.MAX_PARAMETERS} parameters")) from error
