"""What a log line tells of: failures at whatever level, and words that only look like one."""

import time

import pytest

from improver.grouping.failing import tells_failure

INFO, WARNING, ERROR = 9, 13, 17


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("could not save order 1001: [Errno 28] No space left on device", INFO),
        ("saving order 7 failed", INFO),
        ("ValueError: bad", INFO),
        ("task send_mail raised KeyError('x')", INFO),
        ("An error occurred while saving", INFO),
        ("import finished with 3 errors", INFO),
        ("upload error_count=5 failed=2", INFO),
        ("job import_orders failed", INFO),
        ("payment: connection refused", INFO),
        ("worker crashed", INFO),
        ('10.0.0.1 "GET /orders HTTP/1.1" 500 12', INFO),
        ("order saved, error: disk full", INFO),
        ("db query timed out after 30s", INFO),
        ("failed to write /var/lib/x/error.log", WARNING),
        ("unable to reach billing at http://x/y", WARNING),
        ("order 55 was not saved", INFO),
        ("attempt 3 of 3: connection refused", INFO),
        ("gave up after 3 retries", INFO),
        ("lost connection to the database", INFO),
        ("worker exited with code 1", INFO),
        ("payments returned 503", INFO),
        ("container OOMKilled", INFO),
        ("connection to cache:6379 refused", INFO),
        ("request to 10.0.0.7 was aborted", INFO),
        ("record 1207 dropped", INFO),
        ("report 'year end' failed", INFO),
        ('got "connection refused" from the mailer', INFO),
        ("Caught exception in worker", INFO),
        ("disk almost full", ERROR),
        ("charge declined at /orders/7", ERROR),
        ("import skipped because of bad header", ERROR),
        ("charge declined for order 7", ERROR),
        ("unexpected end of file", ERROR),
    ],
)
def test_a_failure_is_told_at_any_level(said, severity):
    assert tells_failure(said, severity)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("import finished: 201 rows, 0 errors, 0 failed", INFO),
        ("ann asked: 'why is there a fatal error?'", INFO),
        ('thread titled "My disk crashed, all is lost" was opened', INFO),
        ("search term: “uncaught exception”, 12 hits", INFO),
        ("table orders_old dropped", INFO),
        ("0 records dropped", INFO),
        ("errors: 0", INFO),
        ("error_count=0", INFO),
        ("failed=0 ok=12", INFO),
        ("no error", INFO),
        ("error=null status=ok", INFO),
        ("last_error=None", INFO),
        ("no exceptions were found in the audit of day 3", INFO),
        ("completed without errors", INFO),
        ("error rate 0.0%", INFO),
        ("tests: 12 passed, 0 failed", INFO),
        ("GET https://x.y/api/error?failed=1", INFO),
        ('"GET /error HTTP/1.1" 200 512', INFO),
        ('"GET /failed/crashed HTTP/1.1" 200 512', INFO),
        ("rendered error_page.html for the preview", INFO),
        ("loaded template errors/fatal.html", INFO),
        ("mounted ErrorBoundary", INFO),
        ("error handler registered", INFO),
        ("if this fails we try the other host", INFO),
        ("will report errors to sentry", INFO),
        ("failover to replica completed successfully", INFO),
        ("retry succeeded after 3 failed attempts", INFO),
        ("Failed password for invalid user admin from 1.2.3.4", INFO),
        ("upstream answered late, retry 1 of 3", WARNING),
        ("connection failed, retrying in 5s", WARNING),
        ("succeeded after 3 attempts", INFO),
        ("upload aborted by user", INFO),
        ("session timed out for user 7", INFO),
        ("worker exited with code 0", INFO),
        ("took 503 ms", INFO),
        ("Received 500 bytes", INFO),
        ("panic button pressed", INFO),
        ("crash course imported", INFO),
        ("exception request approved", INFO),
        ("stop on first error: true", INFO),
        ("Sent failure notification to ops", INFO),
        ("0 errors", ERROR),
        ("database recovered from crash", ERROR),
        ("no errors found", ERROR),
        ("shutting down gracefully on SIGTERM", ERROR),
    ],
)
def test_what_only_sounds_like_a_failure_is_none(said, severity):
    assert not tells_failure(said, severity)


@pytest.mark.parametrize(
    "piece",
    ["error ", "a/", "_failed", "no a b ", "error_", "E", "0 ", "if a ", "://", "x.", "failed: ", "\0", "1" * 9],
)
def test_no_line_takes_long(piece):
    begun = time.process_time()
    for severity in (INFO, ERROR):
        tells_failure("fail " + piece * 100_000, severity)
    assert time.process_time() - begun < 1
