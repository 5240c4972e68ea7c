"""The sandbox, tried for real."""

import pytest

from improver import sandbox
from improver.doctor import Health, box
from improver.model import Isolation


def test_a_program_in_the_sandbox_reaches_neither_network_nor_home():
    isolation = sandbox.probe()
    if isolation == Isolation.NONE:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    found = box.try_out(isolation)
    assert found.health == (Health.OK if isolation == Isolation.BUBBLEWRAP else Health.WARN), found.said


def test_without_a_box_the_same_program_is_seen_to_reach_both():
    """The check can fail: what it looks for is really there outside."""
    found = box.try_out(Isolation.HOST)
    assert found.health == Health.FAIL
    assert "network" in found.said
    assert "home folder" in found.said


def test_no_sandbox_is_a_warning_with_what_to_install():
    found = box.try_out(Isolation.NONE)
    assert (found.health, found.todo) == (Health.WARN, "apt-get install bubblewrap")
