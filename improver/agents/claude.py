"""Claude Code, Anthropic's coding agent, run headless with no more rights than the change needs."""

import importlib.util
import shlex
import shutil
import uuid
from dataclasses import replace
from pathlib import Path

from improver.agents._claude_stream import judged, read
from improver.agents._program import absent, found, keyless
from improver.agents._said import without_result
from improver.model import AgentReport, Job, Launch
from improver.model.configured import Configured, Secret, reveal

TOOLS = ("Read", "Edit", "Write", "Glob", "Grep")
FLAGS = (
    "--print", "--output-format", "stream-json", "--verbose", "--restricted", "--permission-mode", "acceptEdits",
    "--permission-prompts", "none", "--setting-sources", "", "--strict-mcp-config",
)  # fmt: skip
PATHS = ("/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/models/")
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "3",  # its own default keeps trying a wrong key for minutes
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
}
INSTALL = "install Claude Code, or pip install claude-agent-sdk (it carries the program), or set agents.claude.binary"


class Config(Configured):
    binary: str = ""
    """The program, by name or path. Empty: `claude` on PATH, else the one that the extra `claude` brings."""
    model: str = ""
    """The model's name. Empty: Claude Code's own choice."""
    upstream: str = "https://api.anthropic.com"
    """The model API's origin; the Agent reaches it only through improver's proxy."""
    api_key: Secret = "env:ANTHROPIC_API_KEY"
    """The API key, as "env:NAME" or "file:/path". It is added outside the sandbox; the Agent never has it."""
    oauth_token: Secret = ""
    """A subscription's token (`claude setup-token`), used instead of the API key when it is set."""


def missing(config: Config) -> str:
    if not _program(config):
        return absent(config.binary, "claude", INSTALL)
    return keyless(config.oauth_token or config.api_key, "agents.claude.api_key")


def command(job: Job, config: Config) -> Launch:
    model = ("--model", config.model) if config.model else ()
    key = "CLAUDE_CODE_OAUTH_TOKEN" if config.oauth_token else "ANTHROPIC_API_KEY"
    return Launch(
        argv=(_program(config) or "claude", *FLAGS, *_limits(job), *model),
        env={
            **QUIET,
            "HOME": str(job.home),
            "CLAUDE_CONFIG_DIR": str(job.home / ".claude"),
            "ANTHROPIC_BASE_URL": job.base_url,
            key: job.model_key,
        },
        stdin=job.prompt.encode(),
        upstream=config.upstream,
        upstream_headers=_credentials(config),
        upstream_paths=PATHS,
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    said = read(line)
    if said is None:
        return report
    if said.type == "system":
        return replace(report, session=said.session_id or report.session)
    if said.type == "assistant":
        return replace(report, summary=said.text() or report.summary)
    if said.type == "user":
        return replace(report, edits=report.edits + said.edits())
    return judged(report, said) if said.type == "result" else report


ended = without_result


def _program(config: Config) -> str | None:
    place = found(config.binary, "claude") or (None if config.binary else _bundled())
    return str(place) if place else None


def _bundled() -> str | None:
    # The SDK itself is never imported: only the binary beside it is wanted.
    package = importlib.util.find_spec("claude_agent_sdk")
    folders = package.submodule_search_locations or () if package else ()
    return next((found for folder in folders if (found := shutil.which(Path(folder, "_bundled", "claude")))), None)


def _limits(job: Job) -> tuple[str, ...]:
    tests = shlex.join(job.test)
    rules = [f"{verb}(./{path})" for path in job.protected_paths for verb in ("Read", "Edit")]
    return (
        "--tools", ",".join((*TOOLS, "Bash") if tests else TOOLS),
        *(("--allowedTools", f"Bash({tests})", f"Bash({tests} *)") if tests else ()),
        *(("--disallowedTools", *rules) if rules else ()),
        "--add-dir", str(job.side),
        "--max-turns", str(job.turns),
        "--max-budget-usd", f"{job.usd:g}",
        *_session(job),
    )  # fmt: skip


def _session(job: Job) -> tuple[str, str]:
    named = str(uuid.uuid5(uuid.NAMESPACE_OID, f"improver attempt {job.attempt_id}"))
    return ("--resume", job.session) if job.session else ("--session-id", named)


def _credentials(config: Config) -> dict[str, str]:
    if config.oauth_token:
        return {"authorization": f"Bearer {reveal(config.oauth_token)}"}
    return {"x-api-key": reveal(config.api_key)} if config.api_key else {}
