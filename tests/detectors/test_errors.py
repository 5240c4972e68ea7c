"""The Detector of errors: what makes a Symptom, and what must not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from improver.analysis import error_hours, route_hours
from improver.config import Settings
from improver.detectors.errors import Config, detect
from improver.model import ErrorEvent, FindingKind, Frame, Payload, Raised, SessionEvent, SpanEvent, TrustLabel
from improver.warehouse import Warehouse, events
from tests.world import NOW

FRAME = Frame(filename="shop.py", function="average", lineno=6, in_app=True)


@pytest.fixture
def telemetry():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    yield warehouse.telemetry
    warehouse.close()


def error(**fields):
    whole = {
        "payload_id": "p", "occurred_at": NOW, "environment": "production", "route": "average", "release": "r1",
        "raised": (Raised(type="ZeroDivisionError", value="division by zero", frames=(FRAME,)),),
    }  # fmt: skip
    return ErrorEvent(**(whole | fields))


def run(span_count):
    return [
        SpanEvent(
            payload_id="p", occurred_at=NOW, environment="production", route="average", root=True, trace_id=f"t{n}"
        )
        for n in range(span_count)
    ]


def symptoms(telemetry, *happened, collector="sentry", trust=TrustLabel.SERVER, config=None):
    payload = Payload(id="p", collector=collector, path="/", received_at=NOW, body=b"", trust=trust)
    placed = [events.Placed(event=one, payload=payload, ordinal=n, target="shop") for n, one in enumerate(happened)]
    with telemetry.transaction() as writer:
        events.append(writer, events.tables(placed), events.next_seq(writer))
    route_hours.fold(telemetry, NOW)
    error_hours.fold(telemetry, NOW)
    with telemetry.reading() as cursor:
        return detect(cursor, config or Config(), NOW)


def test_the_same_stack_is_one_symptom_with_its_users_and_hours(telemetry):
    happened = [error(user=f"u{n % 2}", occurred_at=NOW - timedelta(hours=n)) for n in range(4)]
    [symptom] = symptoms(telemetry, *happened)
    assert (symptom.kind, symptom.events, symptom.users) == (FindingKind.ERROR, 4, 2)
    assert symptom.title == "ZeroDivisionError: division by zero"
    assert len(symptom.hourly) == 168 and symptom.hourly[-4:] == (1, 1, 1, 1)
    assert (symptom.first_seen, symptom.last_seen) == (NOW - timedelta(hours=3), NOW)
    assert symptom.frames == (FRAME,)


def test_a_crash_is_of_its_own_kind(telemetry):
    assert symptoms(telemetry, error(crashed=True))[0].kind == FindingKind.CRASH


def test_exposure_is_how_often_the_route_ran(telemetry):
    [symptom] = symptoms(telemetry, error(trace_id="t1"), error(trace_id="t1"), *run(5))
    assert (symptom.failures, symptom.exposures) == (1, 5)


def test_without_a_route_sessions_are_the_exposure(telemetry):
    session = SessionEvent(payload_id="p", occurred_at=NOW, environment="production", started=7)
    assert symptoms(telemetry, error(route=""), session)[0].exposures == 7


def test_environments_are_never_mixed(telemetry):
    found = symptoms(telemetry, error(), error(environment="staging"))
    assert sorted((s.environment, s.events) for s in found) == [("production", 1), ("staging", 1)]


def test_one_public_event_makes_the_whole_evidence_public(telemetry):
    symptoms(telemetry, error())
    [symptom] = symptoms(telemetry, error(), trust=TrustLabel.PUBLIC)
    assert symptom.trust == TrustLabel.PUBLIC


@pytest.mark.parametrize(
    "happened",
    [
        (),
        run(3),
        (error(environment="improver-doctor"),),
        (error(occurred_at=NOW - timedelta(days=40)),),
    ],
    ids=["nothing", "healthy traffic", "the doctor's own test", "long ago"],
)
def test_near_misses_are_no_symptom(telemetry, happened):
    assert symptoms(telemetry, *happened) == []


def named(kind: str, platform: str, said: str = "signal is aborted without reason") -> ErrorEvent:
    return error(raised=(Raised(type=kind, value=said, frames=(FRAME,)),), platform=platform)


@pytest.mark.parametrize(
    "happened",
    [
        named("AbortError", "javascript"),
        named("AbortError", "javascript", "The play() request was interrupted by a call to pause()."),
        named("CanceledError", "javascript", "canceled"),
        named("org.apache.catalina.connector.ClientAbortException", "java", "Broken pipe"),
        named("starlette.requests.ClientDisconnect", "python", ""),
    ],
)
def test_what_nobody_waited_for_any_more_is_no_symptom(telemetry, happened):
    assert symptoms(telemetry, happened) == []


@pytest.mark.parametrize(
    "happened",
    [
        named("AbortError", "node", "This operation was aborted"),
        named("TimeoutError", "javascript", "signal timed out"),
        named("TypeError", "javascript", "Failed to fetch"),
        named("BrokenPipeError", "python", "[Errno 32] Broken pipe"),
    ],
)
def test_what_took_too_long_or_was_not_there_is_one(telemetry, happened):
    assert len(symptoms(telemetry, happened)) == 1


def raised(kind: str, said: str = "", *frames: Frame, platform: str = "python", **fields) -> ErrorEvent:
    return error(raised=(Raised(type=kind, value=said, frames=frames or (FRAME,)),), platform=platform, **fields)


@pytest.mark.parametrize(
    "happened",
    [
        raised("KeyboardInterrupt", crashed=True),
        raised("asyncio.exceptions.CancelledError"),
        raised("SystemExit", "0"),
        raised("SystemExit"),
        raised("Interrupt", platform="ruby"),
        raised("SignalException", "SIGTERM", platform="ruby"),
        raised("AirflowException", "Task received SIGTERM signal"),
        raised("Sidekiq::Shutdown", platform="ruby"),
        raised("java.util.concurrent.CancellationException", platform="java"),
        raised("SIGTERM", "ended by SIGTERM", platform="", crashed=True),
        raised("aiohttp.web_runner.GracefulExit"),
        raised("ExitPromptError", "User force closed the prompt with SIGINT", platform="node"),
        raised("*errors.errorString", "reading the orders: context canceled", platform="go"),
        error(raised=(), message="ended with exit code 143: bye", crashed=True),
    ],
)
def test_what_was_asked_to_end_and_did_is_no_symptom(telemetry, happened):
    assert symptoms(telemetry, happened) == []


@pytest.mark.parametrize(
    "happened",
    [
        raised("SystemExit", "no settings in /etc/shop.toml", crashed=True),
        raised("SystemExit", "1", Frame(filename="gunicorn/workers/base.py", function="handle_abort"), FRAME),
        raised("SIGSEGV", "ended by SIGSEGV", platform="", crashed=True),
        raised("SIGKILL", "ended by SIGKILL", platform="", crashed=True),
        raised("SignalException", "SIGABRT", platform="ruby"),
        raised("InterruptedError", "[Errno 4] Interrupted system call"),
        raised("Error", "Command failed with SIGTERM: ffmpeg -i film.mov", platform="node"),
        raised("TimeoutError"),
        raised("*errors.errorString", "context deadline exceeded", platform="go"),
        error(raised=(), message="ended with exit code 1: bye", crashed=True),
    ],
)
def test_what_ended_by_itself_is_one(telemetry, happened):
    assert len(symptoms(telemetry, happened)) == 1


def script(address: str, function: str = "f", *, at: str = "filename") -> Frame:
    return Frame(function=function, lineno=1, colno=50, in_app=True, **{at: address})


PAGE = script("https://shop.example/app.js", "render")
BUILT_IN = script("<anonymous>", "Object.defineProperty")
VAULT = script("chrome-extension://abcdef/fill.js", "fill")


def in_browser(said: str, *frames: Frame, kind: str = "TypeError") -> ErrorEvent:
    return raised(kind, said, *frames, platform="javascript")


@pytest.mark.parametrize(
    "happened",
    [
        in_browser("e is null", VAULT),
        in_browser("e is null", PAGE, VAULT, BUILT_IN),
        in_browser("e is null", script("moz-extension://1/in.js", at="abs_path")),
        in_browser("e is undefined", script("safari-web-extension://1/page.js")),
        in_browser("a.b is not a function", script("webkit-masked-url://hidden/")),
        in_browser("Can't find variable: x", script("user-script:2")),
        in_browser("Extension context invalidated.", BUILT_IN, kind="Error"),
        in_browser("Could not establish connection. Receiving end does not exist.", PAGE, kind="Error"),
        in_browser("Object Not Found Matching Id:3, MethodName:update, ParamCount:4", PAGE, kind="UnhandledRejection"),
        in_browser("Cannot redefine property: ethereum", PAGE),
        in_browser('can\'t redefine non-configurable property "solana"', PAGE),
        in_browser("Java object is gone", PAGE, kind="Error"),
        in_browser("ResizeObserver loop completed with undelivered notifications.", PAGE, kind="Error"),
    ],
)
def test_what_a_visitors_browser_put_into_the_page_is_no_symptom(telemetry, happened):
    assert symptoms(telemetry, happened) == []


@pytest.mark.parametrize(
    "happened",
    [
        in_browser("e is null", VAULT, PAGE),
        in_browser("e is null", PAGE, BUILT_IN),
        in_browser("e is null", script("https://shop.example/chrome-extension/fill.js")),
        in_browser("Cannot redefine property: basket", PAGE),
        in_browser("the browser extension of this order is missing", PAGE, kind="Error"),
        in_browser("ResizeObserver is not defined", PAGE, kind="ReferenceError"),
    ],
)
def test_what_the_page_does_itself_is_one_whoever_called_it(telemetry, happened):
    assert len(symptoms(telemetry, happened)) == 1


def test_who_makes_an_extension_is_told_of_its_errors(telemetry):
    config = Config(injected=[])
    assert len(symptoms(telemetry, in_browser("e is null", VAULT), config=config)) == 1


SOLD_OUT = Frame(filename="seats.py", function="hold", lineno=9, in_app=True, context_line="raise SoldOut(seat)")
SLIP = Frame(filename="seats.py", function="hold", lineno=9, in_app=True, context_line='return seat["row"]')
DRIVER = Frame(filename="site-packages/psycopg/cursor.py", function="execute", lineno=9, in_app=False)


def answered(*codes: str, kind="SoldOut", frame: Frame = SOLD_OUT, name="http.response.status_code", **told):
    """What was raised below requests that were answered with these, and those requests."""
    for number, code in enumerate(codes):
        trace = {"trace_id": f"t{number}", "service": "seats"}
        yield raised(kind, "12F", frame, **trace, **told)
        yield SpanEvent(
            payload_id="p", occurred_at=NOW, environment="production", route="hold", root=True, **trace,
            data={"attributes": {name: int(code)}} if code else {},
        )  # fmt: skip


@pytest.mark.parametrize(
    "happened",
    [
        answered("409", "409"),
        answered("402", name="http.status_code"),
        answered("5", name="rpc.grpc.status_code"),
        answered("404", "", kind="NoSuchSeat"),
        answered("422", kind="ValueError", frame=replace(SOLD_OUT, context_line='raise ValueError("no such row")')),
    ],
    ids=["on purpose", "older names", "of gRPC", "one of two is known", "a value is refused"],
)
def test_what_the_app_refuses_and_answers_so_is_what_was_asked_for(telemetry, happened):
    assert symptoms(telemetry, *happened, collector="otlp") == []


@pytest.mark.parametrize(
    ("happened", "collector"),
    [
        (answered("409", "500"), "otlp"),
        (answered("200", "200"), "otlp"),
        (answered("4", name="rpc.grpc.status_code"), "otlp"),
        (answered("", ""), "otlp"),
        (answered("404", "", "", ""), "otlp"),
        (answered("400", kind="KeyError", frame=SLIP), "otlp"),
        (answered("400", kind="TypeError"), "otlp"),
        (answered("409", kind="UniqueViolation", frame=DRIVER), "otlp"),
        (answered("409", message="could not hold 12F"), "otlp"),
        (answered("409"), "sentry"),
    ],
    ids=[
        "also with 500", "with 200", "too late", "nobody knows", "hardly known", "a slip", "a type error",
        "the database", "somebody logged it", "somebody reported it",
    ],
)  # fmt: skip
def test_a_slip_and_what_is_not_known_to_be_refused_is_one(telemetry, happened, collector):
    assert len(symptoms(telemetry, *happened, collector=collector)) == 1


def test_an_error_without_anything_is_still_a_symptom(telemetry):
    [symptom] = symptoms(telemetry, error(raised=(), message="", route=""))
    assert symptom.title == "an error without a message"
