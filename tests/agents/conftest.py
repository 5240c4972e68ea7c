"""One Job, as an Attempt would make it, and a worktree for it."""

from pathlib import Path
from typing import Protocol

import pytest

from improver.model import FindingKind, Job
from tests.boxed_agents import FILES


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
        papers=tmp_path / "papers",
        base_url="http://127.0.0.1:4320",
        kind=FindingKind.ERROR,
        location="app.py add",
        turns=12,
        usd=1.5,
        model_key="made-up",
        test=("python3", "-m", "unittest", "-q"),
        protected_paths=(".github/**", "setup.cfg"),
    )


class Checkout(Protocol):
    path: Path

    def git(self, *args: str, cwd: Path | None = None) -> str: ...
    def commit(self, files: dict[str, str], message: str = "") -> str: ...


@pytest.fixture
def tree(job: Job, checkout: Checkout) -> Path:
    checkout.commit(FILES)
    checkout.git("worktree", "add", "--quiet", "--detach", str(job.tree))
    return job.tree
