"""The change is small enough for a person to read."""

from pydantic import Field

from improver.model import Change, Glossed, Result, Verdict
from improver.model.configured import Configured

ORDER = 20


class Config(Configured):
    files: int = Field(20, ge=1)
    """Files that one change may touch; a Spec's budget can only lower it."""
    lines: int = Field(400, ge=1)
    """Lines that one change may add and remove together; a Spec's budget can only lower it."""
    kilobytes: int = Field(256, ge=1, le=1024)
    """Size of the diff: lines can be long."""


class Reason(Glossed):
    WITHIN = "within_budget", "no limit is exceeded"
    FILES = "too_many_files", "more files than the budget allows"
    LINES = "too_many_lines", "more lines than the budget allows"
    BYTES = "too_many_bytes", "the diff is longer than its limit, whatever its lines"


def judge(change: Change, config: Config) -> Verdict:
    budget = change.spec.budget
    lines = sum(file.added + file.removed for file in change.files)
    measured = (
        (Reason.FILES, len(change.files), min(config.files, budget.files), "files"),
        (Reason.LINES, lines, min(config.lines, budget.lines), "lines"),
        (Reason.BYTES, len(change.diff.encode(errors="replace")), config.kilobytes * 1024, "bytes"),
    )
    for reason, found, allowed, unit in measured:
        if found > allowed:
            return _verdict(Result.FAILED, reason, f"{found} {unit} changed; {allowed} are allowed.")
    return _verdict(Result.PASSED, Reason.WITHIN, f"{len(change.files)} files, {lines} lines.")


def _verdict(result: Result, reason: Reason, detail: str) -> Verdict:
    return Verdict(gate="size", result=result, reason=reason, detail=detail)
