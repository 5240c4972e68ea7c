"""`run`, `once`, `watch`: real processes."""

import json
import signal
import subprocess
import sys
import time

import pytest


@pytest.fixture
def start(home):
    started = []

    def command(*args, **more):
        argv = [sys.executable, "-c", "from improver.cli.main import app; app()", *args]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        started.append(process)
        return process

    yield command
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_once_says_what_each_stage_did(improver, failing_shop):
    done = json.loads(improver("once", "--json").stdout)
    assert set(done["stages"]) >= {"detect", "cluster", "rank", "specify", "dispatch", "observe"}
    assert done["events"] == 0
    assert "cluster" in improver("once").stdout


def test_commands_ask_the_daemon_while_it_runs_and_a_signal_ends_it_well(improver, shop, start):
    with (shop / "improver.toml").open("a") as config:
        config.write("\n[ingest]\nport = 0\ngrpc_port = 0\n\n[web]\nport = 0\n")
    daemon = start("run")
    status = {}
    give_up = time.monotonic() + 30
    while not status.get("running") and time.monotonic() < give_up:
        assert daemon.poll() is None, daemon.stderr.read()
        status = json.loads(improver("status", "--json").stdout)["daemon"]
        time.sleep(0.1)
    assert status["pid"] == daemon.pid
    assert status["ingest"].startswith("http://127.0.0.1:")
    assert "No Findings." in improver("findings").stdout
    second = start("run")
    _, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"another improver (process {daemon.pid}) owns" in said
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(timeout=30) == 0
    assert "improver is up ingest=http://127.0.0.1:" in daemon.stderr.read()


def test_watch_passes_through_what_an_app_that_ends_well_says(shop, start):
    app = start("watch", "--", sys.executable, "-c", "print('hello')", cwd=shop)
    out, _ = app.communicate(timeout=30)
    assert (app.returncode, out) == (0, "hello\n")


def test_watch_without_a_command_is_wrong_usage(improver, shop):
    assert improver("watch").exit_code == 2
