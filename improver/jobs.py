"""What belongs to wall-clock time: polls, full passes, the weekly report, retention, checkpoints."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from improver import monitors, plugins, polling, tell
from improver.delivery import messages, pulls
from improver.runtime import JobStatus, Runtime
from improver.upkeep import backups, housekeeping

log = logging.getLogger(__name__)

Guard = Callable[[str, Callable[[], object]], object]
CHECKPOINT_STATE_S = 5
# The loader folds in what is a lot; each time, little as it is, begins blocks of a file that nothing else goes into.
CHECKPOINT_MINUTES = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A `remembered` job's runs are written down: one that was missed while the daemon was down runs at its start."""

    name: str
    trigger: Any
    work: Callable[[Runtime], object]
    remembered: bool = False


class Jobs:
    def __init__(self, runtime: Runtime, guard: Guard) -> None:
        self._guard = guard
        self._jobs = _jobs(runtime)
        self._missed: dict[str, int] = {}
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._runtime = runtime

    def start(self, runtime: Runtime) -> None:
        self._runtime = runtime
        for job in self._jobs:
            self._scheduler.add_job(lambda j=job: self._run(j), job.trigger, id=job.name)
            self._catch_up(job)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def status(self) -> list[JobStatus]:
        rows = self._runtime.warehouse.state.rows(
            "select name, max(started_at) as last_run, arg_max(error, started_at) as error from job_runs group by 1"
        )
        last = {row["name"]: row for row in rows}
        return [self._status(job, last.get(job.name)) for job in self._jobs]

    def _status(self, job: Job, last: dict[str, Any] | None) -> JobStatus:
        scheduled = self._scheduler.get_job(job.name)
        return JobStatus(
            name=job.name,
            last_run=last["last_run"].replace(tzinfo=UTC) if last else None,
            # A scheduler that has not started yet does not know.
            next_run=getattr(scheduled, "next_run_time", None),
            missed=self._missed.get(job.name, 0),
            error=last["error"] if last else "",
        )

    def _catch_up(self, job: Job) -> None:
        """A run that fell into the daemon's absence is made now, once, and counted."""
        if not job.remembered:
            return
        state = self._runtime.warehouse.state
        last = state.value("select max(started_at) from job_runs where name = $name", {"name": job.name})
        due = job.trigger.get_next_fire_time(None, last.replace(tzinfo=UTC)) if last else None
        if due and due < self._runtime.clock():
            self._missed[job.name] = 1
            self._scheduler.add_job(lambda: self._run(job), id=f"{job.name} (missed)")

    def _run(self, job: Job) -> None:
        begun = self._runtime.clock()
        done = self._guard(job.name, lambda: (job.work(self._runtime),))
        if job.remembered and not self._runtime.stop.is_set():
            self._guard("remember a job", lambda: self._remember(job, begun, "" if done else "failed: see the log"))

    def _remember(self, job: Job, begun: datetime, error: str) -> None:
        seconds = (self._runtime.clock() - begun).total_seconds()
        with self._runtime.warehouse.state.transaction() as writer:
            writer.execute(
                "insert into job_runs values (?, ?, ?, ?)", [job.name, begun.replace(tzinfo=None), seconds, error]
            )


def _jobs(runtime: Runtime) -> list[Job]:
    analysis = runtime.settings.analysis
    return [
        Job(
            name="full pass",
            trigger=IntervalTrigger(minutes=analysis.full_pass_minutes),
            work=lambda r: r.wake.set(),
            remembered=True,
        ),
        Job(
            name="weekly report",
            trigger=CronTrigger.from_crontab(analysis.report_cron, timezone=UTC),
            work=tell.report,
            remembered=True,
        ),
        Job(
            name="retention",
            trigger=CronTrigger(hour=3, minute=20, timezone=UTC),
            work=housekeeping.retain,
            remembered=True,
        ),
        Job(
            name="close days",
            trigger=CronTrigger(minute=10, timezone=UTC),
            work=housekeeping.close_days,
            remembered=True,
        ),
        Job(
            name="verify days",
            trigger=CronTrigger(hour=4, minute=40, timezone=UTC),
            work=housekeeping.verify_days,
            remembered=True,
        ),
        Job(
            name="backup",
            trigger=CronTrigger(hour=2, minute=50, timezone=UTC),
            work=backups.daily,
            remembered=True,
        ),
        Job(name="missed check-ins", trigger=IntervalTrigger(seconds=monitors.EVERY_S), work=monitors.note_missed),
        Job(
            name="checkpoint state",
            trigger=IntervalTrigger(seconds=CHECKPOINT_STATE_S),
            work=housekeeping.checkpoint_state,
        ),
        Job(name="pull requests", trigger=IntervalTrigger(seconds=pulls.EVERY_S), work=pulls.poll),
        Job(name="messages", trigger=IntervalTrigger(seconds=messages.EVERY_S), work=messages.settle),
        Job(name="checkpoint", trigger=IntervalTrigger(minutes=CHECKPOINT_MINUTES), work=housekeeping.checkpoint),
        *(
            Job(
                name=f"poll {name}",
                trigger=IntervalTrigger(seconds=plugins.load("collectors", name).EVERY),
                work=partial(polling.poll, name=name),
            )
            for name in polling.collectors(runtime)
        ),
    ]
