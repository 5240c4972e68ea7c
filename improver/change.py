"""An Attempt's change as Gates see it: taken from git, checked out clean, its commands run in the box."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType

from improver.errors import ImproverError
from improver.model import Boxed, ChangedFile, Isolation, Spec
from improver.repo import Repository
from improver.sandbox import Order, run

# CI is what test suites know as "nobody is watching".
ALWAYS = {"CI": "1", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
SHOWN = 2_000


class SetupFailed(ImproverError):
    """The Target's own setup command did not work in a clean checkout."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Commands:
    """A Target's own commands, and how they may run; `env` may name a PATH."""

    setup: tuple[str, ...]
    test: tuple[str, ...]
    readable: tuple[Path, ...]
    isolation: Isolation
    wall_clock_s: float
    env: Mapping[str, str] = field(default_factory=dict)
    stop: threading.Event | None = None  # ends whatever is running


class AttemptChange:
    """The Change from `base` to `commit`. Its checkouts lie below one folder, and are gone when it is closed."""

    def __init__(
        self, *, repository: Repository, spec: Spec, base: str, commit: str, commands: Commands, below: Path
    ) -> None:
        self._repository = repository
        self._spec = spec
        self._base = base
        self._commit = commit
        self._commands = commands
        self._below = below
        self._trees: list[Path] = []

    def __enter__(self) -> "AttemptChange":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for tree in self._trees:
            self._repository.remove_worktree(tree)

    @property
    def spec(self) -> Spec:
        return self._spec

    @cached_property
    def files(self) -> tuple[ChangedFile, ...]:
        return self._repository.changed(self._base, self._commit)

    @cached_property
    def diff(self) -> str:
        return self._repository.diff(self._base, self._commit)

    @property
    def test_command(self) -> tuple[str, ...]:
        return self._commands.test

    def checkout(self, *, base: bool = False, overlay: Sequence[str] = ()) -> Path:
        """Always a fresh one: what a run left behind must not reach the next."""
        ours, theirs = (self._base, self._commit) if base else (self._commit, self._base)
        tree = self._below / f"gate-{secrets.token_hex(6)}"
        self._trees.append(tree)
        self._repository.worktree(tree, ours)
        self._repository.lay_over(tree, theirs, overlay)
        self._set_up(tree)
        return tree

    def run(
        self,
        argv: Sequence[str],
        tree: Path,
        *,
        env: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
    ) -> Boxed:
        order = Order(
            argv=tuple(argv),
            tree=tree,
            wall_clock_s=self._commands.wall_clock_s,
            env={**ALWAYS, **self._commands.env, **(env or {})},
            readable=(*self._commands.readable, *readable),
            writable=tuple(writable),
            git_dir=self._repository.git_dir,
        )
        return run(order, self._commands.isolation, stop=self._commands.stop)

    def _set_up(self, tree: Path) -> None:
        if not self._commands.setup:
            return
        done = self.run(self._commands.setup, tree)
        if done.code == 0:
            return
        command = " ".join(self._commands.setup)
        ended = "ran out of time" if done.code is None else f"ended with {done.code}"
        raise SetupFailed(
            f"the target's setup command {ended}: {command}\n{done.output[-SHOWN:]}",
            hint="run it in a fresh clone without a network; what it needs from outside goes into `readable`",
        )
