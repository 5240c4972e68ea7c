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


ENDS = {
    "request": {"status": 500}, "Request finished": {"http.response.status_code": "502"}, "": {"status_code": 503},
    "request errored": {"res": {"statusCode": 500}}, "GET /api/orders responded in 12.5ms": {"status": 500},
    "HTTP request": {"httpRequest": {"status": 500}}, "POST /pay": {"response": {"status": 500}},
}  # fmt: skip


@pytest.mark.parametrize("body", ENDS)
def test_the_end_of_a_request_with_its_status_beside_it_is_not_told_again(telemetry, body):
    line = said(body, ERROR, data=ENDS[body])
    assert symptoms(telemetry, line, raised("x")) == []
    assert len(symptoms(telemetry, said(body, ERROR, data=ENDS[body], occurred_at=NOW - timedelta(hours=2)))) == 1


@pytest.mark.parametrize(
    ("body", "status"), [("ledger is out of step", 500), ("request", 422), ("request timed out", 500)]
)
def test_a_line_that_says_more_than_how_a_request_ended_stands(telemetry, body, status):
    assert len(symptoms(telemetry, said(body, ERROR, data={"status": status}), raised("x"))) == 1


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


def run(telemetry, *lines, apart=1, **fields):
    """What is found of lines that were written one after the other."""
    begun = NOW - timedelta(hours=1)
    happened = [
        said(one, occurred_at=begun + timedelta(seconds=n * apart), **fields) if isinstance(one, str) else one
        for n, one in enumerate(lines)
    ]
    return sorted(symptom.title for symptom in symptoms(telemetry, *happened))


SUMS_UP = [
    ("tar: /srv/media: Cannot stat: file failed", "tar: Exiting with failure status due to previous errors"),
    ("main.c:12:5: error: unknown type name", "make: *** [Makefile:9: main.o] Error 1"),
    ("error[E0382]: borrow of moved value", "error: could not compile `shop` due to 2 previous errors"),
    ("main.cc:1:1: error: expected a name", "2 errors generated."),
    ("could not upload page", "ERROR: Job failed: exit code 1"),
    ("send_files failed to open it: Permission denied", "rsync error: some were left (code 23) at main.c(1338)"),
    ("pg_dump: error: could not connect", "backup.service: Failed with result 'exit-code'."),
    ("worker failed to load its settings", "Worker (pid:9) was sent SIGKILL! Perhaps out of memory?"),
    ("row 7: could not read its date", "import finished with 3 errors"),
    ("could not read the order", "Build failed"),
    ("job 13 failed: no rate for CHF", "1 of 4 jobs failed"),
    ("Failed to renew shop.example", "/etc/letsencrypt/shop/fullchain.pem (failure)"),
    ("npm ERR! code 1", "npm ERR! Test failed.  See above for more details."),
]


@pytest.mark.parametrize(("told", "sums_up"), SUMS_UP)
def test_a_line_that_only_sums_up_is_told_where_nothing_else_tells_what_failed(telemetry, told, sums_up):
    assert len(run(telemetry, "begun", said(told, ERROR, service="other"), sums_up)) == 2


@pytest.mark.parametrize(("told", "sums_up"), SUMS_UP)
def test_a_line_that_only_sums_up_what_failed_is_not_told_beside_it(telemetry, told, sums_up):
    assert len(run(telemetry, told, sums_up)) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ("could not send mail to ann", "job 42 failed: no such file"),
        ("could not send mail to ann", "could not print order 7"),
        ("could not send mail to ann", *["mail sent"] * 40, "worker exited with code 1"),
    ],
)
def test_what_says_what_failed_or_comes_much_later_counts_itself(telemetry, lines):
    assert len(run(telemetry, *lines)) == 2


def test_an_exception_is_what_a_worker_died_of(telemetry):
    died = raised("no room", occurred_at=NOW - timedelta(hours=1))
    assert run(telemetry, "worker exited with code 1", died) == []


def test_lines_that_sum_up_one_failure_together_are_told_once_each_time(telemetry):
    lines = ("shop: Main process exited, code=1", "shop: Failed with result 'exit-code'.", "up") * 2
    [symptom] = symptoms(
        telemetry, *(said(one, occurred_at=NOW - timedelta(minutes=9 - n // 3)) for n, one in enumerate(lines))
    )
    assert symptom.events == 2


def test_an_end_that_was_asked_for_is_no_failure(telemetry):
    assert run(telemetry, "Stopping Shop...", "shop.service: Failed with result 'exit-code'.") == []


def test_what_announces_the_next_line_is_not_told_beside_it(telemetry):
    lines = ("closing connection, an error occurred:", "operation failed: wrong queue")
    assert run(telemetry, *lines, apart=0) == ["operation failed: wrong queue"]


WAITED = "connect to db port 5432 failed: Connection refused"


@pytest.mark.parametrize(
    ("starts", "ready"),
    [
        ("waiting for the database at db:5432", "database is up - running migrations"),
        ("wait-for-it.sh: waiting 30 seconds for redis:6379", "redis:6379 is available after 2 seconds"),
        ("Starting ShopApplication v1.4.0 using Java 21", "Started ShopApplication in 4.1 seconds"),
        ("Starting Nest application...", "Nest application successfully started"),
        ("Starting gunicorn 22.0.0", "Listening at: http://127.0.0.1:8000"),
        ("Waiting for Kafka to become available", "Connected to kafka:9092"),
        ("Booting worker with pid: 9", "Server is ready."),
    ],
)
def test_what_is_waited_for_at_the_start_and_comes_up_does_not_fail(telemetry, starts, ready):
    assert run(telemetry, starts, WAITED, WAITED, ready) == []
    assert run(telemetry, starts, raised(WAITED, occurred_at=NOW - timedelta(hours=1)), ready) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("waiting for the database at db:5432", WAITED, WAITED),
        ("waiting for the database at db:5432", WAITED, "the database is not ready yet"),
        ("Starting gunicorn 22.0.0", "Listening at: http://x:80", WAITED, "Connected to db:5432"),
        ("order 7 saved", WAITED, "connection established"),
        ("Listening at: http://x:80", WAITED, "waiting for the database to come back", "database is up"),
        ("Starting gunicorn 22.0.0", WAITED, *["orders are waiting"] * 400, "Listening at: http://x:80"),
        ("Starting gunicorn 22.0.0", "could not read settings: no key", "Listening at: http://x:80"),
    ],
)
def test_what_never_comes_up_or_was_up_before_fails(telemetry, lines):
    assert len(run(telemetry, *lines)) == 1


@pytest.mark.parametrize(
    ("inner", "around"),
    [
        ("could not read rates: no such table", "GET /rates: could not read rates: no such table"),
        ("Error: creating shop: wrong version", 'vertex "shop" error: creating shop: wrong version'),
    ],
)
def test_a_line_that_repeats_another_ones_words_is_the_same_failure(telemetry, inner, around):
    assert len(run(telemetry, around, inner)) == 1


def test_a_line_that_repeats_another_ones_words_hours_later_is_another_failure(telemetry):
    lines = ("could not read rates: no such table", "GET /rates: could not read rates: no such table")
    assert len(run(telemetry, *lines, apart=3600)) == 2


def test_lines_with_words_in_common_are_two_failures(telemetry):
    assert len(run(telemetry, "could not save order 7: disk full", "could not save the bill: disk full")) == 2
