"""What every page and every answer of the API is made with, errors included."""

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from improver import render
from improver.errors import ImproverError
from improver.runtime import Runtime

PACKAGE = "improver.dashboards"
BODY_LIMIT = 64 * 1024
TITLES = {400: "That cannot be asked", 403: "Refused", 404: "Not here", 405: "Not like this", 500: "That went wrong"}


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    received = b""
    async for chunk in request.stream():
        received += chunk
        if len(received) > limit:
            raise HTTPException(413, f"a body has at most {limit} bytes")
    return received


def page(template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
    return HTMLResponse(render.jinja(template, PACKAGE).render(**context), status)


def plain(content: Any, status: int = 200) -> Response:
    """JSON in ASCII: no character of it means anything to whatever shows it."""
    return Response(json.dumps(content, allow_nan=False), status, media_type="application/json")


def failure(path: str, status: int, error: str, hint: str = "") -> Response:
    """A problem, as JSON to programs and as a page to people."""
    if path.startswith(("/api/", "/mcp", "/hooks/")):
        return plain({"error": error, "hint": hint}, status)
    title = TITLES.get(status, "That went wrong")
    return page("error.html", status=status, title=title, code=status, error=error, hint=hint)


def improver_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, ImproverError):
        raise error
    asked_by_id = request.method == "GET" and "id" in request.path_params
    return failure(request.url.path, 404 if asked_by_id else 400, error.message, error.hint)


def http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    said = {404: "there is nothing at this address", 405: f"{request.method} is not possible here"}
    answer = failure(request.url.path, error.status_code, said.get(error.status_code, error.detail))
    answer.headers.update(error.headers or {})
    return answer


def unexpected(request: Request, error: Exception) -> Response:
    """The details are in the log, where Starlette's caller puts them; not on the page."""
    hint = f"the daemon's log has the details of this {type(error).__name__}"
    return failure(request.url.path, 500, "improver failed to answer: this is a defect in improver", hint)
