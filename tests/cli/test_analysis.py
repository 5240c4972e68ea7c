"""`improver analyze` on files."""

import json

import pytest

from tests import world


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.jsonl"
    records = [world.error("r1"), world.error("r1", value="division by 0"), world.transaction("r1")]
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + "no json\n")
    return path


def test_the_json_shape_is_the_contract(improver, file):
    found = json.loads(improver("analyze", file, "--as", "sentry", "--json", "--events").stdout)
    assert [event["ref"] for event in found["events"]] == [f"{file}:1", f"{file}:2"]
    assert len({event["fingerprint"] for event in found["events"]}) == 1
    assert set(found["events"][0]) >= {"ref", "kind", "fingerprint", "template"}
    assert [finding["events"] for finding in found["findings"]] == [2]


def test_events_are_left_out_unless_they_are_asked_for(improver, file):
    assert json.loads(improver("analyze", file, "--as", "sentry", "--json").stdout)["events"] == []


def test_people_get_findings_and_what_was_not_understood(improver, file):
    shown = improver("analyze", file, "--as", "sentry").stdout
    assert "ZeroDivisionError" in shown
    assert "4 lines" in shown
    assert f"{file}:4" in shown
    assert f"{file}:1" in improver("analyze", file, "--as", "sentry", "--events").stdout


def test_lines_that_are_not_understood_are_told_with_the_reason_and_without_a_traceback(improver, file):
    done = improver("analyze", file, "--as", "sentry")
    assert f"not understood: {file}:4: the body is not a JSON event" in done.stdout
    assert "Traceback" not in done.output


def test_files_of_which_nothing_is_understood_are_not_called_fine(improver, tmp_path):
    (tmp_path / "notes.txt").write_text("one\ntwo\n")
    refused = improver("analyze", tmp_path / "notes.txt", "--as", "sentry")
    assert refused.exit_code == 1
    assert "none of the 2 lines could be understood as sentry" in refused.stderr


def test_nothing_is_stored(improver, home, file):
    improver("analyze", file, "--as", "sentry")
    assert list(home.iterdir()) == []


def test_a_collector_that_is_not_there_is_refused(improver, file):
    refused = improver("analyze", file, "--as", "sentri")
    assert refused.exit_code == 1
    assert "sentry" in refused.stderr


def test_a_file_that_is_not_there_is_wrong_usage(improver, tmp_path):
    assert improver("analyze", tmp_path / "nonsuch", "--as", "sentry").exit_code == 2
