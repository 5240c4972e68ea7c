"""What stands above every page: how the daemon is doing, and what a person must know before trusting it."""

from collections.abc import Iterator
from dataclasses import dataclass

from improver import read, render
from improver.answers.status import Status
from improver.errors import ImproverError
from improver.model import AttemptStatus, Isolation
from improver.runtime import Runtime
from improver.stages import dispatch

LAG_WORTH_SAYING_S = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    level: str  # bad or note
    text: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    status: Status
    live: int
    received: int
    notices: tuple[Notice, ...]


def overview(runtime: Runtime) -> Overview:
    status = read.status(runtime)
    return Overview(
        status=status,
        live=sum(count for word, count in status.attempts.items() if AttemptStatus(word).live),
        received=sum(collector.events for collector in status.collectors.values()),
        notices=(*_brakes(status), *_isolation(runtime), *_trouble(status)),
    )


def _brakes(status: Status) -> Iterator[Notice]:
    if status.paused:
        text = f"Paused: {status.paused_because}. Nothing is dispatched or delivered."
        yield Notice(level="bad", text=text, hint="`improver resume`")


def _isolation(runtime: Runtime) -> Iterator[Notice]:
    """Every Target that does not get the full sandbox, on every page."""
    weaker: dict[Isolation, list[str]] = {}
    for name, target in runtime.settings.targets.items():
        try:
            isolation = dispatch.isolation_for(runtime, target)
        except ImproverError as error:
            yield Notice(level="note", text=f"Target {name}: {error.message}", hint=error.hint)
            continue
        if isolation != Isolation.BUBBLEWRAP:
            weaker.setdefault(isolation, []).append(name)
    for isolation, names in weaker.items():
        word = "Unsandboxed" if isolation != Isolation.LANDLOCK else "Weak sandbox"
        yield Notice(level="bad", text=f"{word}: {', '.join(names)} ({isolation}): {isolation.gloss}.")


def _trouble(status: Status) -> Iterator[Notice]:
    for job in status.jobs:
        if job.error:
            yield Notice(level="bad", text=f"The job {job.name} failed: {render.inline(job.error, 160)}")
    if status.spool.lag_s > LAG_WORTH_SAYING_S:
        waiting = f"{render.size(status.spool.bytes)} for {status.spool.lag_s:,.0f} s"
        yield Notice(level="note", text=f"Telemetry is waiting to be analysed: {waiting}.")
    quarantined = sum(collector.quarantined for collector in status.collectors.values())
    if quarantined:
        text = f"{render.counted(quarantined, 'payload')} could not be decoded and are kept in quarantine."
        yield Notice(level="note", text=text)
    if status.unassigned:
        text = f"{render.counted(status.unassigned, 'finding')} from services that no Target claims."
        yield Notice(level="note", text=text, hint="name them under `services` of a Target")
