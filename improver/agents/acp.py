"""Any agent that speaks the Agent Client Protocol over stdio: improver's own client drives it, inside the box."""

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from improver.agents._any_program import PROMPT, AnyProgram, credentials, environment, filled, missing_of, places
from improver.agents._program import packages
from improver.agents._said import Count, Money, done, line_of, quoted, without_result
from improver.model import AgentReport, AgentStatus, Job, Launch
from improver.paths import search_path

DRIVER = Path(__file__).with_name("_acp_driver.py")
ENDINGS = {
    "max_tokens": AgentStatus.MAX_TURNS,
    "max_turn_requests": AgentStatus.MAX_TURNS,
    "refusal": AgentStatus.FAILED,
    "cancelled": AgentStatus.CANCELLED,
}


class Config(AnyProgram):
    login: str = ""
    """How it is to be told to log in: one of the ids that it offers. Most need none once their key is in `key_env`."""


class Cost(BaseModel):
    amount: Money | None = None
    currency: str = ""


class Content(BaseModel):
    type: str = ""
    text: str = ""


class Update(BaseModel):
    sessionUpdate: str = ""
    content: Content | list[Content] | None = None
    status: str | None = None
    cost: Cost | None = None


class Usage(BaseModel):
    totalTokens: Count | None = None


class Said(BaseModel):
    update: Update | None = None
    session: str | None = None
    asked: str = ""
    granted: bool = True
    stopped: str = ""
    usage: Usage | None = None
    failed: str = ""


def missing(config: Config) -> str:
    return missing_of(config, "agents.acp")


def command(job: Job, config: Config) -> Launch:
    named = places(job)
    argv = [filled(word, named) for word in config.argv]
    orders = {
        "argv": argv,
        "prompt": job.prompt,
        "tree": str(job.tree),
        "folders": [str(job.side)],
        "session": job.session,
        "login": config.login,
        "test": list(job.test),
    }
    return Launch(
        argv=(sys.executable, "-I", "-S", str(DRIVER)),
        env=environment(job, config, named),
        stdin=json.dumps(orders).encode(),
        papers={PROMPT: job.prompt},
        readable=(DRIVER, *packages(shutil.which(argv[0], path=search_path(os.environ)))),
        programs=tuple(argv[:1]),
        upstream=config.upstream,
        upstream_headers=credentials(config),
        upstream_paths=config.paths,
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    said = line_of(Said, line)
    if said is None:
        return report
    if said.session is not None:
        return replace(report, session=said.session, summary="", edits=0)  # what was replayed is no news
    if said.update is not None:
        return _updated(report, said.update)
    if said.asked and not said.granted:
        return replace(report, denials=(*report.denials, quoted(said.asked)))
    if said.stopped:
        return _stopped(report, said)
    return replace(report, status=AgentStatus.API_ERROR, detail=quoted(said.failed)) if said.failed else report


ended = without_result


def _updated(report: AgentReport, update: Update) -> AgentReport:
    match update.sessionUpdate:
        case "agent_message_chunk" if isinstance(update.content, Content):
            return replace(report, summary=quoted(report.summary + update.content.text))
        case "tool_call" | "tool_call_update":
            return replace(report, summary="", edits=report.edits + _diffs(update))
        case "usage_update" if update.cost and update.cost.currency == "USD":
            return replace(report, usd=update.cost.amount or None)  # nothing costs nothing: it does not know the price
    return report


def _diffs(update: Update) -> int:
    made = update.content if isinstance(update.content, list) and update.status == "completed" else []
    return sum(content.type == "diff" for content in made)


def _stopped(report: AgentReport, said: Said) -> AgentReport:
    if said.usage and said.usage.totalTokens is not None:
        report = replace(report, tokens=said.usage.totalTokens)
    if said.stopped == "end_turn":
        return done(report)
    status = ENDINGS.get(said.stopped, AgentStatus.FAILED)
    return replace(report, status=status, detail=f"it stopped: {quoted(said.stopped)}")
