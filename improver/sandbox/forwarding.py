"""The HTTP half of the model proxy: passes requests on and streams the answers back."""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, nullcontext
from urllib.parse import parse_qsl, urlencode

import httpx2
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from improver.sandbox.decision import Decision, Upstream, refusal, unfit
from improver.sandbox.meter import Meter
from improver.sandbox.usage import Reading
from improver.sandbox.wire import costs, model_in, parsed, refused, wire_of

log = logging.getLogger(__name__)

TIMEOUT = httpx2.Timeout(600, connect=15)  # a model may think for minutes before its first byte
GRACE_S = 1
LARGEST_BODY = 32 << 20
PLAIN = "identity"  # what cannot be read cannot be counted
# Somebody's own key would carry our files to their account: whatever could be one stays here.
CREDENTIAL = re.compile(r"auth|key|token|cookie|secret")
CONNECTION_ONLY = {
    "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te",
    "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip


# The word that each vendor's clients know for "do not try again", and that the SDKs of two of them obey.
NO_RETRY = {"x-should-retry": "false"}
SPENT = 402


class OverBudget(Exception):
    """The answer is cut where the budget ended."""


class Forwarding:
    """One ASGI app on one listening socket, served in the thread that calls `serve` until somebody calls `stop`."""

    upstream: Upstream | None = None

    def __init__(
        self,
        key: str,
        decided: Callable[[Decision], None],
        sending: Callable[[str, str, bytes], None],
        meter: Meter,
    ) -> None:
        self._key = key
        self._decided = decided
        self._sending = sending
        self._meter = meter
        self._passed = 0
        config = uvicorn.Config(
            self,
            lifespan="off", ws="none", loop="asyncio", log_config=None, access_log=False,
            proxy_headers=False, server_header=False, date_header=False, timeout_graceful_shutdown=GRACE_S,
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    def serve(self, listener: socket.socket) -> None:
        asyncio.run(self._serve(listener))

    def stop(self) -> None:
        self._server.should_exit = True

    async def _serve(self, listener: socket.socket) -> None:
        async with httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as self._client:
            await self._server.serve(sockets=[listener])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            # Whatever was begun for the answer ends with it, also when one side breaks off.
            async with AsyncExitStack() as kept_open:
                response = await self._answer(request, kept_open)
                await response(scope, receive, send)
        except (httpx2.HTTPError, ClientDisconnect, OverBudget) as error:
            # Cut short on one side, so cut short on the other: half an answer must not look like a whole one.
            log.warning("a request to the model broke off", extra={"error": type(error).__name__})

    async def _answer(self, request: Request, kept_open: AsyncExitStack) -> Response:
        upstream, path = self.upstream, request.scope["path"]
        status, reason = refusal(request.method, path, request.headers, self._key, upstream)
        if status or upstream is None:
            return self._refused(request, status, reason)
        if self._passed >= upstream.requests:
            return self._refused(request, SPENT, f"this Attempt has used up its {upstream.requests} requests")
        self._passed += 1
        body, status, reason = await read_body(request)
        if status:
            return self._refused(request, status, reason)
        model = model_in(path, parsed(body)) if costs(request.method, path) else None
        if model is not None and (spent := self._meter.refusal(model)):
            return self._refused(request, SPENT, spent, "billing_error")
        return await self._forwarded(request, upstream, body, model, kept_open)

    async def _forwarded(
        self, request: Request, upstream: Upstream, body: bytes, model: str | None, kept_open: AsyncExitStack
    ) -> Response:
        counted = nullcontext() if model is None else self._meter.reading(model, len(body))
        reading = kept_open.enter_context(counted)
        try:
            answer = await self._sent(outgoing(request, upstream, body), upstream)
        except httpx2.HTTPError as error:
            cost_nothing(reading)
            return self._failed(request, f"the model API cannot be reached: {type(error).__name__}")
        kept_open.push_async_callback(answer.aclose)
        if answer.is_redirect:
            cost_nothing(reading)
            return self._refused(request, 502, "the model API redirects, and redirects are not followed")
        if answer.headers.get("content-encoding", PLAIN) != PLAIN:
            return self._refused(request, 502, "the model API encodes its answers, though it was asked not to")
        self._note(request, answer.status_code)
        if not answer.is_success:
            cost_nothing(reading)
        elif reading:
            reading.begin(answer.headers.get("content-type", ""))
        headers = kept(answer.headers.items(), {"set-cookie"})
        return StreamingResponse(self._relayed(answer, reading), answer.status_code, headers=headers)

    async def _sent(self, request: httpx2.Request, upstream: Upstream) -> httpx2.Response:
        """Once more with credentials that were read anew, if there are others now than those that were refused."""
        answer = await self._send(request)
        renewed = upstream.renewed() if answer.status_code == 401 and upstream.renewed else upstream.headers
        if dict(renewed) == dict(upstream.headers):
            return answer
        await answer.aclose()
        self.upstream = upstream.with_headers(renewed)
        headers = {**request.headers, **renewed}
        return await self._send(httpx2.Request(request.method, request.url, headers=headers, content=request.content))

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        where = request.url.raw_path.decode(errors="replace")
        self._sending(request.method, where, request.content)
        return await self._client.send(request, stream=True)

    async def _relayed(self, answer: httpx2.Response, reading: Reading | None) -> AsyncIterator[bytes]:
        """The bytes as they come; when the box hangs up, so do we, and when a budget ran out, we hang up on both."""
        async for chunk in answer.aiter_raw():
            if reading:
                reading.feed(chunk)
                if over := self._meter.exhausted():
                    raise OverBudget(over)
            yield chunk

    def _refused(self, request: Request, status: int, reason: str, kind: str = "permission_error") -> Response:
        path = request.scope["path"]
        self._decided(Decision(method=request.method, path=path, allowed=False, status=status, reason=reason))
        return JSONResponse(refused(wire_of(path), status, kind, reason), status, NO_RETRY)

    def _failed(self, request: Request, reason: str) -> Response:
        self._note(request, 502, reason)
        return JSONResponse(refused(wire_of(request.scope["path"]), 502, "api_error", reason), 502)

    def _note(self, request: Request, status: int, reason: str = "") -> None:
        path = request.scope["path"]
        self._decided(Decision(method=request.method, path=path, allowed=True, status=status, reason=reason))


def cost_nothing(reading: Reading | None) -> None:
    if reading:
        reading.cost_nothing()


async def read_body(request: Request) -> tuple[bytes, int, str]:
    """A whole body, and the status and reason to refuse it with, if there are any."""
    if request.headers.get("content-encoding", PLAIN).lower() != PLAIN:
        return b"", 403, "an encoded body may not pass"
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return b"", 413, f"a body may have {LARGEST_BODY >> 20} MiB at most"
    reason = unfit(bytes(body), wire_of(request.scope["path"])) if request.method == "POST" else ""
    return bytes(body), 403 if reason else 0, reason


def outgoing(request: Request, upstream: Upstream, body: bytes) -> httpx2.Request:
    """The same request as it was checked, to the one origin, with our credentials instead of theirs."""
    asked = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, value) for name, value in asked if not CREDENTIAL.search(name.lower())])
    url = httpx2.URL(upstream.origin).copy_with(path=request.scope["path"], query=query.encode() or None)
    credentials = {name for name in request.headers if CREDENTIAL.search(name)}
    headers = kept(request.headers.items(), credentials) | dict(upstream.headers) | {"accept-encoding": PLAIN}
    return httpx2.Request(request.method, url, headers=headers, content=body or None)


def kept(headers: Iterable[tuple[str, str]], dropped: set[str]) -> dict[str, str]:
    """Headers that are about the message and not about one connection."""
    return {name: value for name, value in headers if name.lower() not in CONNECTION_ONLY | dropped}
