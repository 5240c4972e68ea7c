"""A Target for the doctor to look at."""

import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from improver.config import Settings
from tests import world


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return world.make_shop(tmp_path / "shop")


@pytest.fixture
def settings(tmp_path: Path, repo: Path):
    def make(**target: object) -> Settings:
        return world.settings(tmp_path, repo, world.plan(tmp_path), **{"readable": [Path(sys.prefix)], **target})

    return make


@pytest.fixture
def config(repo: Path) -> Iterator[Path]:
    """A data folder with a short path, because that of a Unix socket is limited."""
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        file = Path(folder) / "improver.toml"
        ports = "[ingest]\nport = 0\ngrpc_port = 0\n[web]\nport = 0\n"
        file.write_text(f'data_dir = "data"\n{ports}[targets.shop]\nrepo = "{repo}"\nagent = "rehearsed"\n')
        yield file


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
