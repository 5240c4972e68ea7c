"""`improver feedback`, typed in."""

import pytest

from improver.config import load
from improver.opening import owned_runtime


def remarks(shop):
    with owned_runtime(load(shop / "improver.toml")) as runtime:
        return runtime.warehouse.telemetry.rows("select * from remarks order by seq")


def test_a_remark_is_noted_and_comes_with_the_next_pass(improver, shop):
    done = improver("feedback", "it is slow", "--goal", "buy", "--calls-wasted", 2, "--target", "shop")
    assert (done.exit_code, done.stdout.strip()) == (0, "noted: thank you")
    assert improver("once").exit_code == 0
    [remark] = remarks(shop)
    assert (remark["said"], remark["goal"]) == ("it is slow", "buy")
    assert (remark["calls_wasted"], remark["target"]) == (2, "shop")


def test_a_remark_without_a_problem_is_refused_with_what_is_missing(improver, shop):
    done = improver("feedback", "--goal", "buy")
    assert done.exit_code == 2
    assert "say what is wrong: TEXT, --blocker or --suggestion" in done.stderr


@pytest.mark.parametrize("arguments", [("--calls-wasted", "-1"), ("--calls-wasted", "many"), ("two", "texts")])
def test_wrong_usage_ends_with_2(improver, shop, arguments):
    assert improver("feedback", *arguments).exit_code == 2
