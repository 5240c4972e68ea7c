"""Status and report on the command line."""

import json


def test_the_status_shape_is_the_contract(improver, shop):
    status = json.loads(improver("status", "--json").stdout)
    assert set(status) >= {"daemon", "collectors", "spool", "findings", "attempts", "jobs", "paused"}
    assert set(status["collectors"]["sentry"]) >= {"payloads", "events", "rejected", "quarantined"}
    assert set(status["spool"]) == {"bytes", "lag_s"}
    assert (status["daemon"]["running"], status["paused"], status["findings"]) == (False, False, 0)


def test_status_counts_what_arrived(improver, failing_shop):
    shown = improver("status").stdout
    assert "not running: `improver run` starts it" in shown
    assert next(line.split() for line in shown.splitlines() if line.startswith("sentry"))[1:3] == ["3", "3"]


def test_status_says_why_it_is_paused(improver, shop):
    assert improver("pause", "deploying").exit_code == 0
    assert "yes: deploying; `improver resume`" in improver("status").stdout
    assert improver("resume").exit_code == 0
    assert "deploying" not in improver("status").stdout


def test_a_report_of_nothing_says_what_to_do_next(improver, shop):
    assert "improver connect TARGET" in improver("report").stdout


def test_a_report_is_text_markdown_json_or_a_file(improver, failing_shop, tmp_path):
    assert "SHOP · PRODUCTION" in improver("report").stdout
    assert improver("report", "--markdown").stdout.startswith("# ")
    assert json.loads(improver("report", "--days", "3", "--json").stdout)["environments"][0]["target"] == "shop"
    assert improver("report", "--out", tmp_path / "week.md").stdout == f"written: {tmp_path / 'week.md'}\n"
    assert (tmp_path / "week.md").read_text() == improver("report", "--markdown").stdout


def test_a_report_that_cannot_be_written_says_so(improver, shop, tmp_path):
    refused = improver("report", "--out", tmp_path / "nonsuch" / "week.md")
    assert refused.exit_code == 1
    assert "No such file or directory" in refused.stderr


def test_days_outside_reason_are_wrong_usage(improver, shop):
    assert improver("report", "--days", "0").exit_code == 2


def test_status_names_what_runs_unsandboxed(improver, shop):
    config = shop / "improver.toml"
    config.write_text(config.read_text().replace('agent = "rehearsed"', 'agent = "rehearsed"\nisolation = "host"'))
    assert "unsandboxed  shop" in improver("status").stdout
