"""What Agents that are any program of yours have in common: a command line, and a model API that it may ask."""

import os
import shutil
from collections.abc import Mapping

from improver.model import Job
from improver.model.configured import Configured, Secret, reveal
from improver.paths import search_path

PROMPT = "prompt.md"


class AnyProgram(Configured):
    argv: tuple[str, ...] = ()
    """The command line, one word an item, never through a shell. {prompt_file}, {tree} and {side} are filled in."""
    env: tuple[str, ...] = ()
    """Names of improver's own environment variables that it gets. They are visible inside the sandbox: no keys here."""
    variables: dict[str, str] = {}
    """Further variables. {tree}, {side}, {home}, {base_url} (its model's address) and {key} (made up) are filled in."""
    upstream: str = ""
    """Its model API's origin, e.g. "https://api.openai.com". Empty: no network at all."""
    paths: tuple[str, ...] = (
        "/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/v1/models", "/v1/models/",
        "/v1/responses",
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


def missing_of(config: AnyProgram, section: str) -> str:
    if not config.argv:
        return f"{section}.argv is empty: name the command line"
    program = config.argv[0]
    if "{tree}" not in program and shutil.which(program, path=search_path(os.environ)) is None:
        return f"{program!r} is not installed: install it, or change {section}.argv"
    if config.key and not reveal(config.key):
        return f"{config.key} holds no key: set it, or change {section}.key"
    return ""


def places(job: Job) -> dict[str, str]:
    return {
        "{prompt_file}": str(job.papers / PROMPT),
        "{tree}": str(job.tree),
        "{side}": str(job.side),
        "{home}": str(job.home),
        "{base_url}": job.base_url,
        "{key}": job.model_key,
    }


def filled(word: str, places: Mapping[str, str]) -> str:
    for place, value in places.items():
        word = word.replace(place, value)
    return word


def environment(job: Job, config: AnyProgram, places: Mapping[str, str]) -> dict[str, str]:
    model = {config.base_url_env: job.base_url, config.key_env: job.model_key}
    return {
        "HOME": str(job.home),
        **{name: os.environ[name] for name in config.env if name in os.environ},
        **{name: filled(value, places) for name, value in config.variables.items()},
        **{name: value for name, value in model.items() if name},
    }


def credentials(config: AnyProgram) -> dict[str, str]:
    if not config.key:
        return {}
    key = reveal(config.key)
    bearer = config.key_header.lower() == "authorization"
    return {config.key_header.lower(): f"Bearer {key}" if bearer else key}
