"""Logs of every shape: what a line says, whose it is, and which lines are one record."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import pipeline, polling
from improver.analyze import analyze
from improver.config import Settings
from improver.model import ErrorEvent, LogEvent
from tests import world
from tests.logged import ACTIONS, AT, JUNIT, NOW, PRINTED, PYTHON, events, one

# Lines.

PHONE = datetime(2026, 11, 20, 16, 13, 38, 811000, tzinfo=UTC)
CLUSTER = datetime(2004, 2, 26, 14, 12, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "severity", "logger", "body"),
    [
        ("2026-11-21 10:30:15,250 - shop.cart - ERROR - no stock", 17, "shop.cart", "no stock"),
        ("2026-11-21 10:30:15,250 WARNING shop.cart: low stock", 13, "shop.cart", "low stock"),
        ("2026-11-21 10:30:15.250 ERROR [main] com.shop.Cart - no stock", 17, "com.shop.Cart", "no stock"),
        ("10:30:15.250 [main] DEBUG com.shop.Cart - no stock", 5, "com.shop.Cart", "no stock"),
        ("2026-11-21T10:30:15.250Z ERROR 1234 --- [shop] [main] c.s.Cart : no stock", 17, "c.s.Cart", "no stock"),
        ("[2026-11-21 10:30:15.250 +0000] [42] [ERROR] Worker failed to boot", 17, "", "Worker failed to boot"),
        ("[2026-11-21 10:30:15,250] ERROR in app: Exception on / [GET]", 17, "app", "Exception on / [GET]"),
        ("2026-11-21 10:30:15.250 | ERROR    | shop:pay:12 - no stock", 17, "shop:pay:12", "no stock"),
        ("2026/11/21 10:30:15.250 [error] 12#12: *1 open() failed", 17, "", "*1 open() failed"),
        ("[2026-11-21 10:30:15,250: ERROR/ForkPoolWorker-3] no stock", 17, "ForkPoolWorker-3", "no stock"),
        ("2026-11-21 10:30:15,250:ERROR:shop.cart:no stock", 17, "shop.cart", "no stock"),
        ("[2026-11-21T10:30:15,250][ERROR][o.e.x.Exporter          ] [es1] no stock", 17, "o.e.x.Exporter", "no stock"),
        ('Nov 21 10:30:15 web dockerd[6]: time="2026-11-21T10:30:15.250Z" level=error msg="no"', 17, "dockerd", "no"),
        ("7:M 21 Nov 2026 10:30:15.250 # no stock", 13, "M", "no stock"),
        ("2026-11-21T10:30:15.250Z pid=1 tid=gx1 class=Job jid=8a elapsed=0.1 WARN: no stock", 13, "", "no stock"),
        ("2026-11-21T10:30:15.250000+00:00 app[web.1]: no stock", 9, "app[web.1]", "no stock"),
        ("2026-11-21T10:30:15.250Z 12 [ERROR] [MY-1] [InnoDB] no stock", 17, "", "no stock"),
        ("2026-11-21 10:30:15.250+00:00 [error] <0.710.0> no stock", 17, "", "no stock"),
        ("2026-11-21T10:30:15.250Z  WARN 1 --- [main] c.shop.Cart      : no stock", 13, "c.shop.Cart", "no stock"),
        ("2026-11-21T10:30:15.250Z cart.c:12:5: error: no stock", 9, "", "cart.c:12:5: error: no stock"),
        ("2026-11-21T10:30:15.250Z stderr F ts=2026-11-21T10:30:15.250Z level=warn msg=out", 13, "", "out"),
        ('{"t": {"$date": "2026-11-21T10:30:15.250Z"}, "s": "E", "msg": "no", "attr": {"error": "stock"}}', 17, "",
         "no, error: stock"),
        ("E1121 10:30:15.250000   12 cart.go:12] no stock", 17, "cart.go:12", "no stock"),
        ("F, [2026-11-21T10:30:15.250000 #12] FATAL -- shop: no stock", 21, "shop", "no stock"),
        ("[Sat Nov 21 10:30:15.250000 2026] [core:error] [pid 1] no stock", 17, "", "no stock"),
        ("<11>1 2026-11-21T10:30:15.250Z web shop 12 - - no stock", 17, "shop", "no stock"),
        ("2026-11-21T10:30:15.250Z stderr F ERROR no stock", 17, "", "no stock"),
        ("ts=2026-11-21T10:30:15.250Z level=warn logger=shop msg=\"no \\\"stock\\\"\" n=1", 13, "shop", 'no "stock"'),
        ('{"log": "ERROR no stock\\n", "stream": "stderr", "time": "2026-11-21T10:30:15.250Z"}', 17, "", "no stock"),
    ],
)  # fmt: skip
def test_the_usual_headers_are_read(line, severity, logger, body):
    event = one(line)
    assert type(event) is LogEvent
    assert (event.severity, event.logger, event.body, event.occurred_at) == (severity, logger, body, AT)


@pytest.mark.parametrize(
    ("line", "severity", "logger", "body", "at"),
    [
        (
            "11-20 16:13:38.811  1702  2395 E Basket View: no stock: 4", 17, "Basket View", "no stock: 4", PHONE,
        ),
        ("11-20 16:13:38.811 E/Basket( 1702): no stock", 17, "Basket", "no stock", PHONE),
        (
            "- 1795257015 2026.11.21 R02-M1-N0 2026-11-21-10.30.15.250000 R02-M1-N0 RAS KERNEL FATAL no stock",
            21, "RAS KERNEL", "no stock", AT,
        ),
        (
            "- 1795257015 2026.11.21 dn7 Nov 21 10:30:15 dn7/dn7 crond(pam_unix)[2915]: no stock",
            9, "crond(pam_unix)", "no stock", AT.replace(microsecond=0),
        ),
        ("4711 node-7 unix.hw net.niff.up 1077804742 1 no stock", 9, "node-7 unix.hw net.niff.up", "no stock", CLUSTER),
        ("4711 full partition status 1077804742 -1 no stock", 9, "full partition status", "no stock", CLUSTER),
        ("20261121-10:30:15:250|Step_Counter|30002312|no stock 7|8", 9, "Step_Counter", "no stock 7|8", AT),
        ("[11.21 10:30:15] shop.exe *64 - no stock - at all", 9, "shop.exe *64", "no stock - at all",
         AT.replace(microsecond=0)),
        ("261121 103015 143 WARN shop.Basket$Lines: no stock", 13, "shop.Basket$Lines", "no stock",
         AT.replace(microsecond=0)),
        ("26/11/21 10:30:15 INFO shop.Basket: no stock", 9, "shop.Basket", "no stock", AT.replace(microsecond=0)),
        (
            "2026-11-21 10:30:15,250 - INFO  [Quorum[id=1]/0:0:0:0:0:0:0:0:2181:Election@774] - no stock",
            9, "", "no stock", AT,
        ),
        (
            "2026-11-21 10:30:15,250 ERROR [IPC handler 3 on 8030] org.shop.Basket: no stock",
            17, "org.shop.Basket", "no stock", AT,
        ),
        ("2026-11-21 10:30:15, Info                  CBS    no stock", 9, "CBS", "no stock", AT.replace(microsecond=0)),
        (
            "shop-api.log.1.2026-11-21_13:53:08 2026-11-21 10:30:15.250 25746 INFO shop.wsgi.server"
            " [req-38101a0b-2096 113d 54fa - - -] [instance: 7] no stock",
            9, "shop.wsgi.server", "[instance: 7] no stock", AT,
        ),
        ("Nov 21 10:30:15 web su(pam_unix)[12]: no stock", 9, "su(pam_unix)", "no stock", AT.replace(microsecond=0)),
        ("Nov 21 10:30:15 web Basket Helper[12] (7): no stock", 9, "Basket Helper", "no stock",
         AT.replace(microsecond=0)),
        ("Nov 21 10:30:15 web syslogd 1.4.1: no stock", 9, "syslogd 1.4.1", "no stock", AT.replace(microsecond=0)),
        ("Nov 21 10:30:15 web last message repeated 2 times", 9, "", "last message repeated 2 times",
         AT.replace(microsecond=0)),
    ],
)  # fmt: skip
def test_the_headers_of_systems_and_clusters_are_read(line, severity, logger, body, at):
    event = one(line)
    assert (event.severity, event.logger, event.body, event.occurred_at) == (severity, logger, body, at)


def test_headers_that_stand_in_no_line_of_others_are_read():
    nest = one("[Nest] 19  - 11/21/2026, 9:30:15 AM   ERROR [Cart] no stock")
    assert (nest.severity, nest.logger, nest.body) == (17, "Cart", "no stock")
    assert nest.occurred_at == AT.replace(hour=9, microsecond=0)
    dotnet = one("fail: Shop.Cart[7]\n      no stock")
    assert (dotnet.severity, dotnet.logger, dotnet.body.strip()) == (17, "Shop.Cart", "no stock")


@pytest.mark.parametrize(
    ("line", "service", "body"),
    [
        ("api-1     | 2026-11-21 10:30:15.250 ERROR no stock", "api", "no stock"),
        ("shop_api_2  | no stock", "shop_api", "no stock"),
        ("2026-11-21T10:30:15.250Z db-1  | no stock", "db", "no stock"),
        ("0|api  | 2026-11-21T10:30:15: no stock", "api", "no stock"),
        ("total | 12", "", "total | 12"),
    ],
)
def test_what_runs_several_services_says_which_one_wrote_a_line(line, service, body):
    assert (one(line).service, one(line).body) == (service, body)


STACK = ["Error: no stock", "    at cartOf (/srv/src/cart.js:12:5)", "    at main (/srv/src/main.js:2:1)"]


@pytest.mark.parametrize(
    ("stamp", "lines"),
    [
        ("Nov 21 10:30:15 web shop[12]: ", STACK),
        ("2026-11-21T10:30:15.250000+00:00 app[web.1]: ", STACK),
        ("2026-11-21T10:30:15.250Z ", STACK),
        ("Nov 21 10:30:15 web shop[12]: ", PYTHON.splitlines()),
        ("2026-11-21T10:30:15.250Z pid=1 tid=gx1 WARN: ", ["IndexError: no stock", "/srv/cart.rb:12:in `take'"]),
    ],
)
def test_a_stack_is_one_record_also_where_each_of_its_lines_has_a_header(stamp, lines):
    found = events("\n".join(stamp + line for line in [*lines, "sold 12 items"]))
    assert [type(event) for event in found] == [ErrorEvent, LogEvent]
    assert found[0].raised[-1].frames


def test_lines_of_another_program_belong_to_no_stack():
    lines = ["Nov 21 10:30:15 web shop[12]: Error: no stock", "Nov 21 10:30:15 web mail[7]:     at noon"]
    assert len(events("\n".join(lines))) == 2


def test_what_another_process_raised_is_part_of_what_was_raised_of_it():
    inner = "Traceback (most recent call last):\n  File \"/srv/a.py\", line 2, in part\n    1 / 0\nZeroDivisionError: x"
    text = (
        "2026-11-21 10:30:15,250 ERROR shop: part 3 failed\nconcurrent.futures.process._RemoteTraceback: \n"
        f'"""\n{inner}\n"""\n\nThe above exception was the direct cause of the following exception:\n\n{inner}\n'
    )
    [event] = events(text)
    assert event.raised[-1].type == "ZeroDivisionError"


@pytest.mark.parametrize("begin", ["", "2026-11-21 10:30:15 INFO ", "Nov 21 10:30:15 w ", "- 1795257015 2026.11.21 n"])
@pytest.mark.parametrize("piece", ["[", "[a]", "[[a]", "(", "a ", "1 ", "a.", "a: ", "- ", "|", "E/", "a(b)[1]"])
def test_no_header_takes_long(begin, piece):
    started = time.process_time()
    events(begin + piece * 30_000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("line", "severity", "body"),
    [
        ("Error: no such file", 9, "Error: no such file"),
        ("error: no such file", 17, "no such file"),
        ("ERROR:shop:no such file", 17, "no such file"),
        ("INFO:     127.0.0.1:1 - GET / 200", 9, "127.0.0.1:1 - GET / 200"),
        ("2026-11-21 10:30:15 42 items sold", 9, "42 items sold"),
        ("Nov 21 10:30:15 web shop[12]: ERROR no stock", 17, "no stock"),
        ("information is beautiful", 9, "information is beautiful"),
        ("\x1b[31mERROR\x1b[0m no stock", 17, "no stock"),
    ],
)
def test_a_message_is_not_taken_for_a_header(line, severity, body):
    event = one(line)
    assert (event.severity, event.body) == (severity, body)


@pytest.mark.parametrize(
    ("time", "seen"),
    [
        ("1795257015.25", AT), ("1795257015250", AT), (1795257015.25, AT), (1795257015250000000, AT),
        ("2026-11-21T11:30:15.250+01:00", AT), ("Nov 21 10:30:15", AT.replace(microsecond=0)),
        ("Dec 31 23:00:00", datetime(2025, 12, 31, 23, tzinfo=UTC)),
        ("23:00:00", datetime(2026, 11, 20, 23, tzinfo=UTC)),
        ("2027-01-01T00:00:00Z", NOW), ("soon", NOW), (True, NOW), (None, NOW), ([], NOW), (1e300, NOW),
    ],
)  # fmt: skip
def test_a_time_is_read_however_it_is_written_and_never_lies_ahead(time, seen):
    assert one(json.dumps({"msg": "x", "time": time})).occurred_at == seen


@pytest.mark.parametrize(
    ("record", "severity", "logger", "body"),
    [
        ({"event": "no stock", "level": "warning", "logger": "shop"}, 13, "shop", "no stock"),
        ({"level": 50, "time": 1795257015250, "pid": 1, "name": "shop", "msg": "no stock"}, 17, "shop", "no stock"),
        ({"level": "warn", "ts": 1795257015.25, "logger": "shop", "msg": "no stock"}, 13, "shop", "no stock"),
        ({"levelname": "ERROR", "name": "shop", "message": "no stock"}, 17, "shop", "no stock"),
        ({"severity": "CRITICAL", "message": "no stock"}, 21, "", "no stock"),
        ({"log.level": "error", "log.logger": "shop", "message": "no stock"}, 17, "shop", "no stock"),
        ({"log": {"level": "error", "logger": "shop"}, "message": "no stock"}, 17, "shop", "no stock"),
        ({"version": "1.1", "short_message": "no stock", "level": 3}, 17, "", "no stock"),
    ],
)
def test_json_lines_of_every_logger_are_read(record, severity, logger, body):
    event = one(json.dumps(record))
    assert (type(event), event.severity, event.logger, event.body) == (LogEvent, severity, logger, body)
    assert event.data == record


def test_a_json_line_says_whose_it_is_but_the_config_knows_better():
    line = json.dumps({
        "msg": "x", "service": {"name": "shop"}, "env": "prod", "user_id": 7, "trace_id": "t", "dd": {"span_id": "s"},
        "service.version": "1.2",
    })  # fmt: skip
    said = one(line)
    assert (said.service, said.environment, said.user, said.trace_id, said.span_id, said.release) == (
        "shop", "prod", "7", "t", "s", "1.2",
    )  # fmt: skip
    known = one(line, "/logs?service=cart&environment=test&file=%2Fvar%2Flog%2Fx.log")
    assert (known.service, known.environment) == ("cart", "test")
    assert one("x", "/logs?file=%2Fvar%2Flog%2Fx.log").data == {"file": "/var/log/x.log"}


def journal(message, **more):
    record = {
        "__REALTIME_TIMESTAMP": "1795257015250000", "PRIORITY": "6", "SYSLOG_IDENTIFIER": "python",
        "_SYSTEMD_UNIT": "shop.service", "_PID": "12", "MESSAGE": message, **more,
    }  # fmt: skip
    return json.dumps(record) + "\n"


def test_the_journal_is_read_one_entry_a_line():
    event = one(journal("no stock", PRIORITY="3"))
    assert (event.service, event.logger, event.severity, event.body, event.occurred_at) == (
        "shop", "python", 17, "no stock", AT,
    )  # fmt: skip
    assert one(journal([110, 255, 111])).body == "n\ufffdo"
    assert one(journal("ERROR no stock")).severity == 17


def test_a_traceback_in_the_journal_is_one_error():
    lines = [journal(line) for line in PYTHON.splitlines()]
    found = events("".join([journal("fine"), *lines, journal("x", _SYSTEMD_UNIT="other.service")]))
    assert [type(event) for event in found] == [LogEvent, ErrorEvent, LogEvent]
    assert (found[1].service, found[1].raised[-1].type) == ("shop", "ValueError")


# Through the daemon, and by hand.


def test_files_come_with_what_the_config_says_of_them(tmp_path):
    (tmp_path / "a.log").write_text("ERROR no stock\n" + PYTHON)
    (tmp_path / "b.log").write_text('{"msg": "x"}\n')
    section = {
        "files": [str(tmp_path / "*.log")],
        "sources": [{"path": str(tmp_path / "b.log"), "service": "cart", "environment": "test", "format": "plain"}],
    }
    with world.opened(Settings(data_dir=tmp_path / "data", collectors={"logs": section})) as runtime:
        for _ in range(4):
            polling.poll(runtime, "logs")
        pipeline.digest(runtime)
        telemetry = runtime.warehouse.telemetry
        assert telemetry.rows("select service, environment, body from logs") == [
            {"service": "cart", "environment": "test", "body": '{"msg": "x"}'}
        ]
        assert telemetry.rows("select exception_type, message, trust from errors") == [
            {"exception_type": "ValueError", "message": "no stock", "trust": "server"}
        ]


def test_a_file_is_analysed_record_by_record(tmp_path):
    log, report = tmp_path / "app.log", tmp_path / "report.xml"
    log.write_text(f"INFO one\n{PYTHON}INFO two\nERROR pay\n{PYTHON}")
    report.write_text(JUNIT)
    found = analyze(Settings(), [log, report], "logs")
    told = [(event.ref, event.kind) for event in found.events]
    assert [ref for ref, kind in told if kind == "log"] == [f"{log}:1", f"{log}:13"]
    assert [ref for ref, kind in told if kind != "log"] == [f"{log}:2", f"{log}:14", f"{report}:1", f"{report}:1"]
    first, second, *_ = (event.fingerprint for event in found.events if event.kind != "log")
    assert first == second
    assert (found.lines, found.unreadable) == (5, ())


# Hostile lines.


def test_bytes_that_are_no_text_and_lines_too_long_are_read_as_far_as_they_go():
    assert one(b"ERROR \xff\xfe stock").body == "\ufffd\ufffd stock"
    assert len(one(b"x" * 1_000_000).body) == 64 * 1024


PIECES = st.sampled_from([
    *PRINTED.values(), *(line + "\n" for text in PRINTED.values() for line in text.splitlines()), "\n", "  ", "ERROR ",
    "2026-11-21 10:30:15,250 ", '{"level": "error", "stack": ', '"x"}\n', "a=1 level=", "##[error]", ACTIONS, "(" * 50,
    "goroutine 1 [running]:\n", "<11>Nov 21 10:30:15 a b: ", "\tat ", "Suppressed: ", "x (" * 30, "[" * 2000, "\x1b[3",
])  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.lists(PIECES | st.text(max_size=8), max_size=12))
def test_no_text_breaks_the_reading_of_logs(pieces):
    body = "".join(pieces).encode("utf-8", "surrogatepass")
    found = events(b"x\n" + body)
    assert found
    assert all(event.occurred_at <= NOW + timedelta(seconds=60) for event in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = [
    "level", "msg", "time", "err", "error", "exception", "stack", "exc_info", "logger", "service", "user", "MESSAGE",
    "PRIORITY", "__REALTIME_TIMESTAMP", "log", "trace_id", "short_message",
]  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from(NAMES), JSON | st.sampled_from(list(PRINTED.values())), min_size=1))
def test_a_json_line_with_any_values_decodes(record):
    assert len(events(json.dumps(record))) <= 1


def test_a_private_key_in_a_message_of_many_lines_stays_in_one_piece():
    lines = (
        "Traceback (most recent call last):", '  File "/srv/app.py", line 2, in load',
        "ValueError: not a key: -----BEGIN RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEA", "", "x1+/=",
        "-----END RSA PRIVATE KEY-----", "2026-11-21 12:00:00,000 INFO app goes on",
    )  # fmt: skip
    error, line = events("\n".join(lines).encode() + b"\n")
    assert error.raised[-1].type == "ValueError"
    assert line.body == "app goes on"


def test_a_traceback_below_a_line_at_info_that_tells_of_it_is_one_error_with_it():
    found = events(f"2026-11-21 10:30:15 INFO shop: job 3 crashed\n{PYTHON}2026-11-21 10:30:16 INFO shop: job 4 done\n")
    assert [type(event) for event in found] == [ErrorEvent, LogEvent]
    assert found[0].message == "shop: job 3 crashed"


@pytest.mark.parametrize("said", ["Exception in thread Thread-3 (mean_of):", "import of prices.csv failed"])
def test_a_line_that_says_what_the_traceback_right_below_it_is_of_is_one_with_it(said):
    found = events(f"10:30:14 station 3: reading\n{said}\n{PYTHON}10:30:16 all done\n")
    assert [type(event) for event in found] == [LogEvent, ErrorEvent, LogEvent]
    assert (found[0].body, found[1].message) == ("station 3: reading", said)


def test_a_failure_printed_below_a_harmless_line_is_a_record_of_its_own():
    found = events("2026-11-21 10:30:15 INFO saved\nin two lines\ncould not open the drawer\nand so on\n")
    assert [event.body for event in found] == ["saved\nin two lines", "could not open the drawer", "and so on"]


@pytest.mark.parametrize(
    ("record", "body"),
    [
        ({"msg": "saved", "error": "disk full"}, "saved, error: disk full"),
        ({"msg": "saved", "error": {"message": "disk full", "code": 3}}, "saved, error: disk full"),
        ({"error": "disk full"}, "error: disk full"),
        ({"msg": "could not save: disk full", "err": "disk full"}, "could not save: disk full"),
        ({"msg": "saved", "error": None}, "saved"),
        ({"msg": "saved", "error": "none"}, "saved"),
        ({"msg": "saved", "error": False, "errors": [], "error_count": 0}, "saved"),
    ],
)
def test_what_a_field_says_is_wrong_is_said(record, body):
    assert one(json.dumps({"level": "info", **record})).body == body
