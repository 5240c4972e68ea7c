"""The Target's tests must pass where nothing but the commit exists."""

import sys

from improver.gates.target_tests import Config, judge


def test_tests_that_pass_pass(change):
    verdict = judge(change({}, {"test_a.py": "def test_a(): assert True\n"}), Config())
    assert (verdict.result, verdict.reason) == ("pass", "tests_pass")
    assert "1 passed" in verdict.output


def test_tests_that_fail_fail_with_their_output(change):
    verdict = judge(change({}, {"test_a.py": "def test_a(): assert 40 == 2\n"}), Config())
    assert (verdict.result, verdict.reason) == ("fail", "tests_fail")
    assert "assert 40 == 2" in verdict.output


def test_files_that_are_not_in_the_commit_do_not_help(checkout, change):
    made = change({".gitignore": "local.py\n"}, {"test_a.py": "import local\ndef test_a(): pass\n"})
    (checkout.path / "local.py").write_text("")
    assert judge(made, Config()).reason == "tests_fail"


def test_a_command_that_hangs_is_stopped(change):
    made = change({}, {"a.py": "1\n"}, test=(sys.executable, "-c", "import time; time.sleep(60)"), wall_clock_s=0.5)
    verdict = judge(made, Config())
    assert (verdict.result, verdict.reason) == ("fail", "timed_out")


def test_without_a_command_it_is_skipped(change):
    verdict = judge(change({}, {"a.py": "1\n"}, test=()), Config())
    assert (verdict.result, verdict.reason) == ("skip", "no_test_command")
