"""OpenCode, an open coding agent for any model that speaks Chat Completions, run headless."""

import json
import shlex
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from improver.agents._program import absent, found, keyless, packages
from improver.agents._said import MOST, Count, done, line_of, quoted
from improver.model import AgentReport, AgentStatus, Job, Launch
from improver.model.configured import Configured, Secret, reveal

KEY = "IMPROVER_MODEL_KEY"
PROVIDER = "improver"
EDITING = {"edit", "write", "apply_patch", "multiedit"}
REFUSED = ("specified a rule which prevents", "rejected permission")  # its own words for what its rules deny
QUIET = (
    "OPENCODE_DISABLE_AUTOUPDATE", "OPENCODE_DISABLE_CLAUDE_CODE", "OPENCODE_DISABLE_DEFAULT_PLUGINS",
    "OPENCODE_DISABLE_LSP_DOWNLOAD", "OPENCODE_DISABLE_MODELS_FETCH", "OPENCODE_DISABLE_PROJECT_CONFIG",
    "OPENCODE_PURE",
)  # fmt: skip
INSTALL = "npm install -g opencode-ai, or set agents.opencode.binary"


class Config(Configured):
    binary: str = ""
    """The program, by name or path. Empty: `opencode` on PATH."""
    model: str = ""
    """The model's name, as its API knows it. It must be set."""
    upstream: str = "https://api.openai.com"
    """The model API's origin: one that speaks Chat Completions. The Agent reaches it only through improver's proxy."""
    base_path: str = "/v1"
    """What stands before `/chat/completions` in that API's paths, e.g. "/api/v1" for OpenRouter."""
    api_key: Secret = "env:OPENAI_API_KEY"
    """The API key, as "env:NAME" or "file:/path". It is added outside the sandbox; the Agent never has it."""
    context_tokens: int = Field(200_000, ge=1)
    """How much the model can take in at once."""
    output_tokens: int = Field(16_000, ge=1)
    """How much it may say at once."""


class Cache(BaseModel):
    read: Count = 0
    write: Count = 0


class Tokens(BaseModel):
    input: Count = 0
    output: Count = 0
    reasoning: Count = 0
    cache: Cache = Cache()

    def all(self) -> int:
        return self.input + self.output + self.reasoning + self.cache.read + self.cache.write


class State(BaseModel):
    status: str = ""
    error: str = ""


class Part(BaseModel):
    text: str = ""
    tool: str = ""
    state: State = State()
    reason: str = ""
    tokens: Tokens = Tokens()


class Data(BaseModel):
    message: str = ""


class Failure(BaseModel):
    name: str = ""
    data: Data = Data()


class Said(BaseModel):
    type: str
    sessionID: str = ""
    part: Part = Part()
    error: Failure = Failure()


def missing(config: Config) -> str:
    if not config.model:
        return "agents.opencode.model is empty: name a model of its API"
    return absent(config.binary, "opencode", INSTALL) or keyless(config.api_key, "agents.opencode.api_key")


def command(job: Job, config: Config) -> Launch:
    program = found(config.binary, "opencode")
    resumed = ("--session", job.session) if job.session else ()
    return Launch(
        argv=(program or "opencode", "run", "--format", "json", *resumed),
        env={
            **dict.fromkeys(QUIET, "1"),
            "HOME": str(job.home),
            "OPENCODE_CONFIG_CONTENT": json.dumps(_settings(job, config)),
            KEY: job.model_key,
        },
        stdin=job.prompt.encode(),
        readable=packages(program),
        upstream=config.upstream,
        upstream_headers={"authorization": f"Bearer {reveal(config.api_key)}"} if config.api_key else {},
        upstream_paths=(f"{config.base_path}/chat/completions",),
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    said = line_of(Said, line)
    if said is None:
        return report
    report = replace(report, session=said.sessionID or report.session)
    match said.type:
        case "text":
            return replace(report, summary=quoted(said.part.text) or report.summary)
        case "tool_use":
            return _used(report, said.part)
        case "step_finish":
            return _stepped(report, said.part)
        case "error":
            status = AgentStatus.FAILED if said.error.name == "MessageAbortedError" else AgentStatus.API_ERROR
            return replace(report, status=status, detail=quoted(f"{said.error.name}: {said.error.data.message}"))
    return report


def ended(report: AgentReport, code: int) -> AgentReport:
    """It has no result line: its last step says whether it was done, and its exit code whether it got there."""
    if report.status is AgentStatus.COMPLETED and code == 0:
        return done(report)
    if report.status in (AgentStatus.COMPLETED, AgentStatus.CRASHED):
        detail = f"it ended with exit code {code} before it was done"
        return replace(report, status=AgentStatus.CRASHED, detail=detail)
    return report


def _used(report: AgentReport, part: Part) -> AgentReport:
    if part.state.status == "completed":
        return replace(report, edits=report.edits + (part.tool in EDITING))
    if any(words in part.state.error for words in REFUSED):
        return replace(report, denials=(*report.denials, quoted(part.tool)))
    return report


def _stepped(report: AgentReport, part: Part) -> AgentReport:
    report = replace(report, tokens=min(MOST, (report.tokens or 0) + part.tokens.all()))
    match part.reason:
        case "stop":
            return replace(report, status=AgentStatus.COMPLETED, detail="")
        case "tool-calls":
            return replace(report, status=AgentStatus.CRASHED, detail="")  # it goes on, unless it dies now
    return replace(report, status=AgentStatus.API_ERROR, detail=quoted(f"the model's answer broke off: {part.reason}"))


def _settings(job: Job, config: Config) -> dict[str, Any]:
    tests = shlex.join(job.test)
    limit = {"context": config.context_tokens, "output": config.output_tokens}
    options = {"baseURL": f"{job.base_url}{config.base_path}", "apiKey": f"{{env:{KEY}}}"}
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": PROVIDER,
        "options": options,
        "models": {config.model: {"name": config.model, "limit": limit}},
    }
    model = f"{PROVIDER}/{config.model}"
    return {
        "autoupdate": False,
        "share": "disabled",
        "snapshot": False,
        "model": model,
        "small_model": model,
        "enabled_providers": [PROVIDER],
        "provider": {PROVIDER: provider},
        "permission": {
            "edit": {"*": "allow", **dict.fromkeys(job.protected_paths, "deny")},
            "webfetch": "deny",
            "websearch": "deny",
            "external_directory": {"*": "deny", f"{job.side}/*": "allow"},
            "bash": {"*": "deny", **({tests: "allow", f"{tests} *": "allow"} if tests else {})},
        },
    }
