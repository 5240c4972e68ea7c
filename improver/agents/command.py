"""Any command line of yours: it reads the prompt on stdin, changes files in its folder, and ends with 0."""

from dataclasses import replace

from improver.agents._any_program import PROMPT, AnyProgram, credentials, environment, filled, missing_of, places
from improver.agents._said import quoted
from improver.model import AgentReport, AgentStatus, Job, Launch


class Config(AnyProgram):
    """Nothing besides."""


def missing(config: Config) -> str:
    return missing_of(config, "agents.command")


def command(job: Job, config: Config) -> Launch:
    named = places(job)
    return Launch(
        argv=tuple(filled(word, named) for word in config.argv),
        env=environment(job, config, named),
        stdin=job.prompt.encode(),
        papers={PROMPT: job.prompt},
        upstream=config.upstream,
        upstream_headers=credentials(config),
        upstream_paths=config.paths,
    )


def parse(report: AgentReport, line: str) -> AgentReport:
    """It has no result line: its last words are the summary, and its exit code decides."""
    return replace(report, summary=quoted(line) or report.summary)


def ended(report: AgentReport, code: int) -> AgentReport:
    if code == 0:
        return replace(report, status=AgentStatus.COMPLETED)
    if code > 128:
        return replace(report, status=AgentStatus.CRASHED, detail=f"killed by signal {code - 128}")
    return replace(report, status=AgentStatus.FAILED, detail=f"exit code {code}")
