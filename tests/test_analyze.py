"""Files are analysed by the daemon's own code, and nothing is kept."""

import json

import pytest

from improver.analyze import analyze
from improver.config import Settings
from improver.errors import ImproverError
from tests import world


def lines(tmp_path, *records):
    file = tmp_path / "events.jsonl"
    file.write_text("".join(f"{record if isinstance(record, str) else json.dumps(record)}\n" for record in records))
    return file


def test_each_line_gives_its_ref_and_its_final_group(tmp_path):
    file = lines(tmp_path, world.error("r1"), world.error("r1", line=7), "", world.transaction("r1"))
    found = analyze(Settings(), [file], "sentry")
    assert [event.ref for event in found.events] == [f"{file}:1", f"{file}:2"]
    assert len({event.fingerprint for event in found.events}) == 1
    [finding] = found.findings
    assert finding.fingerprint == found.events[0].fingerprint
    assert finding.events == 2


def test_now_is_the_newest_event(tmp_path):
    import datetime

    old = world.NOW - datetime.timedelta(days=900)
    [finding] = analyze(Settings(), [lines(tmp_path, world.error("r1", at=old))], "sentry").findings
    assert (finding.trend, finding.events) == ("new", 1)


def test_lines_that_are_no_records_are_named_and_cost_nothing_else(tmp_path):
    file = lines(tmp_path, "not json", world.error("r1"), "[1]", '{"exception": 7}')
    found = analyze(Settings(), [file], "sentry")
    assert f"{file}:2" in [event.ref for event in found.events]
    assert f"{file}:1" in found.unreadable
    assert found.lines == 4


def test_a_missing_file_and_an_unknown_collector_are_refused(tmp_path):
    with pytest.raises(ImproverError, match="nowhere"):
        analyze(Settings(), [tmp_path / "nowhere"], "sentry")
    with pytest.raises(ImproverError, match="unknown name 'syslog'"):
        analyze(Settings(), [], "syslog")


def test_a_line_that_was_sent_again_has_its_group_and_counts_once(tmp_path):
    record = world.error("r1")
    file = lines(tmp_path, record, record, world.error("r1"))
    found = analyze(Settings(), [file, file], "sentry")
    assert [event.ref for event in found.events] == [f"{file}:{n}" for n in (1, 2, 3, 1, 2, 3)]
    assert len({event.fingerprint for event in found.events}) == 1
    [finding] = found.findings
    assert finding.events == 2


def test_each_line_of_a_log_has_its_template_and_failures_are_findings(tmp_path):
    file = tmp_path / "shop.log"
    said = [f"2026-11-21 10:30:{n:02} INFO shop.basket: could not save order {n}: disk full" for n in range(3)]
    file.write_text("\n".join([*said, "2026-11-21 10:31:00 INFO shop.basket: order 8 saved in 3 ms", "plain words"]))
    found = analyze(Settings(), [file], "logs")
    assert [(event.ref, event.kind) for event in found.events] == [(f"{file}:{n}", "log") for n in (1, 2, 3, 4)]
    assert [event.template for event in found.events[::3]] == [
        "could not save order <*>: disk full", "order <*> saved in <*>",
    ]  # fmt: skip
    assert len({event.fingerprint for event in found.events}) == 2
    [finding] = found.findings
    assert (finding.fingerprint, finding.events) == (found.events[0].fingerprint, 3)


def test_a_log_of_nothing_but_different_and_hostile_lines_is_analysed(tmp_path):
    file = tmp_path / "odd.log"
    odd = [b"x" * 3_000_000, b"\0\xff\xfe" * 5000, b"=" * 100_000, b"{" * 100_000, b'{"msg": ' * 5000, b"a=" * 50_000]
    many = [f"{n:x} failed with {n:b}z and {chr(97 + n % 26) * (n % 9)}".encode() for n in range(3000)]
    file.write_bytes(b"\n".join([*odd, *many]))
    found = analyze(Settings(), [file], "logs")
    assert len(found.events) == found.lines
    assert all(event.fingerprint for event in found.events)
    assert not found.unreadable


def test_json_laid_out_over_lines_is_read_value_by_value(tmp_path):
    file = tmp_path / "saved.json"
    laid_out = [json.dumps(world.error("r1", line=line), indent=2) for line in (3, 4, 5)]
    file.write_text(f"{laid_out[0]}\n{laid_out[1]}\n")
    size = laid_out[0].count("\n") + 1
    assert [event.ref for event in analyze(Settings(), [file], "sentry").events] == [f"{file}:1", f"{file}:{1 + size}"]
    file.write_text(f"[\n{','.join(laid_out)}]")
    listed = analyze(Settings(), [file], "sentry")
    assert [event.ref for event in listed.events] == [f"{file}:{2 + n * (size - 1)}" for n in range(3)]
    file.write_text(f"{laid_out[0]}\n{laid_out[1][:40]}")
    cut = analyze(Settings(), [file], "sentry")
    assert [event.ref for event in cut.events] == [f"{file}:1"]
    assert cut.unreadable[0] == f"{file}:{1 + size}"


def test_thousands_of_lines_that_are_no_records_are_told_in_their_order(tmp_path, caplog):
    file = lines(tmp_path, world.error("r1"), *["{]" * 2] * 5000)
    found = analyze(Settings(), [file], "sentry")
    assert len(found.events) == 1
    assert found.unreadable == tuple(f"{file}:{n}" for n in range(2, 5002))
    assert not caplog.records


def test_what_is_older_than_detectors_look_back_is_found_and_quiet(tmp_path):
    import datetime

    old = world.NOW - datetime.timedelta(days=400)
    other = world.error("r2")
    other["exception"]["values"][0] |= {"type": "KeyError", "value": "price"}
    records = [world.error("r1", at=old), world.error("r1", at=old), other]
    found = analyze(Settings(), [lines(tmp_path, *records)], "sentry")
    assert {(one.trend, one.events, one.minutes_per_week > 0) for one in found.findings} == {
        ("quiet", 2, False), ("new", 1, True),
    }  # fmt: skip
    assert found.findings[0].trend == "new"
