"""The pages people read: the ranked Findings, and one Finding."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from improver.dashboards.answers import page, runtime_of
from improver.dashboards.detail import detail
from improver.dashboards.listing import listing
from improver.dashboards.overview import overview
from improver.runtime import Runtime

REFRESH_S = 15


def routes() -> list[Route]:
    return [Route("/", findings, methods=["GET"]), Route("/findings/{id}", finding, methods=["GET"])]


async def findings(request: Request) -> Response:
    return await run_in_threadpool(_findings, runtime_of(request), dict(request.query_params))


async def finding(request: Request) -> Response:
    return await run_in_threadpool(_finding, runtime_of(request), request.path_params["id"])


def _findings(runtime: Runtime, query: dict[str, str]) -> Response:
    shown = listing(runtime, query)
    return page("findings.html", overview=overview(runtime), listing=shown, now=runtime.clock(), refresh=REFRESH_S)


def _finding(runtime: Runtime, finding_id: str) -> Response:
    shown = detail(runtime, finding_id)
    # Reading is not interrupted, unless there is something to watch.
    refresh = REFRESH_S if shown.live else 0
    return page("finding.html", overview=overview(runtime), shown=shown, now=runtime.clock(), refresh=refresh)
