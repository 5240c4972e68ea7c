"""How the daemon is doing."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from improver import plugins
from improver.runtime import JobStatus, Presence, Runtime
from improver.spool import Position
from improver.upkeep import losses


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectorStatus:
    payloads: int
    events: int
    rejected: int
    quarantined: int
    reasons: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpoolStatus:
    bytes: int
    lag_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageStatus:
    """What telemetry takes on the disk; `damaged` names files of closed days that cannot be read, and why."""

    hot_bytes: int
    closed_bytes: int
    closed_days: int
    oldest_day: date | None
    damaged: dict[str, str]
    lost: tuple[str, ...]  # what a damaged database cost


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """`improver status --json`: a contract, keys are only ever added."""

    daemon: Presence
    collectors: dict[str, CollectorStatus]
    spool: SpoolStatus
    findings: int
    unassigned: int
    attempts: dict[str, int]
    jobs: tuple[JobStatus, ...]
    paused: bool
    paused_because: str
    targets: dict[str, str]
    trouble: dict[str, str]  # what failed last, by job; gone once it works again
    unsandboxed: tuple[str, ...]  # Targets that a person lets run on the host
    storage: StorageStatus


def status(runtime: Runtime) -> Status:
    """Collectors, Spool, Findings, Attempts, jobs, and whether improver is paused."""
    state = runtime.warehouse.state
    because = runtime.data.paused()
    return Status(
        daemon=runtime.presence,
        collectors=_collectors(runtime),
        spool=_spool(runtime),
        findings=state.value("select count(*) from findings where status <> 'dismissed'"),
        unassigned=state.value("select count(*) from findings where target = 'unassigned'"),
        attempts={
            r["status"]: r["n"] for r in state.rows("select status, count(*) n from attempts group by 1 order by 1")
        },
        jobs=tuple(runtime.jobs()),
        paused=bool(because),
        paused_because=because,
        targets={name: str(target.repo) for name, target in runtime.settings.targets.items()},
        trouble=dict(runtime.trouble),
        unsandboxed=tuple(n for n, target in runtime.settings.targets.items() if target.isolation == "host"),
        storage=_storage(runtime),
    )


def _storage(runtime: Runtime) -> StorageStatus:
    from improver.warehouse import parts  # with DuckDB: whoever asks a running daemon needs none of it

    with runtime.warehouse.telemetry.reading() as reader:
        (row,) = reader.rows(
            "select coalesce(sum(bytes), 0)::bigint as bytes, count(distinct day) as days, min(day) as oldest"
            " from parts"
        )
        damaged = parts.damaged(reader)
    file = runtime.warehouse.telemetry.file
    return StorageStatus(
        hot_bytes=file.stat().st_size if file.exists() else 0,
        closed_bytes=row["bytes"],
        closed_days=row["days"],
        oldest_day=row["oldest"],
        damaged=damaged,
        lost=losses.notes(runtime),
    )


def _spool(runtime: Runtime) -> SpoolStatus:
    """What the Warehouse has not got yet."""
    digested = runtime.digested() or Position()
    waiting = runtime.spool.oldest_after(digested)
    lag = (runtime.clock() - waiting).total_seconds() if waiting else 0.0
    return SpoolStatus(bytes=runtime.spool.bytes_after(digested), lag_s=max(0.0, lag))


def _collectors(runtime: Runtime) -> dict[str, CollectorStatus]:
    telemetry = runtime.warehouse.telemetry
    counts = {
        r["collector"]: r
        for r in telemetry.rows("select collector, count(*) payloads, sum(events) events from payloads group by 1")
    }
    quarantined = {
        r["collector"]: r["n"] for r in telemetry.rows("select collector, count(*) n from quarantine group by 1")
    }
    reasons: dict[str, Counter[str]] = {}
    for row in telemetry.rows("select collector, reason, sum(items) n from rejections group by 1, 2 order by 1, 2"):
        reasons.setdefault(row["collector"], Counter())[row["reason"]] += int(row["n"])
    empty: dict[str, int] = {}
    return {
        name: CollectorStatus(
            payloads=int(counts.get(name, empty).get("payloads", 0)),
            events=int(counts.get(name, empty).get("events", 0)),
            rejected=sum(reasons.get(name, empty).values()),
            quarantined=int(quarantined.get(name, 0)),
            reasons=dict(reasons.get(name, empty)),
        )
        for name in sorted({*plugins.names("collectors"), *counts, *quarantined, *reasons})
    }
