"""Webhooks of forges: whoever signed one makes improver look at its pull requests now; nothing in it is believed."""

import time
from collections import OrderedDict
from collections.abc import Mapping
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
# What each forge calls a delivery, the same when it is sent again. No signature covers it, so it proves nothing.
DELIVERY = ("x-github-delivery", "idempotency-key", "x-gitlab-event-uuid", "x-gitea-delivery", "x-forgejo-delivery")
MOST_KEPT, LONGEST_ID = 1000, 200


class _Hooks:
    def __init__(self) -> None:
        self._looked = float("-inf")
        self._seen: OrderedDict[str, None] = OrderedDict()

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
        again = self._again(name, request.headers)
        due = not again and self._due()
        look = BackgroundTask(pulls.poll, runtime) if due else None
        return Response(status_code=200 if again else 202, background=look)

    def _again(self, forge: str, headers: Mapping[str, str]) -> bool:
        """Whether this delivery was seen before; only what was signed gets here, so nobody else can use up the place.

        Kept in memory: after a restart one that is sent again costs a look, and nothing else.
        """
        delivery = next((headers[name] for name in DELIVERY if name in headers), "")
        if not delivery or len(delivery) > LONGEST_ID:
            return False
        known = f"{forge} {delivery}"
        again = known in self._seen
        self._seen[known] = None
        if len(self._seen) > MOST_KEPT:
            self._seen.popitem(last=False)
        return again

    def _due(self) -> bool:
        now = time.monotonic()
        if now < self._looked + LEAST_S:
            return False
        self._looked = now
        return True


def routes() -> list[Route]:
    return [Route("/hooks/{forge}", _Hooks().answer, methods=["POST"])]
