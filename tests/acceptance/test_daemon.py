"""The daemon as a process: one per data folder, the CLI beside it or without it, SIGTERM, and kill -9."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request

import pytest

from tests import world

IMPROVER = [sys.executable, "-m", "improver"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Home:
    """A config on disk, and the daemon and the command line that use it."""

    def __init__(self, folder, **rehearsal):
        self.folder = folder
        self.shop = world.make_shop(folder / "shop")
        self.ingest, self.web = free_port(), free_port()
        plan = world.plan(folder, **rehearsal)
        self.config = folder / "improver.toml"
        self.config.write_text(
            f'data_dir = "data"\n[ingest]\nport = {self.ingest}\ngrpc_port = 0\n[web]\nport = {self.web}\n'
            f'[dispatch]\nbackoff_minutes = 0\n[targets.shop]\nrepo = "shop"\nagent = "rehearsed"\n'
            f'autonomy = "commit"\ntest = {json.dumps(world.PYTEST)}\n'
            f'readable = ["{sys.prefix}"]\n[agents.rehearsed]\nplan = "{plan}"\n'
        )
        self.daemons = []

    def start(self):
        log = (self.folder / "daemon.log").open("a")
        daemon = subprocess.Popen([*IMPROVER, "--config", str(self.config), "run"], stderr=log, stdout=log)
        self.daemons.append(daemon)
        until(lambda: self.up() or daemon.poll() is not None)
        return daemon

    def up(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.web}/healthz", timeout=2).status == 200
        except OSError:
            return False

    def run(self, *arguments):
        command = [*IMPROVER, "--config", str(self.config), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def key(self):
        return tomllib.loads((self.folder / "data" / "keys.toml").read_text())["keys"][0]["value"]

    def post(self, record):
        url = f"http://127.0.0.1:{self.ingest}/api/1/store/?sentry_key={self.key()}"
        request = urllib.request.Request(url, json.dumps(record).encode(), {"content-type": "application/json"})
        return urllib.request.urlopen(request, timeout=5).status


def until(true, seconds=30):
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def home(tmp_path):
    made = []

    def make(**rehearsal):
        made.append(Home(tmp_path, **rehearsal))
        return made[-1]

    yield make
    for one in made:
        for daemon in one.daemons:
            daemon.kill()
            daemon.wait()


def worktrees(shop):
    return world.git(shop, "worktree", "list", "--porcelain").count("worktree ")


def test_kill_9_in_the_middle_of_an_attempt_leaves_no_orphan_no_duplicate_and_loses_nothing_acked(home):
    home = home(sleep=4)
    daemon = home.start()
    home.run("connect", "shop")
    head = world.git(home.shop, "rev-parse", "HEAD")
    acked = sum(home.post(world.error(head, user=f"u{n}")) == 200 for n in range(20))
    until(lambda: worktrees(home.shop) > 1 and any(a["status"] == "running" for a in home.json("attempts")))
    acked += sum(home.post(world.error(head, user=f"v{n}")) == 200 for n in range(20))
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    players = subprocess.run(["pgrep", "-f", str(home.folder)], capture_output=True, text=True).stdout.split()
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in players), 10)  # noqa: PTH110

    home.start()
    [attempt] = until(lambda: [a for a in home.json("attempts") if a["status"] in ("delivered", "failed")], 60)
    assert (attempt["status"], attempt["delivered"]) == ("delivered", "commit")
    assert len(home.json("attempts")) == 1
    assert worktrees(home.shop) == 1
    assert world.git(home.shop, "rev-list", "--count", f"{head}..main") == "1"
    status = until(lambda: (s := home.json("status"))["spool"]["bytes"] == 0 and s)
    assert acked == 40
    assert status["collectors"]["sentry"]["events"] == acked
    assert home.json("findings")[0]["events"] == acked


def test_the_command_line_answers_the_same_with_the_daemon_up_or_down(home):
    home = home(sleep=1)
    daemon = home.start()
    home.run("connect", "shop")
    home.run("pause", "for the test")
    home.post(world.error(world.git(home.shop, "rev-parse", "HEAD")))
    finding = until(lambda: home.json("findings"))[0]
    until(lambda: home.json("findings")[0]["skipped"] == "paused")
    questions = (
        ("findings",),
        ("findings", "show", finding["id"]),
        ("spec", finding["id"]),
        ("attempts",),
        ("outcomes",),
    )
    up = [home.json(*question) for question in questions]
    assert home.json("status")["daemon"]["running"] is True
    daemon.terminate()
    assert daemon.wait(15) == 0
    assert [home.json(*question) for question in questions] == up
    assert home.json("status")["daemon"]["running"] is False
    assert home.json("status")["paused"] is True
    assert home.run("resume").returncode == 0
    once = home.run("once")
    assert once.returncode == 0, once.stderr
    assert home.json("attempts")[0]["delivered"] == "commit"


def test_a_second_daemon_and_a_taken_port_are_refused_by_name(home):
    home = home()
    first = home.start()
    second = home.run("run")
    assert second.returncode == 1
    assert f"process {first.pid}" in second.stderr and "hint:" in second.stderr
    text = home.config.read_text().replace(str(home.ingest), str(free_port())).replace(str(home.web), str(free_port()))
    home.config.write_text(text)
    other_ports = home.run("run")
    assert other_ports.returncode == 1
    assert f"process {first.pid}" in other_ports.stderr and "hint:" in other_ports.stderr
    assert "Traceback" not in second.stderr + other_ports.stderr


def test_sigterm_leaves_an_attempt_resumable(home):
    home = home(sleep=5)
    daemon = home.start()
    home.run("connect", "shop")
    home.post(world.error(world.git(home.shop, "rev-parse", "HEAD")))
    until(lambda: any(a["status"] == "running" for a in home.json("attempts")))
    until(lambda: worktrees(home.shop) > 1)
    begun = time.monotonic()
    daemon.terminate()
    assert daemon.wait(15) == 0
    assert time.monotonic() - begun < 12
    assert home.json("attempts")[0]["status"] == "running"
    assert worktrees(home.shop) == 1


def test_a_request_that_is_refused_is_counted_and_costs_nothing_that_was_good(home):
    home = home()
    home.start()
    home.run("connect", "shop")
    home.run("pause")
    url = f"http://127.0.0.1:{home.ingest}/api/1/envelope/"

    def status(body, key, path=url):
        request = urllib.request.Request(f"{path}?sentry_key={key}", body)
        try:
            return urllib.request.urlopen(request, timeout=10).status
        except urllib.error.HTTPError as error:
            return error.code

    assert status(b"not an envelope", home.key()) == 400
    assert status(b"{}\n", "0" * 32) in (401, 403)
    assert status(b"x" * (21 << 20), home.key()) == 413
    assert home.post(world.error("r1")) == 200
    found = until(
        lambda: (s := home.json("status")["collectors"]["sentry"])["events"] == 1 and s["rejected"] >= 3 and s
    )
    assert {"unknown_key"} <= set(found["reasons"])
