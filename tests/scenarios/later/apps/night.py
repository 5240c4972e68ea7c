"""A night shift's programs: each writes the log that programs of its sort write."""

import json
import logging
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

out = Path(sys.argv[2]).open("w")  # noqa: SIM115


def stamp():
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def celery():
    logging.basicConfig(
        stream=out, level=logging.INFO, format="[%(asctime)s: %(levelname)s/ForkPoolWorker-2] %(message)s"
    )
    log = logging.getLogger("celery.app.trace")
    for number in range(24):
        task = uuid.uuid4()
        log.info("Task billing.invoice[%s] received", task)
        try:
            net_of({"id": number, "vat": 7} if number % 3 else {"id": number})
        except KeyError as error:
            log.exception("Task billing.invoice[%s] raised unexpected: %r", task, error)
        else:
            log.info("Task billing.invoice[%s] succeeded in 0.0%ss: None", task, 3 + number % 5)


def net_of(invoice):
    return 100 / (1 + rate_of(invoice))


def rate_of(invoice):
    return invoice["vat"] / 100


def logfmt():
    for number in range(40):
        head = f"ts={stamp()} level=info caller=dispatch.go:88 component=payouts"
        if number % 5 == 2:
            why = f"dial tcp 10.0.3.{17 + number % 3}:8443: i/o timeout"
            print(f'{head} msg="payout not delivered" payout={8100 + number} err="{why}"', file=out)
        else:
            print(f'{head} msg="payout delivered" payout={8100 + number} took={20 + number % 9}ms', file=out)


def syslog():
    for number in range(30):
        head = f"<165>1 {stamp()} vault snapd {3100 + number} - -"
        if number % 6 == 4:
            said = f"snapshot of volume db-{number % 4} failed: the previous one is still locked, keeping that of day"
            print(f"{head} {said} {number}", file=out)
        else:
            print(f"{head} snapshot of volume web-{number} complete in {40 + number % 7} s", file=out)


def gunicorn():
    for number in range(3):
        def say(level, text, pid=7):
            print(f"[{datetime.now(UTC):%Y-%m-%d %H:%M:%S} +0000] [{pid}] [{level}] {text}", file=out)

        say("INFO", "Handling signal: term")
        say("INFO", f"draining {3 + number} connections, no new ones are accepted")
        for worker in (11, 12, 13):
            say("WARNING", f"Worker (pid:{worker + number}) was sent SIGTERM!")
            say("INFO", f"Worker exiting (pid: {worker + number})", worker + number)
        say("INFO", "connection closed by peer while draining, request was answered before")
        say("INFO", "Shutting down: Master")
        say("INFO", "Starting gunicorn 23.0.0")
        say("INFO", "Listening at: http://0.0.0.0:8000 (7)")
        for worker in (11, 12, 13):
            say("INFO", f"Booting worker with pid: {worker + number + 1}", worker + number + 1)


def warnings():
    logging.basicConfig(
        stream=out, level=logging.INFO, format="%(asctime)s %(levelname)-7s [%(threadName)s] %(message)s"
    )
    log = logging.getLogger()
    for number in range(20):
        log.warning("DeprecationWarning: datetime.utcnow() is deprecated, use datetime.now(UTC)")
        log.warning("no time zone is configured, UTC is used")
        log.warning("key 'colour' of the configuration is unknown and was ignored")
        log.warning("disk /data is at %d %%, the limit is 90 %%", 61 + number % 4)
        log.info("compacted %d segments in %d ms", 4 + number, 310 + number)


def words():
    for number in range(24):
        for about in (
            {"msg": "request", "method": "GET", "path": "/books/exception-handling-for-beginners", "status": 200},
            {"msg": "request", "method": "GET", "path": "/static/errors/handbook.pdf", "status": 200},
            {"msg": "request", "method": "GET", "path": "/favicon.ico", "status": 404},
            {"msg": "searched", "query": "crash test dummy fatal", "hits": 3 + number},
            {"msg": "play recap: ok=14 changed=2 unreachable=0 failed=0 skipped=3 rescued=0"},
            {"msg": f"nightly validation found 0 errors and 0 warnings in {900 + number} files"},
            {"msg": "failover drill finished: primary is b as planned, nothing was lost"},
            {"msg": "error budget of the month: 98.2 % left", "error_rate": 0.0},
        ):
            print(json.dumps({"time": stamp(), "level": "info", "service": "library", **about}), file=out)


def leases():
    logging.basicConfig(stream=out, level=logging.DEBUG, format="%(asctime)s|%(levelname)s|%(name)s|%(message)s")
    log = logging.getLogger("leases")
    for number in range(15):
        for attempt in (1, 2, 3):
            log.warning("lease %d is held by worker-%d, will try again in %d s", number, attempt, 2**attempt)
        log.info("lease %d acquired at attempt 4", number)
        log.warning("connection reset by peer while sending batch %d, attempt 1 of 5", 70 + number)
        log.info("batch %d sent at attempt 2", 70 + number)


globals()[sys.argv[1]]()
time.sleep(0.01)
out.close()
