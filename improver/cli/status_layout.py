"""Lays out how the daemon is doing."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rich.console import RenderableType

from improver import render
from improver.answers.status import CollectorStatus, Status
from improver.cli.output import fields, heading, table, text
from improver.runtime import JobStatus


def page(found: Status) -> Iterator[RenderableType]:
    yield fields(_facts(found))
    yield heading("Collectors")
    heads = ("NAME", "PAYLOADS", "EVENTS", "REJECTED", "QUARANTINED", "REJECTED BECAUSE")
    yield table(heads, [_collector(name, one) for name, one in found.collectors.items()], right=heads[1:5])
    if found.jobs:
        now = datetime.now(UTC)
        yield heading("Jobs")
        yield table(("NAME", "LAST RUN", "NEXT RUN", "MISSED", "ERROR"), [_job(one, now) for one in found.jobs])


def _facts(found: Status) -> list[tuple[str, object]]:
    daemon = found.daemon
    attempts = ", ".join(f"{number:,} {status}" for status, number in found.attempts.items())
    storage = found.storage
    closed = render.counted(storage.closed_days, "closed day")
    unassigned = f" ({found.unassigned:,} of no target)" if found.unassigned else ""
    return [
        ("daemon", f"running, process {daemon.pid}" if daemon.running else "not running: `improver run` starts it"),
        ("ingest", daemon.ingest),
        ("web", daemon.web),
        ("isolation", daemon.isolation),
        ("paused", text(f"yes: {found.paused_because}; `improver resume`", "bold yellow") if found.paused else ""),
        ("targets", ", ".join(found.targets) or "none: `improver init` in a repository adds one"),
        ("trouble", _alarm(f"{job}: {said}" for job, said in found.trouble.items())),
        ("unsandboxed", _alarm(found.unsandboxed)),
        ("damaged", _alarm(f"{file} {why}" for file, why in found.storage.damaged.items())),
        ("lost", _alarm(found.storage.lost)),
        ("findings", f"{found.findings:,}{unassigned}"),
        ("attempts", attempts or "none"),
        ("spool", f"{render.size(found.spool.bytes)} waiting, {found.spool.lag_s:.0f} s behind"),
        ("telemetry", f"{render.size(storage.hot_bytes)} open, {render.size(storage.closed_bytes)} in {closed}"),
    ]


def _alarm(said: Iterable[str]) -> object:
    together = "; ".join(said)
    return text(together, "bold red") if together else ""


def _collector(name: str, one: CollectorStatus) -> tuple[object, ...]:
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in one.reasons.items())
    return name, f"{one.payloads:,}", f"{one.events:,}", f"{one.rejected:,}", f"{one.quarantined:,}", reasons


def _job(one: JobStatus, now: datetime) -> tuple[object, ...]:
    last = render.ago(one.last_run, now) if one.last_run else "not yet"
    following = f"{one.next_run.astimezone():%a %d %b %H:%M %Z}" if one.next_run else "not planned"
    return one.name, last, following, one.missed, one.error
