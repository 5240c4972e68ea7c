"""Attempts, Outcomes and deployments on the command line: one real loop."""

import json

import pytest

from improver import sandbox
from improver.model import Isolation
from tests import world


@pytest.fixture
def attempt(improver, failing_shop) -> str:
    """A real Attempt with recorded edits, driven to its end without a daemon."""
    if sandbox.probe() == Isolation.NONE:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    finding = json.loads(improver("findings", "--json").stdout)[0]["id"]
    dispatched = improver("dispatch", finding)
    assert dispatched.exit_code == 0, dispatched.stderr
    assert "No daemon runs: `improver run` or `improver once` carries it out." in dispatched.stdout
    done = json.loads(improver("once", "--json").stdout)
    assert done["attempts"] == 1
    return json.loads(improver("attempts", "--json").stdout)[0]["id"]


@pytest.mark.parametrize(("command", "said"), [("attempts", "No Attempts."), ("outcomes", "No Outcomes.")])
def test_an_empty_list_says_what_to_do_next(improver, shop, command, said):
    shown = improver(command).stdout.splitlines()
    assert shown[0] == said
    assert "improver" in shown[1]


def test_an_attempt_is_shown_with_its_gates_and_its_change(improver, attempt, failing_shop):
    row = improver("attempts").stdout.splitlines()[1]
    assert attempt in row
    assert "rehearsed" in row
    shown = improver("attempts", "show", attempt).stdout
    assert "if prices else 0" in shown
    assert "red_green" in shown
    assert "delivered" in shown
    assert world.git(failing_shop, "branch", "--list", "improver/*")


def test_a_deployment_is_noted_by_its_commit(improver, shop):
    head = world.git(shop, "rev-parse", "HEAD")
    assert improver("deployed", "HEAD").stdout == f"noted: shop runs {head[:12]}\n"


def test_a_deployment_of_no_commit_is_refused(improver, shop):
    refused = improver("deployed", "nonsuch")
    assert refused.exit_code == 1
    assert "'nonsuch' is no commit of shop" in refused.stderr
