"""MCP on the web listener: agents ask at /mcp, and say something if they show the token."""

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Send

from improver.dashboards.token import refusal
from improver.errors import ImproverError
from improver.runtime import Runtime

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

PATH = "/mcp"
BODY_LIMIT = 256 * 1024


class Agents:
    """The route, and the lifespan without which it answers nothing; MCP's 23 MB are loaded when somebody asks."""

    def __init__(self, runtime: Runtime, token: str) -> None:
        self._runtime = runtime
        self._token = token
        self._asked = asyncio.Event()
        self._ready: asyncio.Future[Any]

    def route(self) -> Route:
        # Only POST: a GET would hold a stream open for news that never come.
        return Route(PATH, self, methods=["POST"])

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        self._asked.set()
        manager = await asyncio.shield(self._ready)
        await manager.asgi_app(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self._ready = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(self._serve())
            yield
            serving.cancel()

    async def _serve(self) -> None:
        await self._asked.wait()
        manager = await asyncio.to_thread(_manager, self._runtime, self._token)
        async with manager.run():
            self._ready.set_result(manager)
            await asyncio.Event().wait()


def _manager(runtime: Runtime, token: str) -> Any:
    from mcp.server.transport_security import TransportSecuritySettings

    from improver.mcp import server

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
    return made.session_manager


def _permit(token: str) -> Callable[["Context[Any, Any]"], None]:
    def permit(context: "Context[Any, Any]") -> None:
        request = context.request_context.request
        refused = refusal(token, request.headers.get("authorization", "") if request else "")
        if refused:
            raise ImproverError(refused.problem, hint=refused.hint)

    return permit
