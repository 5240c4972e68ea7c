"""A change brings no complaint of the Target's own linter that was not there."""

import sys

import pytest

from improver.gates.lint import Config, judge

# Complains of every line that holds a word, with its place, as linters do.
LINTER = """\
import pathlib, sys
found = [(p, n) for p in sorted(pathlib.Path('.').glob('*.py')) for n, l in enumerate(p.open(), 1) if 'bad' in l]
for path, number in found:
    print(f'{path}:{number}:1: E1 bad')
if found:
    print(f'Found {len(found)} errors.')
sys.exit(bool(found))
"""
LINT = (sys.executable, "-c", LINTER)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("x\n", "y\n", "pass lint_passes"),
        ("bad\n", "y\n", "pass lint_passes"),
        ("x\n", "bad\n", "fail lint_fails"),
        ("bad\n", "x\n\nbad\n", "pass nothing_new"),
        ("bad\n", "bad\nbad\n", "fail new_complaints"),
    ],
)
def test_only_what_the_change_brings_is_refused(change, before, after, told):
    verdict = judge(change({"app.py": before}, {"app.py": after}, lint=LINT), Config())
    assert f"{verdict.result} {verdict.reason}" == told


def test_a_complaint_in_another_file_is_new(change):
    verdict = judge(change({"app.py": "bad\n"}, {"app.py": "x\n", "b.py": "bad\n"}, lint=LINT), Config())
    assert verdict.reason == "new_complaints"


def test_without_a_command_it_is_skipped_and_one_that_hangs_is_stopped(change):
    made = change({"app.py": "1\n"}, {"app.py": "2\n"})
    assert judge(made, Config()).reason == "no_lint_command"
    hangs = change({"b.py": "1\n"}, {"b.py": "2\n"}, lint=("sleep", "30"), wall_clock_s=0.3)
    assert judge(hangs, Config()).reason == "timed_out"
