"""The web face: three pages for people, the JSON API, MCP, and what monitoring asks for."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from improver.dashboards import answers, api, guard, hooks, metrics, pages
from improver.dashboards.agents import Agents
from improver.errors import ImproverError
from improver.model.configured import reveal
from improver.runtime import Runtime

STATIC = Path(__file__).parent / "static"


def create_app(runtime: Runtime) -> Starlette:
    web = runtime.settings.web
    token = reveal(web.token)
    agents = Agents(runtime, token)
    app = Starlette(
        lifespan=agents.lifespan,
        routes=[
            *pages.routes(token=token),
            *api.routes(token=token),
            agents.route(),
            *metrics.routes(),
            *hooks.routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(guard.Guard, hosts=web.allowed_hosts)],
        exception_handlers={
            ImproverError: answers.improver_error,
            HTTPException: answers.http_error,
            Exception: _unexpected,
        },
    )
    app.state.runtime = runtime
    return app


def _unexpected(request: Request, error: Exception) -> Response:
    """Starlette answers these from outside of the Guard."""
    answer = answers.unexpected(request, error)
    answer.headers.update(guard.HEADERS)
    return answer
