"""The command line, as a person uses it: in a repository with a config, on a home of its own."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from improver.cli.main import app
from improver.config import load
from improver.keys import Keys
from improver.model import TrustLabel
from improver.opening import owned_runtime
from tests import world

Improver = Callable[..., Result]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing of the person who runs the tests is seen or touched."""
    for name in [name for name in os.environ if name.startswith(("IMPROVER_", "XDG_"))]:
        monkeypatch.delenv(name)
    # A short path, because that of a Unix socket is limited.
    with tempfile.TemporaryDirectory(prefix="home-") as folder:
        monkeypatch.setenv("HOME", folder)
        monkeypatch.chdir(folder)
        yield Path(folder)


@pytest.fixture
def improver(home: Path) -> Improver:
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def shop(tmp_path: Path, improver: Improver, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a bug, and its config."""
    folder = world.make_shop(tmp_path / "shop")
    monkeypatch.chdir(folder)
    assert improver("init").exit_code == 0
    plan = world.plan(tmp_path)
    text = (folder / "improver.toml").read_text().replace('agent = "claude"', 'agent = "rehearsed"')
    (folder / "improver.toml").write_text(f'{text}\n[dispatch]\nauto = false\n\n[agents.rehearsed]\nplan = "{plan}"\n')
    return folder


@pytest.fixture
def failing_shop(shop: Path, improver: Improver) -> Path:
    """The bug was hit, by two users, and analysed."""
    settings = load(shop / "improver.toml")
    release = world.git(shop, "rev-parse", "HEAD")
    with owned_runtime(settings) as runtime:
        key = Keys.load(runtime.data.keys).of_target("shop", TrustLabel.SERVER)
        now = runtime.clock()
        hits = [world.error(release, at=now, user=user, value=value) for user, value in HITS]
        world.send(runtime, key.id, *hits, world.transaction(release, at=now))
    assert improver("once").exit_code == 0
    return shop


# What telemetry says is anybody's text: a terminal must not obey it.
HOSTILE = "\x1b[2J\x1b]0;owned\x07[bold]division[/bold] by :zero: \u202e"
HITS = (("u1", "division by zero"), ("u2", HOSTILE))
