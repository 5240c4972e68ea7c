"""Ports, keys and the daemon, with real sockets."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from improver import read
from improver.config import load
from improver.connect import sender_key
from improver.doctor import Check, Health, reach
from improver.model import TrustLabel
from improver.opening import owned_runtime
from improver.runtime import Presence


def examined(config: Path) -> dict[str, Check]:
    return {one.name: one for one in reach.examine(load(config, {}))}


def test_free_ports_are_well_and_a_missing_daemon_is_a_warning(config):
    found = examined(config)
    assert {name: one.health for name, one in found.items() if name != "shop: key"} == {
        "ingest.port": Health.OK, "web.port": Health.OK, "gRPC": Health.OK, "daemon": Health.WARN,
    }  # fmt: skip
    assert "ingest.grpc_port is 0" in found["gRPC"].said


def test_without_a_daemon_it_is_said_what_was_not_tried(config):
    daemon = examined(config)["daemon"]
    for collector in ("crash", "feedback", "otlp", "posthog", "sentry"):
        assert collector in daemon.said
    assert "improver run" in daemon.todo


def test_a_port_in_use_is_a_failure_that_names_the_process(config):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config.write_text(config.read_text().replace("port = 0", f"port = {port}", 1))
        found = examined(config)["ingest.port"]
    assert found.health == Health.FAIL
    assert f"127.0.0.1:{port}" in found.said
    assert "ingest.port" in found.todo


def test_grpcs_port_in_use_is_a_failure_too(config):
    pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        config.write_text(config.read_text().replace("grpc_port = 0", f"grpc_port = {port}"))
        assert examined(config)["ingest.grpc_port"].health == Health.FAIL


def test_a_target_without_a_key_is_a_warning_until_connect_makes_one(config):
    found = examined(config)["shop: key"]
    assert (found.health, found.todo) == (Health.WARN, "`improver connect shop` makes one")
    key = sender_key(load(config, {}), "shop", TrustLabel.SERVER)
    found = examined(config)["shop: key"]
    assert found.health == Health.OK
    assert key.id in found.said
    assert key.value not in found.said


def test_a_keys_file_that_others_can_read_is_a_failure(config):
    settings = load(config, {})
    sender_key(settings, "shop", TrustLabel.SERVER)
    (settings.data_dir / "keys.toml").chmod(0o644)
    assert examined(config)["keys"].health == Health.FAIL


def test_a_daemon_of_another_version_is_to_be_restarted(config):
    presence = Presence(running=True, pid=1, version="0.0.1")
    with owned_runtime(load(config, {})) as runtime:
        status = read.status(replace(runtime, presence=presence))
    (found,) = (one for one in reach.daemon(load(config, {}), status) if one.name == "daemon")
    assert found.health == Health.FAIL
    assert "0.0.1" in found.said
    assert "restart" in found.todo
