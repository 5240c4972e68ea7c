"""For machines that watch this machine: alive, ready, and numbers in Prometheus' text format."""

from collections.abc import Iterator, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from improver import read
from improver.answers.status import Status
from improver.dashboards.answers import runtime_of

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = Iterator[tuple[Mapping[str, str], float]]


def routes() -> list[Route]:
    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def healthz(request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def readyz(request: Request) -> Response:
    """Ready when both databases answer and nobody has said to stop."""
    runtime = runtime_of(request)
    if runtime.stop.is_set():
        return PlainTextResponse("stopping\n", 503)
    await run_in_threadpool(read.status, runtime)
    return PlainTextResponse("ready\n")


async def metrics(request: Request) -> Response:
    status = await run_in_threadpool(read.status, runtime_of(request))
    return PlainTextResponse("".join(_lines(status)), media_type=CONTENT_TYPE)


def _lines(status: Status) -> Iterator[str]:
    collectors = status.collectors
    yield from _metric(
        "improver_payloads", "Payloads digested.", (({"collector": n}, c.payloads) for n, c in collectors.items())
    )
    yield from _metric(
        "improver_events", "Events loaded.", (({"collector": n}, c.events) for n, c in collectors.items())
    )
    yield from _metric("improver_rejected", "Items left out or turned away.", _rejected(status))
    yield from _metric(
        "improver_quarantined",
        "Payloads that could not be decoded.",
        (({"collector": n}, c.quarantined) for n, c in collectors.items()),
    )
    yield from _metric("improver_findings", "Findings that were not dismissed.", iter([({}, status.findings)]))
    yield from _metric(
        "improver_attempts", "Attempts.", (({"status": word}, count) for word, count in status.attempts.items())
    )
    yield from _metric("improver_spool_bytes", "Bytes not yet digested.", iter([({}, status.spool.bytes)]))
    yield from _metric(
        "improver_spool_lag_seconds", "Age of the oldest undigested Payload.", iter([({}, status.spool.lag_s)])
    )
    yield from _metric("improver_paused", "1 while improver is paused.", iter([({}, int(status.paused))]))


def _rejected(status: Status) -> Samples:
    for name, collector in status.collectors.items():
        for reason, items in collector.reasons.items():
            yield {"collector": name, "reason": reason}, items


def _metric(name: str, text: str, samples: Samples) -> Iterator[str]:
    """Gauges: retention takes rows away, so none of these only ever grows."""
    yield f"# HELP {name} {text}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        pairs = ",".join(f'{key}="{_escaped(word)}"' for key, word in labels.items())
        yield f"{name}{{{pairs}}} {value}\n" if pairs else f"{name} {value}\n"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
