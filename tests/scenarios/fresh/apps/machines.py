"""Programs of an operations room: each writes the log that programs of its sort write."""

import json
import random
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

out = Path(sys.argv[2]).open("w")  # noqa: SIM115
dice = random.Random(sys.argv[1])
BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"


def now(form="%Y-%m-%dT%H:%M:%S.%fZ"):
    return datetime.now(UTC).strftime(form)


def slog():
    """Go's slog: a mail queue that tries three times, and then gives a mail up, at WARN."""

    def line(level, msg, **more):
        print(json.dumps({"time": now(), "level": level, "msg": msg, **more}), file=out)

    for number in range(60):
        mail = f"m-{dice.randrange(16**6):06x}"
        line("INFO", "request", method="GET", path="/queue", status=200, duration_ms=dice.randrange(2, 9))
        if number % 10 == 3:
            for attempt in (1, 2, 3):
                line("INFO", "will retry", mail=mail, attempt=attempt, backoff=f"{2**attempt}s")
            why = f"550 5.7.26 sender is not authenticated for domain d{number}.example"
            line("WARN", "giving up on mail, it was dropped", mail=mail, attempts=3, err=why)
        elif number % 10 == 6:
            line("INFO", "will retry", mail=mail, attempt=1, backoff="2s")
            line("INFO", "sent", mail=mail, attempts=2)
        else:
            line("INFO", "sent", mail=mail, attempts=1)
        if number % 20 == 0:
            line("WARN", "queue is longer than usual", length=40 + number, limit=500)


def events(rows):
    for kind, reason, thing, message in rows:
        print(f"{now('%Y-%m-%dT%H:%M:%SZ')}   {kind:<9} {reason:<18} {thing:<34} {message}", file=out)


def pod(app):
    return f"pod/{app}-{dice.randrange(16**9):09x}-{dice.randrange(16**4):04x}x"


def rollout():
    """Kubernetes: three pods are replaced by three, and not all at once."""
    for number in range(6):
        old, new, address = pod("api"), pod("api"), f"10.8.4.{number}:8080"
        refused = f"Readiness probe failed: dial tcp {address}: connect: connection refused"
        events([
            ("Normal", "ScalingReplicaSet", "deployment/api", "Scaled up replica set api-77f to 1"),
            ("Warning", "FailedScheduling", new, "0/3 nodes are available: 3 Insufficient cpu."),
            ("Normal", "TriggeredScaleUp", new, "pod triggered scale-up: [{pool-a 3->4 (max: 8)}]"),
            ("Normal", "Scheduled", new, f"Successfully assigned prod/{new[4:]} to node-4"),
            ("Normal", "Started", new, "Started container api"),
            ("Warning", "Unhealthy", new, refused),
            ("Normal", "Killing", old, "Stopping container api"),
            ("Warning", "Unhealthy", old, "Readiness probe failed: HTTP probe failed with statuscode: 503"),
            ("Normal", "ScalingReplicaSet", "deployment/api", "Scaled down replica set api-6cd to 2"),
        ])  # fmt: skip


def rails():
    """Rails in production: bots that ask for what never was, and a bug in one view."""

    def tagged(level, request, *texts):
        """One message: its first line has the head, and each the request."""
        head = f"{level[0]}, [{now('%Y-%m-%dT%H:%M:%S.%f')} #2211] {level:>5} -- : "
        print(head + "\n".join(f"[{request}] {text}" for text in texts), file=out)

    for number in range(50):
        request = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        path, action = f"/plots/{number}", "PlotsController#show"
        if number % 7 == 5:
            path, action = f"/plots/{number}/bill", "BillsController#show"
        tagged("INFO", request, f'Started GET "{path}" for 198.51.100.{number} at {now("%Y-%m-%d %H:%M:%S +0000")}')
        tagged("INFO", request, f"Processing by {action} as HTML")
        if "bill" in path:
            tagged("INFO", request, f"Completed 500 Internal Server Error in {20 + number}ms (ActiveRecord: 3.1ms)")
            tagged(
                "FATAL", request, "  ", "NoMethodError (undefined method 'litres' for nil):", "  ",
                "app/models/water_meter.rb:31:in 'WaterMeter#used_since'", "app/models/bill.rb:12:in 'Bill#lines'",
                "app/controllers/bills_controller.rb:8:in 'BillsController#show'",
            )  # fmt: skip
        else:
            tagged("INFO", request, f"Completed 200 OK in {12 + number}ms (Views: 7.{number % 10}ms)")
        if number % 4 == 0:
            path = ("/wp-admin/setup.php", "/.git/config", "/vendor/phpunit/eval-stdin.php")[number % 3]
            tagged("INFO", request, f'Started GET "{path}" for 203.0.113.{number} at {now("%Y-%m-%d %H:%M:%S +0000")}')
            tagged("FATAL", request, "  ", f'ActionController::RoutingError (No route matches [GET] "{path}"):', "  ")


