"""The pages people read: the ranked Findings, one Finding, and the report."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from improver import act, read
from improver import report as layout
from improver.dashboards.answers import body, failure, page, runtime_of
from improver.dashboards.detail import detail
from improver.dashboards.listing import listing
from improver.dashboards.overview import overview
from improver.dashboards.token import refusal
from improver.errors import ImproverError
from improver.runtime import Runtime

REFRESH_S = 15
REPORT_DAYS = (1, 7, 30, 90)


def routes(*, token: str) -> list[Route]:
    return [
        Route("/", findings, methods=["GET"]),
        Route("/report", report, methods=["GET"]),
        Route("/findings/{id}", finding, methods=["GET"]),
        *(Route(f"/findings/{{id}}/{word}", _said(token, word), methods=["POST"]) for word in WORDS),
    ]


async def findings(request: Request) -> Response:
    return await run_in_threadpool(_findings, runtime_of(request), dict(request.query_params))


async def report(request: Request) -> Response:
    return await run_in_threadpool(_report, runtime_of(request), request.query_params.get("days", "7"))


async def finding(request: Request) -> Response:
    return await run_in_threadpool(_finding, runtime_of(request), request.path_params["id"])


def _said(token: str, word: str) -> Callable[[Request], Awaitable[Response]]:
    """A person's word, given with the token each time: no cookie stands for it."""

    async def said(request: Request) -> Response:
        fields = parse_qs((await body(request)).decode(errors="replace"), max_num_fields=10)
        form = {name: values[0] for name, values in fields.items()}
        refused = refusal(token, f"Bearer {form.get('token', '')}")
        if refused:
            return failure(request.url.path, refused.status, refused.problem, refused.hint)
        finding_id = request.path_params["id"]
        await run_in_threadpool(WORDS[word], runtime_of(request), finding_id, form)
        return RedirectResponse(f"/findings/{quote(finding_id, safe='')}", status_code=303)

    return said


def _approve(runtime: Runtime, finding_id: str, form: Mapping[str, str]) -> None:
    """The Finding's Spec, or the change of one of its Attempts."""
    act.approve(runtime, id=form.get("what", ""))


def _dispatch(runtime: Runtime, finding_id: str, form: Mapping[str, str]) -> None:
    act.dispatch(runtime, id=finding_id)


def _dismiss(runtime: Runtime, finding_id: str, form: Mapping[str, str]) -> None:
    act.dismiss(runtime, id=finding_id, reason=form.get("reason", ""))


WORDS = {"approve": _approve, "dispatch": _dispatch, "dismiss": _dismiss}


def _findings(runtime: Runtime, query: dict[str, str]) -> Response:
    shown = listing(runtime, query)
    # Whoever reads on another page, or asked it to hold still, is not interrupted.
    refresh = REFRESH_S if shown.renewed else 0
    return page("findings.html", overview=overview(runtime), listing=shown, now=runtime.clock(), refresh=refresh)


def _finding(runtime: Runtime, finding_id: str) -> Response:
    shown = detail(runtime, finding_id)
    # Reading is not interrupted, unless there is something to watch.
    refresh = REFRESH_S if shown.live else 0
    return page("finding.html", overview=overview(runtime), shown=shown, now=runtime.clock(), refresh=refresh)


def _report(runtime: Runtime, days: str) -> Response:
    if not (days.isdecimal() and len(days) < 5):
        raise ImproverError(f"{days!r} is no number of days", hint="e.g. /report?days=7")
    made = read.report(runtime, days=int(days))
    shown: dict[str, Any] = {**layout.context(made), "days": int(days), "choices": REPORT_DAYS}
    return page("report.html", **shown, overview=overview(runtime), refresh=0)
