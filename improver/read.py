"""Everything that can be asked: one function each, the same for the CLI, the web pages, the JSON API and MCP."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from improver.answers.attempts import attempt, attempts
    from improver.answers.audit import audit, audit_chain
    from improver.answers.findings import finding, findings
    from improver.answers.keys import keys
    from improver.answers.outcomes import deployments, outcomes
    from improver.answers.quarantine import quarantine
    from improver.answers.report import report
    from improver.answers.specs import spec
    from improver.answers.sql import sql, tables
    from improver.answers.status import status
    from improver.answers.transcripts import transcript

# Each is imported when it is asked for: a command needs one, and all of them take longer than its answer.
HOMES = {
    "status": "status", "findings": "findings", "finding": "findings", "spec": "specs", "attempts": "attempts",
    "attempt": "attempts", "outcomes": "outcomes", "deployments": "outcomes", "report": "report",
    "quarantine": "quarantine", "keys": "keys", "audit": "audit", "audit_chain": "audit", "transcript": "transcripts",
}  # fmt: skip
OF_TABLES = {"sql": "sql", "tables": "sql"}  # not for everybody who may ask the others


def questions() -> Mapping[str, Callable[..., Any]]:
    return {name: _answering(name) for name in HOMES}


def _answering(name: str) -> Any:
    home = (HOMES | OF_TABLES).get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"improver.answers.{home}"), name)


if not TYPE_CHECKING:
    __getattr__ = _answering


__all__ = [
    "attempt",
    "attempts",
    "audit",
    "audit_chain",
    "deployments",
    "finding",
    "findings",
    "keys",
    "outcomes",
    "quarantine",
    "questions",
    "report",
    "spec",
    "sql",
    "status",
    "tables",
    "transcript",
]
