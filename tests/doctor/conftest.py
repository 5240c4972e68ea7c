"""A Target for the doctor to look at."""

import sys
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
