"""Plays recorded edits (for the demo and for tests): no model, nothing is thought up, and it says so."""

import fnmatch
import json
import sys
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError, model_validator

from improver.agents._said import object_of
from improver.errors import ImproverError
from improver.model import AgentReport, AgentStatus, Job, Launch
from improver.model.configured import Configured

PLAYER = Path(__file__).with_name("_rehearsal_player.py")
SAYS_SO = "rehearsed: "


class Config(Configured):
    plan: Path | None = None
    """A JSON file with the recorded edits: a list of {location, edits, say, sleep, exit}."""


class Edit(Configured):
    path: str
    """The file, from the worktree's root."""
    old: str | None = None
    """Text that stands there exactly once, …"""
    new: str = ""
    """… and what replaces it."""
    content: str | None = None
    """Instead of old and new: the whole file."""

    @model_validator(mode="after")
    def _one_way(self) -> "Edit":
        if (self.old is None) == (self.content is None):
            raise ValueError(f"the edit of {self.path} needs either `old` or `content`")
        return self


class Rehearsal(Configured):
    location: str
    """A glob for "file function", or a kind of Finding; the first that fits is played."""
    edits: tuple[Edit, ...] = ()
    """Made in this order."""
    say: str = ""
    """Its summary."""
    sleep: float = 0
    """Seconds to wait before the first edit."""
    exit: int | None = None
    """End with this code after the edits, without a result."""


def missing(config: Config) -> str:
    if config.plan is None:
        return "agents.rehearsed.plan names no file with recorded edits"
    if not config.plan.is_file():
        return f"there are no recorded edits at {config.plan}: check agents.rehearsed.plan"
    return ""


def command(job: Job, config: Config) -> Launch:
    fitting = next((part for part in _plan(config) if _fits(part, job)), None)
    return Launch(
        argv=(sys.executable, "-I", "-S", str(PLAYER)),
        stdin=json.dumps(fitting.model_dump() if fitting else None).encode(),
        readable=(PLAYER,),
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    said = object_of(line)
    if "edited" in said:
        return replace(report, edits=report.edits + 1)
    if "done" in said:
        return replace(report, status=AgentStatus.COMPLETED, summary=SAYS_SO + str(said["done"]))
    if "failed" in said:
        return replace(report, status=AgentStatus.FAILED, detail=SAYS_SO + str(said["failed"]))
    return report


def ended(report: AgentReport, code: int) -> AgentReport:
    if report.status is AgentStatus.CRASHED:
        return replace(report, detail=f"{SAYS_SO}it ended with exit code {code} and no result")
    return report


def _plan(config: Config) -> list[Rehearsal]:
    if config.plan is None:
        raise ImproverError("agents.rehearsed.plan names no file", hint="name a JSON file with recorded edits")
    try:
        return TypeAdapter(list[Rehearsal]).validate_json(config.plan.read_bytes())
    except (OSError, ValidationError) as error:
        hint = "a list of {location, edits, say, sleep, exit}"
        raise ImproverError(f"the recorded edits {config.plan} cannot be read: {error}", hint=hint) from error


def _fits(part: Rehearsal, job: Job) -> bool:
    return part.location == job.kind or fnmatch.fnmatchcase(job.location, part.location)
