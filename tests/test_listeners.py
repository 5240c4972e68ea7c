"""The daemon's doors: a port in use is told of before anything is opened."""

import socket

import pytest

from improver import listeners
from improver.config import Settings
from improver.errors import ImproverError


def test_a_grpc_port_in_use_is_an_error_that_says_what_to_set(tmp_path):
    pytest.importorskip("grpc", reason="needs grpcio: pip install 'improver[grpc]'")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ImproverError, match=f"cannot listen on 127.0.0.1:{port}") as caught:
            listeners.try_grpc(Settings(data_dir=tmp_path, ingest={"grpc_port": port}))
    assert "ingest.grpc_port" in caught.value.hint
    assert "0: nothing" in caught.value.hint


def test_a_grpc_port_that_is_off_is_not_tried(tmp_path):
    listeners.try_grpc(Settings(data_dir=tmp_path, ingest={"grpc_port": 0}))


def test_a_collector_that_is_switched_off_receives_nothing(tmp_path):
    assert "otlp" in listeners.receiving(Settings(data_dir=tmp_path))
    assert "otlp" not in listeners.receiving(Settings(data_dir=tmp_path, collectors={"otlp": {"enabled": False}}))
