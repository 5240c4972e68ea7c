"""Errors that only a log tells of: what makes a Symptom, and what must not."""

from datetime import timedelta

import pytest

from improver.analysis import log_templates
from improver.config import Settings
from improver.detectors.logged_errors import FURTHER, Config, detect
from improver.model import ErrorEvent, FindingKind, LogEvent, Payload, Raised, TrustLabel
from improver.warehouse import Warehouse, events
from tests.world import NOW

INFO, ERROR = 9, 17


@pytest.fixture
def telemetry():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    yield warehouse.telemetry
    warehouse.close()


def said(body, severity=INFO, **fields):
    whole = {"payload_id": "p", "occurred_at": NOW, "service": "shop", "environment": "production"}
    return LogEvent(body=body, severity=severity, **(whole | fields))


def raised(value, **fields):
    whole = {"payload_id": "p", "occurred_at": NOW, "service": "shop", "environment": "production"}
    return ErrorEvent(raised=(Raised(type="OSError", value=value),), **(whole | fields))


def symptoms(telemetry, *happened, most=log_templates.MOST, config=None):
    payload = Payload(id="p", collector="logs", path="/", received_at=NOW, body=b"", trust=TrustLabel.SERVER)
    placed = [events.Placed(event=one, payload=payload, ordinal=n, target="shop") for n, one in enumerate(happened)]
    with telemetry.transaction() as writer:
        events.append(writer, events.tables(placed), events.next_seq(writer))
    log_templates.learn(telemetry, NOW, most)
    with telemetry.reading() as cursor:
        return detect(cursor, config or Config(), NOW)


def test_a_failure_told_at_info_is_one_symptom_of_its_lines(telemetry):
    happened = [
        said(f"could not save order {n}: disk full", user=f"u{n % 2}", occurred_at=NOW - timedelta(hours=n))
        for n in range(4)
    ]
    [symptom] = symptoms(telemetry, *happened, said("order 7 saved"))
    assert (symptom.kind, symptom.events, symptom.events_week, symptom.users) == (FindingKind.ERROR, 4, 4, 2)
    assert symptom.title == "could not save order <*>: disk full"
    assert (symptom.service, symptom.environment, symptom.source) == ("shop", "production", "logs")
    assert (symptom.first_seen, symptom.last_seen) == (NOW - timedelta(hours=3), NOW)
    assert symptom.hourly[-4:] == (1, 1, 1, 1)
    assert len(symptom.evidence) == 4


def test_failures_that_are_told_in_other_words_are_two(telemetry):
    happened = [said("payment refused", ERROR), said("mail not sent", ERROR), said("mail not sent", ERROR)]
    assert sorted(one.events for one in symptoms(telemetry, *happened)) == [1, 2]


def test_a_later_line_counts_with_the_same_symptom(telemetry):
    [first] = symptoms(telemetry, said("could not save order 1"))
    [later] = symptoms(telemetry, said("could not save order 2"))
    assert (later.key, later.events) == (first.key, 2)


@pytest.mark.parametrize(
    "line",
    [
        said("import finished: 12 rows, 0 errors, 0 failed"),
        said("connection failed, retry 1 of 3", 13),
        said("no errors found", ERROR),
        said("could not save", environment="improver-doctor"),
        said("could not save", occurred_at=NOW - timedelta(days=40)),
    ],
)
def test_nothing_is_made_of_what_is_no_failure_or_nobodys(telemetry, line):
    assert symptoms(telemetry, line) == []


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (said("could not save", trace_id="t1"), raised("no room", trace_id="t1", occurred_at=NOW - timedelta(hours=1))),
        (said("could not save"), raised("no room", message="could not save")),
        (said("could not save: no room left"), raised("no room left")),
        (said('"POST /orders HTTP/1.1" 500 -'), raised("x", occurred_at=NOW - timedelta(seconds=3))),
        (said("[7f] Completed 500 Internal Server Error in 9ms (ActiveRecord: 1.0ms)"), raised("x")),
        (said("Sent 500 in 12ms", ERROR), raised("x")),
        (said("[GIN] 2026/11/16 - 12:00:00 | 500 | 1.2ms | 10.0.0.1 | GET /orders", ERROR), raised("x")),
        (said("GET /orders 500 12.3 ms - 20", ERROR), raised("x")),
    ],
)
def test_what_an_error_tells_is_not_told_again(telemetry, line, error):
    assert symptoms(telemetry, line, error) == []


@pytest.mark.parametrize(
    "error",
    [
        raised("no room left", occurred_at=NOW - timedelta(minutes=5)),
        raised("another thing", message="could not load"),
    ],
)
def test_another_error_hides_no_line(telemetry, error):
    assert len(symptoms(telemetry, said("could not save: no room left"), error)) == 1


def test_more_different_failures_than_there_is_room_for_are_one(telemetry):
    happened = [said(f"could not {verb}", ERROR) for verb in ("save", "load", "send", "print", "mail")]
    found = {one.key: one for one in symptoms(telemetry, *happened, most=2)}
    assert len(found) == 3
    assert found[FURTHER].events == 3
    assert found[FURTHER].title == "further failures in the log of shop"