def nginx_line(path, status, agent=BROWSER, size=812, method="GET"):
    address = f"198.51.100.{dice.randrange(250)}"
    asked = f'[{now("%d/%b/%Y:%H:%M:%S +0000")}] "{method} {path} HTTP/1.1"'
    print(f'{address} - - {asked} {status} {size} "-" "{agent}"', file=out)


def nginx_error(level, text, path, method="GET"):
    head = f"{now('%Y/%m/%d %H:%M:%S')} [{level}] 31#31: *{dice.randrange(90000)}"
    client = f"203.0.113.{dice.randrange(250)}"
    request = f'request: "{method} {path} HTTP/1.1", host: "plots.example"'
    print(f"{head} {text}, client: {client}, server: plots.example, {request}", file=out)


def nginx_timeouts():
    """nginx, access and errors in one stream: one route's upstream does not answer in a minute."""
    for number in range(60):
        nginx_line(f"/plots/{number}", 200)
        if number % 6 == 0:
            nginx_line("/healthz", 200, "kube-probe/1.31", 2)
            nginx_line("/static/app.css", 304, size=0)
        if number % 9 == 4:
            told = "upstream timed out (110: Connection timed out) while reading response header from upstream"
            nginx_error("error", told, f"/valuations/{800 + number}", "POST")
            nginx_line(f"/valuations/{800 + number}", 504, size=167, method="POST")


def nginx_visitors():
    """nginx: visitors who leave, send too much, speak another protocol, and look for what is not there."""
    for number in range(60):
        nginx_line(f"/plots/{number}", (200, 200, 304, 301)[number % 4])
        if number % 5 == 0:
            nginx_line("/apple-touch-icon.png", 404, size=153)
            nginx_line("/.env", 404, "curl/8.9", 153)
            nginx_line("/search?q=rose", 499, size=0)
            nginx_error("error", "client intended to send too large body: 73400320 bytes", "/photos", "POST")
            nginx_line("/photos", 413, size=183, method="POST")
            nginx_error("error", 'open() "/srv/www/favicon.ico" failed (2: No such file or directory)', "/favicon.ico")
            nginx_error("info", "client closed keepalive connection", "/plots")
            nginx_error("error", 'access forbidden by rule', "/.git/HEAD")
            buffered = f"a client request body is buffered to a temporary file /var/cache/nginx/00000000{10 + number}"
            nginx_error("warn", buffered, "/photos", "POST")
            nginx_line("\\x16\\x03\\x01", 400, "-", 157)


def threads():
    """A batch in plain Python: nothing of an SDK, prints for a log, and threads that die of themselves."""
    sys.stdout = sys.stderr = out
    for number in range(18):
        print(f"{now('%H:%M:%S')} station {number}: reading")
        station = {"id": number, "values": [] if number % 4 == 1 else [4, 9]}
        reader = threading.Thread(target=read_station, args=(station,))
        reader.start()
        reader.join()
    print(f"{now('%H:%M:%S')} all stations were visited")


def read_station(station):
    print(f"{now('%H:%M:%S')} station {station['id']}: mean {mean_of(station['values']):.1f}")


def mean_of(values):
    return sum(values) / len(values)


def structured():
    """structlog: refusals that are meant, second tries that work, and numbers that are nought."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(out),
    )  # fmt: skip
    log = structlog.get_logger()
    for number in range(30):
        log.info("batch finished", rows=900 + number, errors=0, failed=[], exception=None)
        log.warning("login refused", reason="wrong password", user=f"u{number}", attempt=1)
        log.info("login", user=f"u{number}")
        log.info("duplicate message ignored", message_id=f"k-{number}", topic="orders")
        log.warning("rate limit of the partner reached, sleeping", seconds=3)
        log.info("circuit breaker closed", failures=0)
        log.info("job superseded by a newer one", job=number, error=None)
        log.warning("cache miss, asked the database", key=f"plot:{number}", ms=12)


globals()[sys.argv[1]]()
time.sleep(0.01)
out.close()
