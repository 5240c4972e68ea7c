"""Any command line of yours: it reads the prompt on stdin, changes files in its folder, and ends with 0."""

import os
import shutil
from dataclasses import replace

from improver.model import AgentReport, AgentStatus, Job, Launch
from improver.model.configured import Configured, Secret, reveal
from improver.paths import search_path

QUOTED = 500  # characters of its last line that are kept


class Config(Configured):
    argv: tuple[str, ...] = ()
    """The command line, one word an item, never through a shell. {prompt_file}, {tree} and {side} are filled in."""
    env: tuple[str, ...] = ()
    """Names of improver's own environment variables that it gets. They are visible inside the sandbox: no keys here."""
    upstream: str = ""
    """Its model API's origin, e.g. "https://api.openai.com". Empty: no network at all."""
    paths: tuple[str, ...] = (
        "/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/models/",
    )  # fmt: skip
    """All that it may ask of that API. A slash at the end: with everything below. Name no more than the Agent needs:
    an endpoint that lets the model fetch pages or use remote tools is a way out of the sandbox."""
    key: Secret = ""
    """That API's key, as "env:NAME" or "file:/path". It is added outside the sandbox."""
    key_header: str = "authorization"
    """The header that carries the key; for `authorization` it becomes "Bearer KEY"."""
    key_env: str = ""
    """The variable in which it expects its key; it gets a made-up one, which it must send."""
    base_url_env: str = ""
    """The variable in which it expects its model's address."""


def missing(config: Config) -> str:
    if not config.argv:
        return "agents.command.argv is empty: name the command line"
    program = config.argv[0]
    if "{tree}" not in program and shutil.which(program, path=search_path(os.environ)) is None:
        return f"{program!r} is not installed: install it, or change agents.command.argv"
    if config.key and not reveal(config.key):
        return f"{config.key} holds no key: set it, or change agents.command.key"
    return ""


def command(job: Job, config: Config) -> Launch:
    prompt_file = job.home / "prompt.md"
    prompt_file.write_text(job.prompt)
    places = {"{prompt_file}": str(prompt_file), "{tree}": str(job.tree), "{side}": str(job.side)}
    model = {config.base_url_env: job.base_url, config.key_env: job.model_key}
    return Launch(
        argv=tuple(_filled(word, places) for word in config.argv),
        env={
            "HOME": str(job.home),
            **{name: os.environ[name] for name in config.env if name in os.environ},
            **{name: value for name, value in model.items() if name},
        },
        stdin=job.prompt.encode(),
        upstream=config.upstream,
        upstream_headers=_credentials(config),
        upstream_paths=config.paths,
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    """It has no result line: its last words are the summary, and its exit code decides."""
    return replace(report, summary=line.strip()[:QUOTED] or report.summary)


def ended(report: AgentReport, code: int) -> AgentReport:
    if code == 0:
        return replace(report, status=AgentStatus.COMPLETED)
    if code > 128:
        return replace(report, status=AgentStatus.CRASHED, detail=f"killed by signal {code - 128}")
    return replace(report, status=AgentStatus.FAILED, detail=f"exit code {code}")


def _filled(word: str, places: dict[str, str]) -> str:
    for place, value in places.items():
        word = word.replace(place, value)
    return word


def _credentials(config: Config) -> dict[str, str]:
    if not config.key:
        return {}
    key = reveal(config.key)
    bearer = config.key_header.lower() == "authorization"
    return {config.key_header.lower(): f"Bearer {key}" if bearer else key}
