"""Gemini CLI, Google's coding agent, run headless with the tools that the change needs."""

import json
import shlex
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from improver.agents._program import absent, found, keyless, packages
from improver.agents._said import Count, done, line_of, quoted, without_result
from improver.model import AgentReport, AgentStatus, Job, Launch
from improver.model.configured import Configured, Secret, reveal

TOOLS = ("read_file", "read_many_files", "list_directory", "glob", "grep_search", "replace", "write_file")
EDITING = {"replace", "write_file"}
FLAGS = ("--output-format", "stream-json", "--approval-mode", "yolo", "--extensions", "none", "--skip-trust")
SETTINGS = "settings.json"
PATHS = ("/v1beta/models/",)
API_ERROR = "[API Error"
INSTALL = "npm install -g @google/gemini-cli, or set agents.gemini.binary"


class Config(Configured):
    binary: str = ""
    """The program, by name or path. Empty: `gemini` on PATH."""
    model: str = "gemini-2.5-pro"
    """The model's name."""
    upstream: str = "https://generativelanguage.googleapis.com"
    """The model API's origin; the Agent reaches it only through improver's proxy."""
    api_key: Secret = "env:GEMINI_API_KEY"
    """The API key, as "env:NAME" or "file:/path". It is added outside the sandbox; the Agent never has it."""


class Failure(BaseModel):
    type: str = ""
    message: str = ""


class Stats(BaseModel):
    total_tokens: Count = 0


class Said(BaseModel):
    type: str
    session_id: str = ""
    role: str = ""
    content: str = ""
    tool_id: str = ""
    status: str = ""
    error: Failure = Failure()
    stats: Stats = Stats()

    @property
    def tool(self) -> str:
        return self.tool_id.partition("__")[0]


def missing(config: Config) -> str:
    return absent(config.binary, "gemini", INSTALL) or keyless(config.api_key, "agents.gemini.api_key")


def command(job: Job, config: Config) -> Launch:
    program = found(config.binary, "gemini")
    resumed = ("--resume", job.session) if job.session else ()
    return Launch(
        argv=(
            program or "gemini", *FLAGS, "--model", config.model, "--include-directories", str(job.side), *resumed,
        ),
        env={
            "HOME": str(job.home),
            "GEMINI_API_KEY": job.model_key,
            "GEMINI_CLI_SYSTEM_SETTINGS_PATH": str(job.papers / SETTINGS),
            "GOOGLE_GEMINI_BASE_URL": job.base_url,
            "GEMINI_TELEMETRY_ENABLED": "false",
            "NO_COLOR": "1",
        },
        stdin=job.prompt.encode(),
        papers={SETTINGS: json.dumps(_settings(job))},
        readable=packages(program),
        upstream=config.upstream,
        upstream_headers={"x-goog-api-key": reveal(config.api_key)} if config.api_key else {},
        upstream_paths=PATHS,
    )  # fmt: skip


def parse(report: AgentReport, line: str) -> AgentReport:
    said = line_of(Said, line)
    if said is None:
        return report
    match said.type:
        case "init":
            return replace(report, session=said.session_id)
        case "message" if said.role == "assistant":
            return replace(report, summary=quoted(report.summary + said.content))
        case "tool_use":
            return replace(report, summary="")  # what it says last is the summary
        case "tool_result":
            return _used(report, said)
        case "result":
            return _judged(replace(report, tokens=said.stats.total_tokens), said)
    return report


ended = without_result


def _used(report: AgentReport, said: Said) -> AgentReport:
    if said.status == "success":
        return replace(report, edits=report.edits + (said.tool in EDITING))
    if said.error.type == "policy_violation":
        return replace(report, denials=(*report.denials, quoted(said.tool)))
    return report


def _judged(report: AgentReport, said: Said) -> AgentReport:
    if said.status != "success":
        status = AgentStatus.API_ERROR if said.error.message.startswith(API_ERROR) else AgentStatus.FAILED
        return replace(report, status=status, detail=quoted(said.error.message))
    if not report.summary:
        # It takes a stream that was cut off for an answer without words.
        return replace(report, status=AgentStatus.API_ERROR, detail="the model's answer broke off")
    return done(report)


def _settings(job: Job) -> dict[str, Any]:
    tests = (f"run_shell_command({shlex.join(job.test)})",) if job.test else ()
    return {
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "general": {"enableAutoUpdate": False, "disableUpdateNag": True},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "tools": {"core": [*TOOLS, *tests], "sandbox": False},
        "mcp": {"allowed": []},
    }
