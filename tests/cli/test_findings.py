"""Findings on the command line, from a real bug in a real repository."""

import json

import pytest

KEYS = {
    "id", "kind", "target", "environment", "location", "title", "fingerprint", "status", "minutes_per_week", "events",
    "users", "first_seen", "last_seen", "trend", "score", "sources", "skipped", "severity", "cause", "forecast",
}  # fmt: skip


@pytest.fixture
def finding(improver, failing_shop) -> str:
    return json.loads(improver("findings", "--json").stdout)[0]["id"]


def test_an_empty_list_says_what_to_do_next(improver, shop):
    shown = improver("findings").stdout
    assert shown.startswith("No Findings.")
    assert "improver connect TARGET" in shown


def test_the_json_shape_is_the_contract(improver, failing_shop):
    found = json.loads(improver("findings", "--json").stdout)
    assert len(found) == 1
    assert set(found[0]) >= KEYS
    assert set(found[0]["score"]) == {"value", "reasons"}
    assert (found[0]["events"], found[0]["users"], found[0]["skipped"]) == (2, 2, "auto_off")


def test_a_finding_is_one_line_in_a_pipe(improver, failing_shop):
    head, line = improver("findings").stdout.splitlines()
    assert head.split()[:4] == ["ID", "SEV", "LOST", "EVENTS"]
    assert "shop.py:6 average" in line
    assert "open (auto_off)" in line


def test_findings_can_be_chosen(improver, finding):
    assert finding in improver("findings", "--environment", "production").stdout
    assert "No Findings" in improver("findings", "--environment", "staging").stdout
    wrong = improver("findings", "--status", "closed")
    assert wrong.exit_code == 1
    assert "dismissed" in wrong.stderr


def test_show_tells_where_why_and_who(improver, finding):
    shown = improver("findings", "show", finding[:6]).stdout
    for part in (
        "shop.py:6 average",
        ">     6      return total(prices) / len(prices)",
        "2 events, 2 users",
        "min a week",
        "Why these are one Finding: v2:",
        "= frame shop|average",
        "A shop",
        "auto_off: auto-dispatch is off",
        f"improver dispatch {finding} --dry-run",
    ):
        assert part in shown, part


def test_what_telemetry_says_is_inert_in_every_output(improver, finding):
    for command in (("findings",), ("findings", "show", finding), ("report",), ("spec", finding), ("status",)):
        for output in (improver(*command).stdout, improver(*command, "--json").stdout):
            assert not {"\x1b", "\x07", "\u202e"} & set(output)


def test_what_looks_like_markup_is_shown_as_it_is(improver, failing_shop):
    assert "[bold]division[/bold] by :zero:" in improver("findings").stdout


def test_a_spec_is_shown_as_it_is_written(improver, finding):
    shown = improver("spec", finding).stdout
    assert shown.startswith("---\n")
    assert "## Acceptance" in shown
    assert json.loads(improver("spec", finding, "--json").stdout)["finding_id"] == finding


def test_a_dry_run_says_what_would_be_done_and_starts_nothing(improver, finding):
    shown = improver("dispatch", finding, "--dry-run").stdout
    assert "Nothing was started." in shown
    assert "Evidence is text from outside" in shown
    assert "No Attempts." in improver("attempts").stdout


def test_a_dismissal_needs_a_word_of_the_list(improver, finding):
    wrong = improver("dismiss", finding, "--reason", "boring")
    assert wrong.exit_code == 1
    assert "not_a_bug" in wrong.stderr
    assert improver("dismiss", finding, "--reason", "not_a_bug").exit_code == 0
    assert "No Findings." in improver("findings").stdout
    assert finding in improver("findings", "--status", "dismissed").stdout


def test_findings_can_be_merged_and_split_only_where_that_means_something(improver, finding):
    same = improver("findings", "merge", finding, finding)
    assert same.exit_code == 1
    assert "one already" in same.stderr
    alone = improver("findings", "split", finding)
    assert alone.exit_code == 1
    assert "not made of several" in alone.stderr
