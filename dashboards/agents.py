"""MCP on the web listener: agents ask at /mcp, and say something if they show the token."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.routing import Route

from improver.dashboards.token import refusal
from improver.errors import ImproverError
from improver.mcp import server
from improver.runtime import Runtime

PATH = "/mcp"
BODY_LIMIT = 256 * 1024


class Agents:
    """The route, and the lifespan without which it answers nothing."""

    def __init__(self, runtime: Runtime, token: str) -> None:
        made = server(lambda function, **arguments: function(runtime, **arguments), _permit(token))
        # Each request stands alone: no session that could be forgotten, hijacked or piled up. The Guard has seen the
        # Host and the Origin.
        made.streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=True,
            json_response=True,
            max_request_body_size=BODY_LIMIT,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        self._manager = made.session_manager

    def route(self) -> Route:
        # Only POST: a GET would hold a stream open for news that never come.
        return Route(PATH, self._manager.asgi_app, methods=["POST"])

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with self._manager.run():
            yield


def _permit(token: str) -> Callable[[Context[Any, Any]], None]:
    def permit(context: Context[Any, Any]) -> None:
        request = context.request_context.request
        refused = refusal(token, request.headers.get("authorization", "") if request else "")
        if refused:
            raise ImproverError(refused.problem, hint=refused.hint)

    return permit
