"""Webhooks of forges: whoever signed one makes improver look at its pull requests now; nothing in it is believed."""

import time
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from improver import plugins
from improver.config import plugin_config
from improver.dashboards.answers import body, failure, runtime_of
from improver.delivery import pulls

MOST_BYTES = 4 << 20  # GitHub's are this long when a push is large
LEAST_S = 10.0  # between two looks: a busy repository sends many, and its forge counts what it is asked


class _Hooks:
    def __init__(self) -> None:
        self._looked = float("-inf")

    async def answer(self, request: Request) -> Response:
        runtime, name = runtime_of(request), request.path_params["forge"]
        if name not in plugins.names("forges"):
            return failure(request.url.path, 404, f"there is no forge {name!r}", "see /hooks/github")
        plugin: Any = plugins.load("forges", name)
        config = plugin_config(runtime.settings, "forges", name, plugin)
        sent = await body(request, MOST_BYTES)
        if not (hasattr(plugin, "signed") and plugin.signed(request.headers, sent, config)):
            hint = f"set the same secret there, and `webhook_secret` under [forges.{name}]"
            return failure(request.url.path, 401, "the webhook is not signed with our secret", hint)
        return Response(status_code=202, background=BackgroundTask(pulls.poll, runtime) if self._due() else None)

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._looked + LEAST_S:
            return False
        self._looked = now
        return True


def routes() -> list[Route]:
    return [Route("/hooks/{forge}", _Hooks().answer, methods=["POST"])]
