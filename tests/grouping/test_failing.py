"""What a log line tells of: failures at whatever level, and words that only look like one."""

import time

import pytest

from improver.grouping.failing import headline, tells_failure

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
        ("job 42 failed: no such file", INFO),
        ("app had too many unstable restarts (16). Stopped.", INFO),
        ("child 12 exited on signal 11 (SIGSEGV) after 300 seconds", WARNING),
        ("make: *** [Makefile:9: main.o] Error 1", INFO),
        ('pg_dump: error: connection to "db1" failed: FATAL: password authentication failed for user "backup"', INFO),
        ("src/cart.ts(12,5): error TS2304: cannot find name 'rate'", INFO),
        ("error[E0382]: borrow of moved value: `order`", INFO),
        ("Error response from daemon: pull access denied, it may require 'docker login'", INFO),
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
        ("accept tcp [::]:443: use of closed network connection", ERROR),
        ("listening ended: http: Server closed", ERROR),
        ("failed: no", INFO),
        ('"Probe failed" probeType="Readiness" pod="shop/web-1" output="connection refused"', INFO),
        ("0 errors", ERROR),
        ("database recovered from crash", ERROR),
        ("no errors found", ERROR),
        ("shutting down gracefully on SIGTERM", ERROR),
    ],
)
def test_what_only_sounds_like_a_failure_is_none(said, severity):
    assert not tells_failure(said, severity)


@pytest.mark.parametrize(
    "said",
    [
        # a database of its clients and its administrators
        "ledger@shop ERROR:  canceling statement due to user request",
        "ledger@shop FATAL:  terminating connection due to administrator command",
        "FATAL:  the database system is starting up",
        "LOG:  could not receive data from client: Connection reset by peer",
        "LOG:  unexpected EOF on client connection with an open transaction",
        'LOG:  background worker "logical replication launcher" (PID 71) exited with exit code 1',
        "query was killed by the administrator",
        # servers and frameworks of their visitors
        '*1 open() "/srv/www/favicon.ico" failed (2: No such file or directory), client: ::1, server: x',
        "*1 client intended to send too large body: 7340 bytes, client: 10.0.0.1, server: x",
        '*1 limiting requests, excess: 5.1 by zone "a", client: 10.0.0.1, server: x',
        "[client 10.0.0.1:512] AH01630: client denied by server configuration: /srv/www/.git",
        'ActionController::RoutingError (No route matches [GET] "/wp-login.php"):',
        r'Uncaught PHP Exception Symfony\Component\HttpKernel\Exception\NotFoundHttpException: "No route found"',
        "Invalid HTTP_HOST header: 'scan.example'. You may need to add it to ALLOWED_HOSTS.",
        "PayloadTooLargeError: request entity too large",
        "http: TLS handshake error from 10.0.0.1:511: tls: first record does not look like a TLS handshake",
        "Invalid character found in the request target [/index.php?s=]. The valid characters are defined in RFC 7230",
        "error: maximum authentication attempts exceeded for root from 10.0.0.1 port 22 ssh2 [preauth]",
        "request aborted: client disconnected",
    ],
)
def test_what_somebody_outside_did_or_somebody_inside_asked_for_is_no_failure(said):
    assert not tells_failure(said, ERROR)


@pytest.mark.parametrize(
    "said",
    [
        "ledger@shop ERROR:  deadlock detected",
        'ledger@shop ERROR:  duplicate key value violates unique constraint "one_name"',
        "ledger@shop ERROR:  canceling statement due to statement timeout",
        "LOG:  server process (PID 812) was terminated by signal 11: Segmentation fault",
        "LOG:  archive command failed with exit code 1",
        "PANIC:  could not write to file: No space left on device",
        "*1 upstream timed out (110: Connection timed out), client: 10.0.0.1, server: x, upstream: http://10.0.0.2/",
        '*1 open() "/srv/www/logo.png" failed (13: Permission denied), client: 10.0.0.1, server: x',
        "*1 rewrite or internal redirection cycle, client: 10.0.0.1, server: x",
        '*1 FastCGI sent in stderr: "forbidden" while reading from upstream, client: 10.0.0.1, server: x',
        "[client 10.0.0.1:512] PHP Fatal error:  Uncaught Error: Call to undefined function total()",
        "transaction aborted by user function error",
        "backup stopped at client web-1: disk full",
        "import terminated due to user data that is corrupt",
        "upload to the archive failed: 413 Request Entity Too Large",
        "no route found for message order.created",
    ],
)
def test_what_the_software_itself_got_wrong_is_one_whoever_was_there(said):
    assert tells_failure(said, INFO) or tells_failure(said, ERROR)


@pytest.mark.parametrize(
    ("said", "fails"),
    [
        ("Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused", False),
        ("Startup probe failed: HTTP probe failed with statuscode: 503", False),
        ("connection to db:5432 refused: it is still starting up", False),
        ("Liveness probe failed: HTTP probe failed with statuscode: 503", True),
        ("Back-off restarting failed container", True),
        ("timed out waiting for a connection", True),
    ],
)
def test_not_being_ready_yet_is_no_failure_and_not_coming_back_is(said, fails):
    assert tells_failure(said, WARNING) == fails


@pytest.mark.parametrize(
    ("said", "fails"),
    [
        ("giving up on mail, it was dropped, error: 550 sender is not authenticated", True),
        ("could not deliver invoice 7: unauthorized, it was moved to the dead letter queue", True),
        ("failed to import, the row was discarded: validation of its date", True),
        ("gave up after 3 login attempts", False),
        ("connection failed and was lost, will retry", False),
        ("failed to log in: wrong credentials", False),
    ],
)
def test_work_that_is_lost_is_a_failure_whatever_the_reason(said, fails):
    assert tells_failure(said, WARNING) == fails


def test_the_line_that_counts_is_the_first_that_says_something():
    text = "[7f2a]   \n[7f2a] NoMethodError (undefined method 'net' for nil):\n[7f2a]   "
    assert headline(text) == "[7f2a] NoMethodError (undefined method 'net' for nil):"
    assert headline("[a] [b]") == "[a] [b]"
    assert headline("\n\n  saved\nmore") == "saved"


@pytest.mark.parametrize(
    "piece",
    ["error ", "a/", "_failed", "no a b ", "error_", "E", "0 ", "if a ", "://", "x.", "failed: ", "\0", "1" * 9,
     "[a] ", "cancel a ", "[client x] ", "killed by "],
)
def test_no_line_takes_long(piece):
    begun = time.process_time()
    for severity in (INFO, ERROR):
        tells_failure("fail " + piece * 100_000, severity)
    assert time.process_time() - begun < 1
