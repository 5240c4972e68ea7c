"""One Job, as an Attempt would make it."""

from pathlib import Path

import pytest

from improver.model import FindingKind, Job


@pytest.fixture
def job(tmp_path: Path) -> Job:
    for name in ("tree", "side", "home"):
        (tmp_path / name).mkdir()
    return Job(
        attempt_id="a1",
        prompt="Make the test pass.",
        tree=tmp_path / "tree",
        side=tmp_path / "side",
        home=tmp_path / "home",
        base_url="http://127.0.0.1:4320",
        kind=FindingKind.ERROR,
        location="app.py add",
        turns=12,
        usd=1.5,
        model_key="made-up",
        test=("python3", "-m", "unittest", "-q"),
        protected_paths=(".github/**", "setup.cfg"),
    )
