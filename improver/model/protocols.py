"""What plugins are handed, and what they must offer: a plugin sees the rest of improver only through these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from improver.model.autonomy import Isolation
from improver.model.glossed import Glossed
from improver.model.spec import Spec


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Boxed:
    """How a boxed command ended: `code` is None when the wall clock or a stop ended it."""

    code: int | None
    output: str
    seconds: float
    isolation: Isolation


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

    def checkout(self, *, base: bool = False, overlay: Sequence[str] = ()) -> Path:
        """A clean checkout of the change, or of its base, with the named files of the other one laid over it."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequest:
    """What a Forge is asked to open; texts are rendered and defused by improver."""

    repository: str
    base: str
    head: str
    title: str
    body: str
    draft: bool = False
    labels: tuple[str, ...] = ()


class PullState(Glossed):
    OPEN = "open", "it waits for a person"
    MERGED = "merged", "a person took it"
    CLOSED = "closed", "a person closed it unmerged"


@dataclass(frozen=True, kw_only=True, slots=True)
class PullStatus:
    """What became of a pull request: `commit` is what its branch now holds, `merged` what the base got."""

    state: PullState
    commit: str
    merged: str = ""


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
    """Something a person should know; `lines` are our own words."""

    at: datetime
    subject: str
    lines: tuple[str, ...]
