"""What every stage is handed: the stores, the settings, a clock, and the word to stop."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from improver.audit import Audit
from improver.bundles.symbolicate import SourceMaps
from improver.config import Settings, Target
from improver.datadir import DataDir
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import Isolation
from improver.spool import Position, Spool
from improver.spool.quarantine import Quarantine

if TYPE_CHECKING:
    from improver.warehouse import Warehouse  # with DuckDB: whoever asks a running daemon needs none of it


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """The daemon, if this runtime is one."""

    running: bool = False
    pid: int | None = None
    ingest: str = ""
    web: str = ""
    isolation: str = ""
    grpc: str = ""  # host and port, if OTLP comes in over gRPC
    version: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobStatus:
    name: str
    last_run: datetime | None
    next_run: datetime | None
    missed: int
    error: str


@dataclass(kw_only=True)
class Kinds:
    """The kinds of errors that came in since the start, as far as they are remembered."""

    limit: int = 100_000
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def are_new(self, found: Iterable[tuple[str, ...]]) -> bool:
        """Whether one of them was not seen before; it is from now on."""
        fresh = set(found) - self.seen
        if len(self.seen) + len(fresh) > self.limit:
            self.seen.clear()
        self.seen |= fresh
        return bool(fresh)


@dataclass(frozen=True, kw_only=True)
class Runtime:
    settings: Settings
    data: DataDir
    warehouse: "Warehouse"
    spool: Spool
    quarantine: Quarantine
    keys: Keys
    maps: SourceMaps
    audit: Audit
    path: str  # where the Targets' own commands are looked for
    probe: Callable[[], Isolation]  # tried once, and only when somebody needs to know
    presence: Presence = Presence()
    jobs: Callable[[], list[JobStatus]] = list
    # Requests the receiver refused since the last call, by collector and reason word.
    turned_away: Callable[[], Counter[tuple[str, str]]] = Counter
    clock: Callable[[], datetime] = utc_now
    stop: threading.Event = field(default_factory=threading.Event)
    # Held by whoever digests the Spool: the loader, or `improver once` beside it.
    ingesting: threading.Lock = field(default_factory=threading.Lock)
    # Held by whoever looks at the pull requests: the job, or a webhook that says there is something to see.
    looking: threading.Lock = field(default_factory=threading.Lock)
    # What failed last, by job; a job that works again is taken out.
    trouble: dict[str, str] = field(default_factory=dict)
    # Set when there is new work, or evidence of a new kind, so that the pipeline runs now rather than at its next hour.
    wake: threading.Event = field(default_factory=threading.Event)
    # Set when there is more of what the pipeline knows: it looks once it has rested from its last pass.
    more: threading.Event = field(default_factory=threading.Event)
    kinds: Kinds = field(default_factory=Kinds)

    def digested(self) -> Position | None:
        """How far in the Spool the Warehouse is: its own word counts, whoever read the Spool."""
        stored = self.warehouse.telemetry.value("select position from offsets order by rowid desc limit 1")
        return Position.parse(stored) if stored else None

    @property
    def isolation(self) -> Isolation:
        return self.probe()

    def target(self, name: str) -> Target:
        if name not in self.settings.targets:
            known = ", ".join(sorted(self.settings.targets)) or "none: `improver init` adds one"
            raise ImproverError(f"there is no target {name!r}", hint=f"targets: {known}")
        return self.settings.targets[name]
