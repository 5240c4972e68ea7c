"""The whole demo, as a person starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DEMO = [sys.executable, "-P", "-c", "from improver.cli.main import app; app()", "demo"]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("d")  # short: a Unix socket's path must fit into 107 characters


def start(folder: Path, *args: str, **env: str) -> "subprocess.Popen[str]":
    given = {**os.environ, "TMPDIR": str(folder), **env}
    return subprocess.Popen([*DEMO, *args], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes that work below the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_bytes().decode())
        except OSError:
            continue
    return found


def test_three_bugs_are_found_fixed_deployed_and_held(folder: Path) -> None:
    demo = start(folder, "--json")
    out, err = demo.communicate(timeout=360)
    told = json.loads(out)
    assert demo.returncode == 0, f"{json.dumps(told, indent=2)}\n{err}"
    assert [(bug["name"], bug["held"], bug["outcome"]) for bug in told["bugs"]] == [
        ("mark done", True, "held"), ("edit", True, "held"), ("delete", True, "held")
    ]  # fmt: skip
    assert all(bug["commit"] and bug["gates"] for bug in told["bugs"])
    assert {gate["result"] for bug in told["bugs"] for gate in bug["gates"]} == {"pass", "skip"}
    assert err == ""
    assert processes_in(folder) == []
    assert list(folder.iterdir()) == []


def test_ctrl_c_leaves_nothing_behind(folder: Path) -> None:
    demo = start(folder)
    assert demo.stdout is not None
    for line in demo.stdout:
        if "event" in line:
            break
    assert len(processes_in(folder)) >= 3
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=60)
    assert demo.returncode == 130
    deadline = time.monotonic() + 5
    while processes_in(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_in(folder) == []
    assert list(folder.iterdir()) == []


def test_an_agent_that_cannot_be_used_is_told_before_anything_is_started(folder: Path) -> None:
    demo = start(folder, "--agent", "claude", ANTHROPIC_API_KEY="", PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin")
    out, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "the agent 'claude' cannot be used" in out
