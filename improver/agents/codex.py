"""Codex, OpenAI's coding agent, run headless; its own sandbox is off where improver's stands."""

import json
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from improver.agents._program import absent, found, keyless, packages
from improver.agents._said import Count, done, line_of, quoted, without_result
from improver.model import AgentReport, AgentStatus, Isolation, Job, Launch
from improver.model.configured import Configured, Secret, reveal

FLAGS = ("--json", "--ignore-user-config", "--ignore-rules", "--skip-git-repo-check")
KEY = "IMPROVER_MODEL_KEY"
PROVIDER = "improver"
PATHS = ("/v1/responses", "/v1/responses/compact", "/v1/models", "/v1/models/")
QUIET = {
    "analytics.enabled": False,
    "check_for_update_on_startup": False,
    "otel.metrics_exporter": "none",
    "web_search": "disabled",
    "features.multi_agent": False,
}
INSTALL = "npm install -g @openai/codex, or set agents.codex.binary"


class Config(Configured):
    binary: str = ""
    """The program, by name or path. Empty: `codex` on PATH."""
    model: str = ""
    """The model's name. Empty: Codex's own choice."""
    upstream: str = "https://api.openai.com"
    """The model API's origin: one that speaks Responses. The Agent reaches it only through improver's proxy."""
    api_key: Secret = "env:OPENAI_API_KEY"
    """The API key, as "env:NAME" or "file:/path". It is added outside the sandbox; the Agent never has it."""


class Change(BaseModel):
    path: str = ""


class Item(BaseModel):
    type: str = ""
    text: str = ""
    command: str = ""
    status: str = ""
    changes: list[Change] = Field(default_factory=list)


class Usage(BaseModel):
    input_tokens: Count = 0
    output_tokens: Count = 0


class Failure(BaseModel):
    message: str = ""


class Said(BaseModel):
    type: str
    thread_id: str = ""
    item: Item = Item()
    usage: Usage = Usage()
    error: Failure = Failure()


def missing(config: Config) -> str:
    return absent(config.binary, "codex", INSTALL) or keyless(config.api_key, "agents.codex.api_key")


def command(job: Job, config: Config) -> Launch:
    program = found(config.binary, "codex")
    resumed = ("resume", job.session) if job.session else ()
    model = ("--model", config.model) if config.model else ()
    return Launch(
        argv=(program or "codex", "exec", *resumed, *FLAGS, *model, *_settings(job), "-"),
        env={"HOME": str(job.home), "CODEX_HOME": str(job.home), KEY: job.model_key},
        stdin=job.prompt.encode(),
        readable=packages(program),
        upstream=config.upstream,
        upstream_headers={"authorization": f"Bearer {reveal(config.api_key)}"} if config.api_key else {},
        upstream_paths=PATHS,
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    said = line_of(Said, line)
    if said is None:
        return report
    match said.type:
        case "thread.started":
            return replace(report, session=said.thread_id)
        case "item.completed":
            return _itemised(report, said.item)
        case "turn.completed":
            return done(replace(report, tokens=said.usage.input_tokens + said.usage.output_tokens))
        case "turn.failed":
            # Its turns fail by the model's API only: what a command does wrong, it is told and goes on.
            return replace(report, status=AgentStatus.API_ERROR, detail=quoted(said.error.message))
    return report


ended = without_result


def _itemised(report: AgentReport, item: Item) -> AgentReport:
    if item.type == "agent_message":
        return replace(report, summary=quoted(item.text) or report.summary)
    if item.status == "declined":
        return replace(report, denials=(*report.denials, quoted(item.command or item.type)))
    if item.type == "file_change" and item.status == "completed":
        return replace(report, edits=report.edits + len(item.changes))
    # A command may have written anything: nobody can say that it changed nothing.
    return replace(report, edits=report.edits + 1) if item.type == "command_execution" else report


def _settings(job: Job) -> tuple[str, ...]:
    """As `-c key=value`, where a value is TOML; JSON's strings and truths are TOML, too."""
    # Two boxes in one another do not work here, and ours is the stronger one; without it, its own is better than none.
    sandbox = "workspace-write" if job.isolation in (Isolation.HOST, Isolation.EXEMPT) else "danger-full-access"
    provider = f"model_providers.{PROVIDER}"
    chosen: dict[str, Any] = QUIET | {
        "sandbox_mode": sandbox,
        "approval_policy": "never",
        "model_provider": PROVIDER,
        f"{provider}.name": PROVIDER,
        f"{provider}.base_url": f"{job.base_url}/v1",
        f"{provider}.env_key": KEY,
        f"{provider}.wire_api": "responses",
    }
    return tuple(word for name, value in chosen.items() for word in ("-c", f"{name}={json.dumps(value)}"))
