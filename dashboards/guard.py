"""Stands before every request: turns away foreign hosts and origins, and forbids the page whatever it does not need."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from improver.dashboards.answers import failure

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# No cookie is ever set, so there is none to steal or to ride on; writes need a token in a header.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        problem, hint = self._refusal(scope)
        app = failure(scope["path"], 403, problem, hint) if problem else self._app
        await app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[str, str]:
        """Why this request is turned away, and what to do; empty when it is not."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self._hosts:
            return "this dashboard does not answer to that host name", "add it to `allowed_hosts` under [web]"
        # A page of another origin, one on another port of this machine included, may lead here but not ask or post.
        if any(urlsplit(origin).netloc != hosts[0] for origin in headers.getlist("origin")):
            return "requests of other origins are refused", "ask from the dashboard's own address"
        site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode", "navigate")
        if site not in ("none", "same-origin") and (mode != "navigate" or scope["method"] != "GET"):
            return "requests of other sites are refused", "ask from the dashboard's own address"
        return "", ""


def _name(host: str) -> str:
    """The host without its port; what is no plain host is no name."""
    try:
        parts = urlsplit(f"//{host}")
        name = parts.hostname or ""
        port = parts.port
    except ValueError:
        return ""
    plain = f"[{name}]" if ":" in name else name
    return name if host.lower() in (plain, f"{plain}:{port}") else ""
