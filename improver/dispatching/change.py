"""An Attempt's change as Gates see it: taken from git, checked out clean, its commands run in the box."""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from improver import locate
from improver.dispatching import setups
from improver.dispatching.setups import Setups
from improver.errors import ImproverError
from improver.model import AgentReport, AgentStatus, Boxed, ChangedFile, Frame, Isolation, Spec
from improver.repo import Repository
from improver.sandbox import Limits, Network, Order, lanes, run

# CI is what test suites know as "nobody is watching".
ALWAYS = {"CI": "1", "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
SHOWN = 2_000

Done = TypeVar("Done")

# The prompt, the files, the checkout, and the Agent's name or "".
Review = Callable[[str, Mapping[str, str], Path, str], AgentReport]


class SetupFailed(ImproverError):
    """The Target's own setup command did not work in a clean checkout."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Commands:
    """A Target's own commands, and how they may run; `env` may name a PATH."""

    setup: tuple[str, ...]
    setup_inputs: tuple[str, ...] = ()  # files that it depends on besides lockfiles and manifests
    setup_network: Network = Network.NONE
    setups: Setups | None = None  # where what it left is kept
    test: tuple[str, ...]
    readable: tuple[Path, ...]
    isolation: Isolation
    wall_clock_s: float
    lint: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    stop: threading.Event | None = None  # ends whatever is running


class AttemptChange:
    """The Change from `base` to `commit`. Its checkouts lie below one folder, and are gone when it is closed."""

    def __init__(
        self,
        *,
        repository: Repository,
        spec: Spec,
        base: str,
        commit: str,
        commands: Commands,
        below: Path,
        frames: Sequence[Frame] = (),
        reviewer: Review | None = None,
    ) -> None:
        self._repository = repository
        self._spec = spec
        self._base = base
        self._commit = commit
        self._commands = commands
        self._below = below
        self._frames = frames
        self._reviewer = reviewer
        self._trees: list[Path] = []
        self._git = threading.Lock()  # one worktree at a time
        self._texts: dict[tuple[str, str], str | None] = {}

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

    @property
    def lint_command(self) -> tuple[str, ...]:
        return self._commands.lint

    @cached_property
    def stack(self) -> tuple[str, ...]:
        return locate.touched(self._frames, self._repository.files(self._base))

    def text(self, path: str, *, base: bool = False) -> str | None:
        commit = self._base if base else self._commit
        if (commit, path) not in self._texts:
            self._texts[commit, path] = _text(self._repository.read(commit, path))
        return self._texts[commit, path]

    def checkout(
        self, *, base: bool = False, overlay: Sequence[str] = (), texts: Mapping[str, str] | None = None
    ) -> Path:
        """Always a fresh one: what a run left behind must not reach the next."""
        ours, theirs = (self._base, self._commit) if base else (self._commit, self._base)
        tree = self._below / f"gate-{secrets.token_hex(6)}"
        with self._git:
            self._trees.append(tree)
            self._repository.worktree(tree, ours)
            self._repository.lay_over(tree, theirs, overlay)
        # Before any command has run here: no link can have been planted where these are written.
        for path, text in (texts or {}).items():
            (tree / path).write_bytes(text.encode())
        pristine = base and not overlay and not texts
        self.set_up_base(tree) if pristine else self._set_up(tree)
        return tree

    def set_up_base(self, tree: Path) -> tuple[str, ...]:
        """Set up a worktree of the base as it is, and keep what that added for others; what it added is named."""
        commands = self._commands
        if not commands.setup:
            return ()
        if commands.setups is None:
            self._set_up_here(tree, commands.setup_network)
            return ()
        key = commands.setups.key(tree, commands.setup, commands.setup_inputs)
        brought = commands.setups.bring(key, tree)
        if brought is not None:
            return brought
        before = setups.listing(tree)
        self._set_up_here(tree, commands.setup_network)
        made = setups.added(before, setups.listing(tree))
        if made is None:
            return ()
        commands.setups.keep(key, tree, made)
        return tuple(made)

    def run(
        self,
        argv: Sequence[str],
        tree: Path,
        *,
        env: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
    ) -> Boxed:
        order = self._order(argv, tree)
        order = replace(
            order,
            env={**order.env, **(env or {})},
            readable=(*order.readable, *readable),
            writable=tuple(writable),
        )
        return run(order, self._commands.isolation, stop=self._commands.stop)

    @cached_property
    def lanes(self) -> int:
        return lanes(self._commands.isolation, self._commands.limits)

    def side_by_side(self, works: Sequence[Callable[[], Done]]) -> list[Done]:
        if self.lanes == 1 or len(works) < 2:
            return [work() for work in works]
        with ThreadPoolExecutor(min(self.lanes, len(works)), thread_name_prefix="gate") as pool:
            return [begun.result() for begun in [pool.submit(work) for work in works]]

    def _order(self, argv: Sequence[str], tree: Path) -> Order:
        return Order(
            argv=tuple(argv),
            tree=tree,
            wall_clock_s=self._commands.wall_clock_s,
            env={**ALWAYS, **self._commands.env},
            readable=self._commands.readable,
            git_dir=self._repository.git_dir,
            limits=self._commands.limits,
        )

    def review(self, prompt: str, files: Mapping[str, str], agent: str = "") -> AgentReport:
        if self._reviewer is None:
            return AgentReport(status=AgentStatus.FAILED, detail="nobody was given who could review it")
        return self._reviewer(prompt, files, self.checkout(), agent)

    def _set_up(self, tree: Path) -> None:
        """A worktree that holds something of the change: it takes from the cache what is of the same lockfiles.

        It gives nothing to it, and has no network: a hostile change's own setup scripts run here.
        """
        commands = self._commands
        if not commands.setup:
            return
        cache = commands.setups
        if cache and cache.bring(cache.key(tree, commands.setup, commands.setup_inputs), tree) is not None:
            return
        self._set_up_here(tree, Network.NONE)

    def _set_up_here(self, tree: Path, network: Network) -> None:
        order = replace(self._order(self._commands.setup, tree), network=network)
        done = run(order, self._commands.isolation, stop=self._commands.stop)
        if done.code == 0:
            return
        command = " ".join(self._commands.setup)
        ended = f"was ended: {done.ending.gloss}" if done.code is None else f"ended with {done.code}"
        raise SetupFailed(
            f"the target's setup command {ended}: {command}\n{done.output[-SHOWN:]}",
            hint="run it in a fresh clone without a network; what it needs from outside goes into `readable`",
        )


def _text(content: bytes | None) -> str | None:
    if content is None or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None
