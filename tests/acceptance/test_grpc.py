"""The daemon takes OTLP over gRPC beside HTTP, and both end with it."""

import base64
import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

from improver.keys import Keys
from improver.model import TrustLabel
from tests.ingest import CAPTURES

grpc = pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
IMPROVER = (sys.executable, "-m", "improver")


@pytest.fixture
def ports():
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        found = [one.getsockname()[1] for one in sockets]
    return found


@pytest.fixture
def daemon(tmp_path, ports):
    ingest, web, rpc = ports
    config = tmp_path / "improver.toml"
    (tmp_path / "shop").mkdir()
    config.write_text(
        f'data_dir = "data"\n[ingest]\nport = {ingest}\ngrpc_port = {rpc}\n[web]\nport = {web}\n'
        '[targets.shop]\nrepo = "shop"\n'
    )
    process = subprocess.Popen([*IMPROVER, "--config", str(config), "run"], stderr=subprocess.PIPE, text=True)
    yield process, config, rpc
    process.kill()
    process.communicate()


def status(config):
    asked = [*IMPROVER, "--config", str(config), "status", "--json"]
    return json.loads(subprocess.run(asked, capture_output=True, timeout=60, check=True).stdout)


def test_a_call_to_the_daemons_grpc_port_is_in_its_warehouse(daemon, tmp_path):
    process, config, port = daemon
    recorded = json.loads((CAPTURES / "otel-grpc" / "otel-grpc-001.json").read_text())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        grpc.channel_ready_future(channel).result(timeout=30)
        key = Keys.create(tmp_path / "data" / "keys.toml", "shop", TrustLabel.SERVER)
        export = channel.unary_unary(recorded["method"])
        assert export(base64.b64decode(recorded["body_b64"]), metadata=(("x-improver-key", key.value),)) == b""
    give_up = time.monotonic() + 30
    while status(config)["collectors"]["otlp"]["events"] < 4:
        assert time.monotonic() < give_up
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)
