"""Log lines of the daemon."""

import logging
import sys

import pytest

from improver.logs import Lines


@pytest.fixture
def line():
    def write(message: str, **fields: object) -> str:
        return Lines().format(logging.makeLogRecord({"msg": message, "levelno": 20, "levelname": "INFO", **fields}))

    return write


def test_a_line_is_a_time_a_level_a_sentence_and_its_fields(line):
    when, rest = line("a job failed", job="full pass", count=3, created=0).split(" ", 1)
    assert when == "1970-01-01T00:00:00.000+00:00"
    assert rest == 'info a job failed job="full pass" count=3'


def test_what_comes_from_telemetry_stays_on_its_line_and_obeys_nobody(line):
    written = line("refused", path="/x\n2026 info forged", agent="\x1b[2J")
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


def test_a_traceback_keeps_its_lines_and_is_inert(line):
    try:
        raise ValueError("first\nsecond \x1b[31m")
    except ValueError:
        written = line("a job failed", exc_info=sys.exc_info())
    assert "Traceback" in written
    assert "\x1b" not in written
    assert all(part.startswith("    ") for part in written.splitlines()[1:])


def test_secrets_that_an_error_quotes_do_not_get_into_the_log(line):
    secret = "hunter2-hunter2"
    try:
        key = f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----"
        raise ValueError(f"no such user: password={secret}\n{key}")
    except ValueError as error:
        written = line("a job failed", error=error, exc_info=sys.exc_info())
    assert "no such user" in written
    assert secret not in written
