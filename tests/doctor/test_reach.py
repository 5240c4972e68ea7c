"""Ports and the daemon, with real sockets and a real daemon."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from improver import read
from improver.client import Client
from improver.config import load
from improver.connect import sender_key
from improver.doctor import Health, reach
from improver.model import TrustLabel
from improver.opening import owned_runtime
from tests import world


@pytest.fixture
def config(tmp_path):
    """A data folder with a short path, because that of a Unix socket is limited."""
    repo = world.make_shop(tmp_path / "shop")
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        file = Path(folder) / "improver.toml"
        ports = "[ingest]\nport = 0\ngrpc_port = 0\n[web]\nport = 0\n"
        file.write_text(f'data_dir = "data"\n{ports}[targets.shop]\nrepo = "{repo}"\nagent = "rehearsed"\n')
        yield file


def test_free_ports_are_well_and_a_missing_daemon_is_a_warning(config):
    found = {one.name: one.health for one in reach.examine(load(config, {}))}
    assert found == {"ingest.port": Health.OK, "web.port": Health.OK, "daemon": Health.WARN}


def test_a_port_in_use_is_a_failure_that_names_the_process(config):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config.write_text(config.read_text().replace("port = 0", f"port = {port}", 1))
        found = next(one for one in reach.examine(load(config, {})) if one.name == "ingest.port")
    assert found.health == Health.FAIL
    assert f"127.0.0.1:{port}" in found.said
    assert "ingest.port" in found.todo


def test_a_test_event_goes_all_the_way_and_becomes_no_finding(config):
    settings = load(config, {})
    sender_key(settings, "shop", TrustLabel.SERVER)
    command = [sys.executable, "-c", "from improver.cli.main import app; app()", "--config", str(config), "run"]
    daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        give_up = time.monotonic() + 30
        while not Client(settings).daemon_answers() and time.monotonic() < give_up:
            time.sleep(0.1)
        found = {one.name: one for one in reach.examine(settings)}
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)
    assert found["daemon"].health == Health.OK
    assert found["test event"].health == Health.OK, found["test event"].said
    with owned_runtime(settings) as runtime:
        assert runtime.warehouse.telemetry.value("select environment from errors") == reach.ENVIRONMENT
    assert Client(settings).ask(read.findings) == []
