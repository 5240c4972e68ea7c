"""Real changes to judge: two commits of a real repository, commands run as the Target's."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from improver.change import AttemptChange, Commands
from improver.model import Budget, Criterion, CriterionKind, FindingKind, Isolation, Location, Spec
from improver.repo import Repository

# Without the plugins of our own environment, which take longer to load than these tests take to run.
PYTEST = ("env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def spec(**changes: object) -> Spec:
    criterion = Criterion(
        kind=CriterionKind.DETERMINISTIC, query="q", denominator="d", baseline_failures=1, baseline_exposures=1,
        window_days=7, minimum_exposures=3,
    )  # fmt: skip
    given = {
        "id": "s1", "finding_id": "f1", "kind": FindingKind.ERROR, "target": "todo", "base": "", "branch": "main",
        "location": Location(file="app.py", revision="main"), "criterion": criterion,
        "budget": Budget(wall_clock_s=60, turns=1, usd=1, files=20, lines=400), "allowed_paths": ("**",),
        "protected_paths": (), "acceptance": (), "evidence": (), "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "markdown": "",
    }  # fmt: skip
    return Spec(**{**given, **changes})


@pytest.fixture
def between(checkout, tmp_path: Path) -> Iterator[Callable[..., AttemptChange]]:
    """Makes the change between two commits."""
    with ExitStack() as opened:

        def make(
            base: str,
            commit: str,
            *,
            test: tuple[str, ...] = PYTEST,
            setup: tuple[str, ...] = (),
            isolation: Isolation = Isolation.HOST,
            readable: tuple[Path, ...] = (),
            wall_clock_s: float = 60,
            **about: object,
        ) -> AttemptChange:
            commands = Commands(
                setup=setup, test=test, readable=readable, isolation=isolation, wall_clock_s=wall_clock_s
            )
            made = AttemptChange(
                repository=Repository(checkout.path), spec=spec(base=base, **about), base=base, commit=commit,
                commands=commands, below=tmp_path / "gates",
            )  # fmt: skip
            return opened.enter_context(made)

        yield make


@pytest.fixture
def change(checkout, between: Callable[..., AttemptChange]) -> Callable[..., AttemptChange]:
    """Makes a change from files before to files after; None deletes one."""

    def make(before: dict[str, str], after: dict[str, str | None], **options: object) -> AttemptChange:
        base = checkout.commit({"README": "readme", **before})
        for name, text in after.items():
            if text is None:
                (checkout.path / name).unlink()
        commit = checkout.commit({name: text for name, text in after.items() if text is not None})
        return between(base, commit, **options)

    return make
