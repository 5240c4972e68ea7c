"""The Detector of errors: what makes a Symptom, and what must not."""

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


def test_an_error_without_anything_is_still_a_symptom(telemetry):
    [symptom] = symptoms(telemetry, error(raised=(), message="", route=""))
    assert symptom.title == "an error without a message"
