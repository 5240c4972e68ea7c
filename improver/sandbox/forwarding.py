"""The HTTP half of the model proxy: passes requests on and streams the answers back."""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterable

import httpx2
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from improver.sandbox.decision import Decision, Upstream, is_message, refusal, unfit

log = logging.getLogger(__name__)

TIMEOUT = httpx2.Timeout(600, connect=15)  # a model may think for minutes before its first byte
GRACE_S = 1
LARGEST_MESSAGE = 32 << 20
# Somebody's own key would carry our files to their account: whatever could be one stays here.
CREDENTIAL = re.compile(r"auth|key|token|cookie|secret")
CONNECTION_ONLY = {
    "connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip


class Forwarding:
    """One ASGI app on one listening socket, served in the thread that calls `serve` until somebody calls `stop`."""

    upstream: Upstream | None = None

    def __init__(self, key: str, decided: Callable[[Decision], None]) -> None:
        self._key = key
        self._decided = decided
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
            response = await self._answer(request)
            await response(scope, receive, send)
        except (httpx2.HTTPError, ClientDisconnect) as error:
            # Cut short on one side, so cut short on the other: half an answer must not look like a whole one.
            log.warning("a request to the model broke off", extra={"error": type(error).__name__})

    async def _answer(self, request: Request) -> Response:
        upstream = self.upstream
        status, reason = refusal(request.method, request.scope["path"], request.headers, self._key, upstream)
        if status or upstream is None:
            return self._refused(request, status, reason)
        if self._passed >= upstream.requests:
            return self._refused(request, 429, f"this Attempt has used up its {upstream.requests} requests")
        self._passed += 1
        message, status, reason = await read_message(request) if is_message(request.scope["path"]) else (None, 0, "")
        if status:
            return self._refused(request, status, reason)
        try:
            answer = await self._client.send(outgoing(request, upstream, message), stream=True)
        except httpx2.HTTPError as error:
            return self._failed(request, f"the model API cannot be reached: {type(error).__name__}")
        if answer.is_redirect:
            await answer.aclose()
            return self._refused(request, 502, "the model API redirects, and redirects are not followed")
        self._note(request, answer.status_code)
        headers = kept(answer.headers.items(), {"set-cookie"})
        return StreamingResponse(relayed(answer), answer.status_code, headers=headers)

    def _refused(self, request: Request, status: int, reason: str) -> Response:
        path = request.scope["path"]
        self._decided(Decision(method=request.method, path=path, allowed=False, status=status, reason=reason))
        return explained(status, "permission_error", reason)

    def _failed(self, request: Request, reason: str) -> Response:
        self._note(request, 502, reason)
        return explained(502, "api_error", reason)

    def _note(self, request: Request, status: int, reason: str = "") -> None:
        path = request.scope["path"]
        self._decided(Decision(method=request.method, path=path, allowed=True, status=status, reason=reason))


async def read_message(request: Request) -> tuple[bytes, int, str]:
    """A whole body, and the status and reason to refuse it with, if there are any."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return b"", 403, "an encoded body may not pass"
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_MESSAGE:
            return b"", 413, f"a body may have {LARGEST_MESSAGE >> 20} MiB at most"
    reason = unfit(bytes(body))
    return bytes(body), 403 if reason else 0, reason


def outgoing(request: Request, upstream: Upstream, message: bytes | None = None) -> httpx2.Request:
    """The same request, to the one origin, with our credentials instead of theirs; a message as it was checked."""
    query = request.scope["query_string"] or None
    url = httpx2.URL(upstream.origin).copy_with(path=request.scope["path"], query=query)
    credentials = {name for name in request.headers if CREDENTIAL.search(name)}
    headers = kept(request.headers.items(), credentials) | dict(upstream.headers)
    if message is not None:
        return httpx2.Request(request.method, url, headers=headers, content=message)
    length = request.headers.get("content-length")
    if length is None and "transfer-encoding" not in request.headers:
        return httpx2.Request(request.method, url, headers=headers)
    sized = {"content-length": length} if length is not None else {}
    return httpx2.Request(request.method, url, headers=headers | sized, content=request.stream())


def kept(headers: Iterable[tuple[str, str]], dropped: set[str]) -> dict[str, str]:
    """Headers that are about the message and not about one connection."""
    return {name: value for name, value in headers if name.lower() not in CONNECTION_ONLY | dropped}


async def relayed(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """The bytes as they come, still encoded; when the box hangs up, so do we."""
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()


def explained(status: int, kind: str, reason: str) -> Response:
    return JSONResponse({"type": "error", "error": {"type": kind, "message": f"improver: {reason}"}}, status)
