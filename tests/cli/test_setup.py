"""`init`, `doctor`, `connect` on the command line."""

import json

from improver.cli.setup_layout import check
from improver.doctor.check import fail
from tests import world


def test_init_says_what_it_found_and_what_comes_next(improver, tmp_path):
    folder = world.make_shop(tmp_path / "shop")
    shown = improver("init", folder).stdout
    for part in (
        str(folder / "improver.toml"),
        "Python",
        "main",
        "pytest",
        "http://",
        "improver doctor",
        "improver run",
    ):
        assert part in shown


def test_init_refuses_to_overwrite_unless_it_is_forced(improver, shop):
    (shop / "improver.toml").write_text("# mine\n")
    refused = improver("init")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert (shop / "improver.toml").read_text() == "# mine\n"
    assert improver("init", "--force").exit_code == 0
    assert "[targets.shop]" in (shop / "improver.toml").read_text()


def test_init_outside_a_repository_says_what_to_do(improver, tmp_path):
    refused = improver("init", tmp_path)
    assert refused.exit_code == 1
    assert "no git checkout" in refused.stderr
    assert "git init" in refused.stderr


def test_connect_prints_the_same_dsn_every_time(improver, shop):
    first, second = (json.loads(improver("connect", "shop", "--json").stdout)["dsn"] for _ in range(2))
    assert first == second
    shown = improver("connect", "shop").stdout
    assert f"export SENTRY_DSN={first}" in shown
    assert "traces_sample_rate=1.0" in shown
    assert "improver watch --target shop -- CMD" in shown


def test_connect_names_the_targets_there_are(improver, shop):
    refused = improver("connect", "nonsuch")
    assert refused.exit_code == 1
    assert "targets: shop" in refused.stderr


def test_doctor_ends_with_1_when_something_does_not_work(improver, shop):
    text = (shop / "improver.toml").read_text()
    (shop / "improver.toml").write_text(text.replace('branch = "main"', 'branch = "nonsuch"'))
    done = improver("doctor")
    assert done.exit_code == 1
    assert "fail  shop: repository" in done.stdout
    assert "targets.shop.branch" in done.stdout


def test_doctor_in_json_says_the_same(improver, shop):
    done = improver("doctor", "--json")
    checks = json.loads(done.stdout)
    assert {check["health"] for check in checks} <= {"ok", "warn", "fail"}
    assert (done.exit_code == 1) == any(check["health"] == "fail" for check in checks)
    assert all(check["todo"] for check in checks if check["health"] != "ok")


def test_what_a_daemon_or_a_plugin_says_can_do_nothing_to_a_terminal():
    shown = check(fail("toy\x1b]0;owned\x07", "refused: \x1b[2J", "\x1b[31m see\u202e it")).plain
    assert not any(char in shown for char in "\x1b\x07\u202e")


def test_connect_is_complete_in_json(improver, shop):
    (shop / "requirements.txt").write_text("sentry-sdk\nposthog\n")
    found = json.loads(improver("connect", "shop", "--json").stdout)
    assert [(way["sdk"], way["found_in"]) for way in found["ways"]] == [
        ("sentry-sdk", "requirements.txt"), ("posthog", "requirements.txt"),
    ]  # fmt: skip
    assert all(way["place"] for way in (*found["ways"], *found["anyway"]))
