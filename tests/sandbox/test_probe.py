from pathlib import Path

import pytest

from improver.model import Isolation
from improver.sandbox import isolation_for, landlock, probe


def test_bubblewrap_is_chosen_where_a_box_can_be_made(bubblewrap: Isolation) -> None:
    assert probe() is bubblewrap


def test_an_installed_bubblewrap_that_cannot_make_a_box_is_not_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert probe() is (Isolation.LANDLOCK if landlock.abi() else Isolation.NONE)


def test_a_persons_choice_of_the_host_wins() -> None:
    assert isolation_for("host", Isolation.BUBBLEWRAP) is Isolation.HOST
    assert isolation_for("sandbox", Isolation.LANDLOCK) is Isolation.LANDLOCK
    assert isolation_for("sandbox", Isolation.NONE) is Isolation.NONE
