"""What reading can tell is told at once; programs run only for a change that may still pass."""

import pytest

from improver import pipeline, read
from improver.dispatching import attempts
from tests import world

MORE = "def test_more():\n    assert True\n"


@pytest.fixture
def judged(tmp_path):
    """The Verdicts on the shop's fix with more edits, by Gate."""

    def run(*edits, **settings):
        shop = world.make_shop(tmp_path / "shop")
        chosen = world.settings(tmp_path, shop, world.plan(tmp_path, edits=[*world.GOOD_EDITS, *edits]))
        with world.opened(chosen.model_copy(update=settings)) as runtime:
            world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
            pipeline.analyse(runtime)
            attempts.drive_all(runtime)
            attempt = read.attempts(runtime)[0]
        return {v.gate: v for v in attempt.verdicts}, attempt

    return run


def test_all_that_reading_can_tell_is_told_at_once_and_nothing_is_run(judged):
    verdicts, attempt = judged(
        {"path": ".github/workflows/ci.yml", "content": "on: push\n"},
        {"path": "requirements.txt", "content": "left-pad\n"},
        {"path": "tests/test_shop.py", "old": "== 3", "new": "== 3 or True"},
    )
    refused = {gate: v.reason for gate, v in verdicts.items() if v.result == "fail"}
    assert refused == {
        "protected_paths": "protected_path", "tests_untouched": "assertion_weakened", "dependencies": "new_dependency",
    }  # fmt: skip
    assert "lint" not in verdicts and "target_tests" not in verdicts
    assert (attempt.status, attempt.reason) == ("failed", "gate_failed")
    assert attempt.detail.startswith("protected_paths: protected_path (")
    assert attempt.detail.endswith(", and tests_untouched, dependencies")


def test_of_the_slow_ones_the_first_that_refuses_is_the_last(judged):
    verdicts, _ = judged({"path": "shop.py", "old": "return sum(prices)", "new": "return 0"})
    assert verdicts["target_tests"].reason == "tests_fail"
    assert "red_green" not in verdicts
