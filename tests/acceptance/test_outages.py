"""Real SDKs while the daemon is killed, or its disk is full: who tries again gets all of it in."""

import shutil
import subprocess

import pytest

from bench import outages
from bench.outages import PYTHON, SCENARIOS

COUNT = 20


@pytest.fixture
def disk():
    """A daemon can have a small disk of its own here."""
    command = ["bwrap", "--dev-bind", "/", "/", "--size", "1048576", "--tmpfs", "/tmp", "true"]
    if shutil.which("bwrap") is None or subprocess.run(command, capture_output=True, timeout=20).returncode:
        pytest.skip("needs bubblewrap, and that it works here: apt-get install bubblewrap")


def after(happened):
    [scenario] = [scenario for scenario in SCENARIOS if scenario.name.startswith(happened)]
    return outages.run(scenario, PYTHON, count=COUNT)


def test_a_kill_9_under_way_costs_nothing_of_those_that_try_again():
    arrived = after("killed")
    assert (arrived["posthog (Python)"].events, arrived["OTLP (Python)"].events) == (COUNT, COUNT)
    assert 0 < arrived["sentry-sdk"].events <= COUNT


def test_a_disk_that_was_full_costs_nothing_of_those_that_try_again(disk):
    arrived = after("disk full")
    assert (arrived["posthog (Python)"].events, arrived["OTLP (Python)"].events) == (COUNT, COUNT)
    assert arrived["sentry-sdk"].events == 0  # told to wait a minute, it throws away what comes in that minute
