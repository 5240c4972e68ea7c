"""The Target's own lint command has nothing to say of the change that it did not say of the base."""

import re
from collections import Counter

from improver.model import Boxed, Change, Glossed, Result, Verdict
from improver.model.configured import Configured

ORDER = 55
PRINTED = 8_000  # characters of the deciding run's output
# Where a complaint stands moves with every line that is added above it; how many there are says nothing of which.
PLACE = re.compile(r"(?<=[:(,\s])\d+(?=[:),\s])|\bline \d+|^\s*\d+(?=\s*[|:])")
SUMMARY = re.compile(r"\W*(?:found\s+)?\d+ .*\b(?:error|problem|warning|issue|file|fixable)s?\b.*|\W*", re.IGNORECASE)


class Config(Configured):
    """Nothing to set: the command is the Target's `lint`."""


class Reason(Glossed):
    CLEAN = "lint_passes", "the lint command ended with 0"
    NOTHING_NEW = "nothing_new", "it fails, as it does on the base, and says nothing more"
    NO_COMMAND = "no_lint_command", "the Target has no lint command"
    FAILS = "lint_fails", "the lint command passes on the base and fails on the change"
    NEW = "new_complaints", "the lint command fails on the base too, and says more on the change"
    TIMED_OUT = "timed_out", "the lint command did not end in time"
    LIMIT = "box_limit", "the lint command took more memory, processes or disk than its box may"


def judge(change: Change, config: Config) -> Verdict:
    if not change.lint_command:
        return _verdict(Result.SKIPPED, Reason.NO_COMMAND, "Set the Target's `lint`.")
    after = change.run(change.lint_command, change.checkout())
    if after.code is None:
        return _stopped(after)
    if after.code == 0:
        return _verdict(Result.PASSED, Reason.CLEAN, f"{' '.join(change.lint_command)}: {after.seconds:.1f} s.", after)
    before = change.run(change.lint_command, change.checkout(base=True))
    if before.code is None:
        return _stopped(before)
    if before.code == 0:
        return _verdict(Result.FAILED, Reason.FAILS, f"Exit code {after.code}.", after)
    return _compared(before, after)


def _stopped(boxed: Boxed) -> Verdict:
    reason = Reason.LIMIT if boxed.ending.limit else Reason.TIMED_OUT
    return _verdict(Result.FAILED, reason, f"Stopped after {boxed.seconds:.0f} s: {boxed.ending.gloss}.", boxed)


def _compared(before: Boxed, after: Boxed) -> Verdict:
    more = _complaints(after.output) - _complaints(before.output)
    if not more and after.code == before.code:
        return _verdict(Result.PASSED, Reason.NOTHING_NEW, f"Exit code {after.code} on both.", after)
    return _verdict(Result.FAILED, Reason.NEW, f"{min(more.total(), 999) or 'Other'} new complaints.", after)


def _complaints(output: str) -> Counter[str]:
    lines = (line for line in output.splitlines() if not SUMMARY.fullmatch(line))
    return Counter(PLACE.sub("#", line.strip()) for line in lines)


def _verdict(result: Result, reason: Reason, detail: str, boxed: Boxed | None = None) -> Verdict:
    output = boxed.output[-PRINTED:] if boxed else ""
    return Verdict(gate="lint", result=result, reason=reason, detail=detail, output=output)
