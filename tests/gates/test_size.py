"""Small changes only: by files, lines and bytes, and never above the Spec's budget."""

import pytest

from improver.gates.size import Config, judge
from improver.model import Budget


def budget(**limits):
    return Budget(**{"wall_clock_s": 1, "turns": 1, "usd": 1, "files": 20, "lines": 400, **limits})


@pytest.mark.parametrize(
    ("config", "limits", "reason"),
    [
        ({}, {}, "within_budget"),
        ({"files": 2}, {}, "too_many_files"),
        ({}, {"files": 2}, "too_many_files"),
        ({"lines": 11}, {}, "too_many_lines"),
        ({"lines": 400}, {"lines": 11}, "too_many_lines"),
        ({"lines": 12}, {"lines": 12}, "within_budget"),
    ],
)
def test_the_lower_of_config_and_budget_counts(change, config, limits, reason):
    made = change({"a.py": "1\n"}, {"a.py": "2\n", "b.py": "b\n" * 5, "c.py": "c\n" * 5}, budget=budget(**limits))
    verdict = judge(made, Config(**config))
    assert verdict.reason == reason
    assert verdict.result == ("pass" if reason == "within_budget" else "fail")


def test_one_long_line_is_too_many_bytes(change):
    verdict = judge(change({}, {"a.py": "x" * 2048 + "\n"}), Config(kilobytes=1))
    assert (verdict.result, verdict.reason) == ("fail", "too_many_bytes")
    assert "1024 are allowed" in verdict.detail
