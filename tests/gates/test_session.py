"""A report is believed only when it is what the plugin writes, and agrees with the exit code."""

import json
import os

import pytest

from improver.gates._session import session
from improver.model import Boxed, Isolation

END = {"id": "", "when": "end", "outcome": "0"}


def boxed(code):
    return Boxed(code=code, output="", seconds=1, isolation=Isolation.HOST)


def record(**changes):
    return {"id": "t.py::a", "when": "call", "outcome": "passed", **changes}


def read(tmp_path, code, *records):
    report = tmp_path / "report"
    report.write_text("".join(json.dumps(one) + "\n" for one in records))
    return session(boxed(code), report)


@pytest.mark.parametrize(
    ("code", "records"),
    [
        (0, [record(), END]),
        (1, [record(outcome="failed"), END]),
        (1, [record(), record(when="teardown", outcome="failed"), END]),
        (1, [{"id": "t.py", "when": "collect", "outcome": "failed", "text": "ImportError"}, END]),
        (0, [record(when="setup", outcome="skipped"), END]),
        (5, [END]),
    ],
)
def test_a_report_that_agrees_is_consistent(tmp_path, code, records):
    assert read(tmp_path, code, *records).consistent


@pytest.mark.parametrize(
    ("code", "records"),
    [
        (0, [record(outcome="failed"), END]),
        (1, [record(), END]),
        (0, [record()]),
        (0, []),
        (0, [END, record()]),
        (5, [record(), END]),
        (4, [END]),
        (None, [record(), END]),
        (0, [record(), {"id": 1, "when": "call", "outcome": "passed"}, END]),
        (0, [record(), ["id", "when", "outcome"], END]),
    ],
)
def test_a_report_that_does_not_is_not(tmp_path, code, records):
    assert not read(tmp_path, code, *records).consistent


def test_the_worst_phase_and_the_worst_try_count(tmp_path):
    tries = (record(outcome="failed", raised="E"), record(), record(when="teardown", outcome="failed"))
    assert read(tmp_path, 1, *tries, END).tests["t.py::a"].ended == "failed"


def test_a_report_that_is_no_file_is_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(json.dumps(record()) + "\n" + json.dumps(END) + "\n")
    (tmp_path / "link").symlink_to(secret)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe{}")
    for name in ("link", "pipe", "folder", "bytes", "absent"):
        assert not session(boxed(0), tmp_path / name).complete, name
