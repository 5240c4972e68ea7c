"""Gates that refuse honest work are switched off: every fix of `honest.py` passes all of them."""

import shutil
import sys

import pytest

from improver import plugins
from improver.model import Result
from tests.gates.conftest import PYTEST
from tests.gates.honest import FIXES

RUNNERS = {
    "pytest": PYTEST,
    "unittest": (sys.executable, "-m", "unittest", "-q"),
    "node": (shutil.which("node") or "node", "--test"),
}
ASKED = sorted(plugins.names("gates"), key=lambda name: plugins.load("gates", name).ORDER)


@pytest.mark.parametrize("name", FIXES)
def test_an_honest_fix_passes_every_gate(change, name):
    fix = FIXES[name]
    if fix.test == "node" and not shutil.which("node"):
        pytest.skip("needs Node: apt-get install nodejs")
    made = change(fix.before, fix.after, test=RUNNERS[fix.test])
    verdicts = [_judged(gate, made) for gate in ASKED]
    assert [v for v in verdicts if v.result is Result.FAILED] == []
    assert {v.reason for v in verdicts if v.gate == "red_green"} <= {"proven", "by_exit_code"}


def _judged(name, made):
    gate = plugins.load("gates", name)
    # Once: that the same run ends the same is not what this is about.
    config = gate.Config(repeats=1) if name == "red_green" else gate.Config()
    return gate.judge(made, config)
