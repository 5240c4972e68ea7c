"""Raw ASGI, as far as the ingest origin needs it: reading a request within limits, sending a reply."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from improver.model import Reply

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_PARAMETERS = 50


class Disconnected(Exception):
    """The client went away: there is nobody to answer."""


class TooLarge(Exception):
    """The body is larger than it may be."""


def headers_of(scope: Scope) -> dict[str, str]:
    """By lower-case name; one that is sent twice is one list, as HTTP says."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def query_of(scope: Scope) -> dict[str, str]:
    """The first of each name; raises ValueError when there are too many."""
    text = scope.get("query_string", b"").decode("latin-1")
    return dict(reversed(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)))


async def body_of(receive: Receive, hold: Callable[[int], None], cap: int, seconds: float) -> bytes:
    """The whole body, `hold` told of every byte kept; raises TimeoutError when it takes longer.

    One that is too large is read on for a while, so that its sender hears why it is refused.
    """
    chunks: list[bytes] = []
    size, more = 0, True
    async with asyncio.timeout(seconds):
        while more and size <= 3 * cap:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size <= cap:
                hold(len(chunk))
                chunks.append(chunk)
    if size > cap:
        raise TooLarge
    return b"".join(chunks)


async def pass_over(receive: Receive, cap: int, seconds: float) -> None:
    """Read as much of the body without keeping it: a sender that is still sending does not hear that it is to wait."""
    size, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while more and size <= cap:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                size, more = size + len(message.get("body", b"")), message.get("more_body", False)


async def send_reply(send: Send, reply: Reply, more: Mapping[str, str]) -> None:
    about_body = {"content-type": reply.content_type, "content-length": str(len(reply.body))}
    headers = {
        **(about_body if reply.status != 204 else {}),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **reply.headers,
        **more,
    }
    # Rather than read what a refused client may still be sending.
    if reply.status in (408, 413):
        headers["connection"] = "close"
    encoded = [(name.encode(), _one_line(value).encode("latin-1", "replace")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
    await send({"type": "http.response.body", "body": reply.body})


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
