"""The change changes something."""

from improver.model import Change, Glossed, Result, Verdict
from improver.model.configured import Configured

ORDER = 10


class Config(Configured):
    """Nothing to set."""


class Reason(Glossed):
    CHANGED = "changed", "lines were added or removed"
    NO_CHANGE = "no_change", "no file differs from the base"
    NO_LINES = "no_lines", "files differ, but no line was added or removed"


def judge(change: Change, config: Config) -> Verdict:
    if not change.files:
        return _verdict(Result.FAILED, Reason.NO_CHANGE, "The Agent left every file as it was.")
    lines = sum(file.added + file.removed for file in change.files)
    if not lines and not any(file.binary for file in change.files):
        return _verdict(Result.FAILED, Reason.NO_LINES, "Only empty files or modes differ.")
    return _verdict(Result.PASSED, Reason.CHANGED, f"{len(change.files)} files, {lines} lines.")


def _verdict(result: Result, reason: Reason, detail: str) -> Verdict:
    return Verdict(gate="non_empty", result=result, reason=reason, detail=detail)
