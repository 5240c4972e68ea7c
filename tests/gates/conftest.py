"""Real changes to judge: two commits of a real repository, commands run as the Target's."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from improver.dispatching.change import AttemptChange, Commands, Review
from improver.model import Budget, ChangedFile, Criterion, CriterionKind, FindingKind, Frame, Isolation, Location, Spec
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


@dataclass(frozen=True)
class Written:
    """A change that is only read: for Gates that run nothing, without a repository."""

    before: dict[str, str]
    after: dict[str, str | None]
    test_command: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[ChangedFile, ...]:
        return tuple(self._file(path) for path in sorted(self.after))

    def text(self, path: str, *, base: bool = False) -> str | None:
        return self.before.get(path) if base else {**self.before, **self.after}[path]

    def _file(self, path: str) -> ChangedFile:
        gone, new = self.after[path] is None, path not in self.before
        modes = ("000000" if new else "100644", "000000" if gone else "100644")
        status = "D" if gone else "A" if new else "M"
        return ChangedFile(path=path, status=status, old_mode=modes[0], new_mode=modes[1], added=1, removed=1)


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
            lint: tuple[str, ...] = (),
            frames: tuple[Frame, ...] = (),
            reviewer: Review | None = None,
            **about: object,
        ) -> AttemptChange:
            commands = Commands(
                setup=setup, test=test, lint=lint, readable=readable, isolation=isolation, wall_clock_s=wall_clock_s
            )
            made = AttemptChange(
                repository=Repository(checkout.path), spec=spec(base=base, **about), base=base, commit=commit,
                commands=commands, below=tmp_path / "gates", frames=frames, reviewer=reviewer,
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


@pytest.fixture
def written() -> type[Written]:
    return Written
