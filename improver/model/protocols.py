"""What plugins are handed, and what they must offer: a plugin sees the rest of improver only through these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from improver.model.attempt import AgentReport
from improver.model.autonomy import Isolation
from improver.model.glossed import Glossed
from improver.model.spec import Spec

Done = TypeVar("Done")


class Cursor(Protocol):
    """A read-only cursor on the telemetry, for Detectors."""

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedFile:
    """One line of `git diff --raw --no-renames`: modes are octal strings, "000000" where the file is absent."""

    path: str
    status: str  # A, M, D or T
    old_mode: str
    new_mode: str
    added: int  # lines; 0 for a binary file
    removed: int
    binary: bool = False


class Ending(Glossed):
    """What ended a boxed command."""

    ITSELF = "itself", "it ended by itself"
    WALL_CLOCK = "wall_clock", "its time ran out"
    STOPPED = "stopped", "improver was stopped"
    BUDGET = "budget", "it went on when its model's budget was spent"
    MEMORY = "memory", "it took more memory than its box may"
    PROCESSES = "processes", "it started more processes or threads than its box may"
    DISK = "disk", "it wrote more than its box may"

    @property
    def limit(self) -> bool:
        return self in (Ending.MEMORY, Ending.PROCESSES, Ending.DISK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Boxed:
    """How a boxed command ended: `code` is None when it did not end by itself."""

    code: int | None
    output: str
    seconds: float
    isolation: Isolation
    ending: Ending = Ending.ITSELF


class Change(Protocol):
    """An Attempt's change, as Gates see it: taken by improver from git, never from the Agent."""

    @property
    def spec(self) -> Spec: ...
    @property
    def files(self) -> Sequence[ChangedFile]: ...
    @property
    def diff(self) -> str: ...
    @property
    def test_command(self) -> tuple[str, ...]: ...
    @property
    def lint_command(self) -> tuple[str, ...]: ...
    @property
    def stack(self) -> Sequence[str]:
        """The files at the base that the Finding's stack names: telemetry says so, so it may narrow, never permit."""

    def text(self, path: str, *, base: bool = False) -> str | None:
        """What a file of the change, or of its base, says; None where there is none, or where it is no text."""

    def checkout(
        self, *, base: bool = False, overlay: Sequence[str] = (), texts: Mapping[str, str] | None = None
    ) -> Path:
        """A clean checkout of the change, or of its base, with the named files of the other one laid over it.

        `texts` are what some of its files say instead, by path.
        """

    def run(
        self,
        argv: Sequence[str],
        tree: Path,
        *,
        env: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
    ) -> Boxed:
        """Run one command in a checkout, boxed, without the network; `env` adds to what its commands always get."""

    @property
    def lanes(self) -> int:
        """How many of its commands may run at once: more than one only in boxes that share nothing."""

    def side_by_side(self, works: Sequence[Callable[[], Done]]) -> list[Done]:
        """What each of them gives, in their order: they run at once as far as there are lanes."""

    def review(self, prompt: str, files: Mapping[str, str], agent: str = "") -> AgentReport:
        """What a second Agent answers, in a folder of its own that holds `files`; it has seen nothing before.

        A checkout of the change, which it can only read, is named where the prompt says {tree}.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an API answered: header names are lower-case, `body` is its JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Http(Protocol):
    """The HTTP client a plugin is given: its base URL, time-outs and user agent are improver's."""

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], json: object | None = None
    ) -> tuple[int, Any]:
        """Status and JSON."""

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], json: object | None = None) -> Answer:
        """The same with the answer's headers, which say when to come again and where the next page is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """Something a person should know; `lines` are our own words. After a crash one may come again, with its `id`."""

    id: str
    at: datetime
    subject: str
    lines: tuple[str, ...]
