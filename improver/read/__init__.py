"""Everything that can be asked: one function each, the same for the CLI, the web pages, the JSON API and MCP."""

from improver.read.attempts import attempt, attempts
from improver.read.audit import audit, audit_chain
from improver.read.findings import finding, findings
from improver.read.keys import keys
from improver.read.outcomes import deployments, outcomes
from improver.read.quarantine import quarantine
from improver.read.report import report
from improver.read.specs import spec
from improver.read.sql import sql, tables
from improver.read.status import status
from improver.read.transcripts import transcript

QUESTIONS = {
    function.__name__: function
    for function in (
        status, findings, finding, spec, attempts, attempt, outcomes, deployments, report, quarantine, keys,
        audit, audit_chain, transcript,
    )
}  # fmt: skip

__all__ = [
    "QUESTIONS",
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
    "report",
    "spec",
    "sql",
    "status",
    "tables",
    "transcript",
]
