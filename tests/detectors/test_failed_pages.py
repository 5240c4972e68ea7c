"""A page that only says that a request failed comes of what failed at the server."""

import pytest

from improver.detectors._failed_pages import says_request_failed
from improver.model import ErrorEvent, Frame, Raised
from tests.detectors.test_errors import NOW, symptoms, telemetry  # noqa: F401
from tests.detectors.told import START, findings


@pytest.mark.parametrize(
    "said",
    [
        "the tour could not be loaded: 500", "Request failed with status code 503", "HTTP 502",
        "HTTP error! status: 500", "POST https://shop.example/pay 500 (Internal Server Error)",
        "GraphQL error (Code: 503): {}", "Bad Gateway", "Http failure response for /api/orders: 504 Gateway Timeout",
        "fetch /api/cart failed (500)", "got 500 from /cart",
    ],
)  # fmt: skip
def test_a_failed_request_is_told_in_the_words_of_many_clients(said):
    assert says_request_failed(said)


@pytest.mark.parametrize(
    "said",
    [
        "Cannot read properties of undefined (reading 'map')", "Request failed with status code 404", "Failed to fetch",
        "loaded 500 items too many", "order 512 is gone", "Maximum call stack size exceeded", "failed at row 5001", "",
    ],
)  # fmt: skip
def test_what_fails_by_itself_is_not(said):
    assert not says_request_failed(said)


def raised(trace, function, said, **more):
    frame = Frame(filename="shop.js", function=function, lineno=6, in_app=True)
    told = (Raised(type="Error", value=said, frames=(frame,)),)
    return ErrorEvent(payload_id="p", occurred_at=NOW, environment="production", trace_id=trace, raised=told, **more)


def page(trace, said="the cart could not be loaded: 500", function="loadCart"):
    return raised(trace, function, said, platform="javascript", handled=False)


def server(trace, function="total", platform="python", **more):
    return raised(trace, function, "no price", platform=platform, **{"handled": False, **more})


def comes_of(telemetry, *happened):  # noqa: F811
    found = {one.frames[-1].function: one for one in symptoms(telemetry, *happened)}
    names = {one.key: name for name, one in found.items()}
    return {name: names[one.cause] for name, one in found.items() if one.cause}


TRACES = [f"t{n}" for n in range(4)]


@pytest.mark.parametrize("platform", ["python", "node", "java", "go", "ruby", "csharp"])
def test_a_page_comes_of_the_servers_error_in_the_same_traces(telemetry, platform):  # noqa: F811
    happened = [one for trace in TRACES for one in (server(trace, platform=platform), page(trace))]
    assert comes_of(telemetry, *happened) == {"loadCart": "total"}


def test_what_was_caught_in_the_same_traces_answered_nobody(telemetry):  # noqa: F811
    happened = [
        one for trace in TRACES for one in (server(trace), server(trace, "cached", handled=True), page(trace))
    ]
    assert comes_of(telemetry, *happened) == {"loadCart": "total"}


@pytest.mark.parametrize(
    "happened",
    [
        [one for t in TRACES for one in (server(t), page(t, "x is undefined"))],
        [one for t in TRACES for one in (server(f"other {t}"), page(t))],
        [one for t in TRACES for one in (server(t, f"f{int(t[1]) % 2}"), page(t))],
        [one for t in TRACES for one in (server(t), server(t, "stock"), page(t))],
        [one for t in TRACES for one in (page(t, function="render"), page(t))],
        [server("t0"), page("t0")],
    ],
    ids=["a bug of the page", "other traces", "several causes in turn", "which of two", "another page", "only once"],
)
def test_otherwise_both_stand_for_themselves(telemetry, happened):  # noqa: F811
    assert comes_of(telemetry, *happened) == {}


def sent(trace, platform, function, kind, said):
    frames = [{"filename": f"shop.{platform[:2]}", "function": function, "lineno": 3, "in_app": True}]
    value = {"type": kind, "value": said, "mechanism": {"handled": False}, "stacktrace": {"frames": frames}}
    return {
        "timestamp": START.timestamp(), "platform": platform, "environment": "production",
        "contexts": {"trace": {"trace_id": trace, "span_id": trace[:16]}}, "exception": {"values": [value]},
    }  # fmt: skip


def test_both_are_one_finding_counted_once_in_the_words_of_the_server(tmp_path):
    pairs = [
        (sent(trace * 16, "python", "total", "KeyError", "'vat'"),
         sent(trace * 16, "javascript", "loadCart", "Error", "the cart could not be loaded: 500"))
        for trace in ("0a", "0b", "0c")
    ]  # fmt: skip
    (found,) = findings(tmp_path, "sentry", [event for pair in pairs for event in reversed(pair)])
    assert (found.title, found.events) == ("KeyError: 'vat'", 3)
