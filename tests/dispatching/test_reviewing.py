"""The second Agent reads the change in a box, answers, and leaves nothing."""

import sys

import pytest

from improver import pipeline, read
from improver.dispatching import attempts
from improver.model import Isolation
from improver.sandbox import probe
from tests import world

REVIEWER = """\
import json, os, re, sys
prompt = sys.stdin.read()
answer = json.loads(re.search(r'^\\{"nonce".*', prompt, re.M)[0])
tree = re.search(r"in `([^`]+)`", prompt)[1]
seen = open(os.path.join(tree, "shop.py")).read()
try:
    open(os.path.join(tree, "left.txt"), "w").close()
    kept = True
except OSError:
    kept = False
diff, spec = open("change.diff").read(), open("spec.md").read()
good = "if prices else 0" in seen and "+    return" in diff and "average" in spec
print(json.dumps({name: good and not kept if value is False else value for name, value in answer.items()}))
"""


@pytest.fixture
def judged(tmp_path):
    """The verdict on the shop's fix of a reviewer with this source."""

    def run(source):
        if probe() is not Isolation.BUBBLEWRAP:
            pytest.skip("needs bubblewrap: apt-get install bubblewrap")
        shop = world.make_shop(tmp_path / "shop")
        chosen = world.settings(tmp_path, shop, world.plan(tmp_path))
        program = {"argv": [sys.executable, "-c", source]}
        review = {"mode": "require", "agent": "command"}
        chosen = chosen.model_copy(
            update={"gates": {"review": review}, "agents": {**chosen.agents, "command": program}}
        )
        with world.opened(chosen) as runtime:
            key = world.server_key(runtime)
            world.send(runtime, key, world.error(world.git(shop, "rev-parse", "HEAD")))
            pipeline.analyse(runtime)
            attempts.drive_all(runtime)
            [attempt] = read.attempts(runtime)
            folder = runtime.data.attempts / attempt.id / "review"
            left = sorted(path.name for path in folder.iterdir())
        verdicts = {v.gate: v for v in attempt.verdicts}
        assert world.git(shop, "worktree", "list").count("\n") == 0
        return verdicts["review"], attempt, left

    return run


def test_a_reviewer_reads_the_change_which_it_cannot_write(judged):
    verdict, attempt, left = judged(REVIEWER)
    assert (verdict.result, verdict.reason) == ("pass", "approved"), verdict
    assert attempt.status == "delivered"
    assert "desk" not in left and "home" not in left and "prompt.md" in left


def test_a_reviewer_that_says_nothing_of_use_refuses(judged):
    verdict, attempt, _ = judged("print('fine by me')")
    assert (verdict.result, verdict.reason) == ("fail", "no_answer")
    assert (attempt.status, attempt.reason) == ("failed", "gate_failed")
