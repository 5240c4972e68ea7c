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
