"""The Target's own test command passes in a clean checkout of the change."""

from improver.model import Change, Glossed, Result, Verdict
from improver.model.configured import Configured

ORDER = 60


class Config(Configured):
    """Nothing to set: the command is the Target's `test`."""


class Reason(Glossed):
    PASSED = "tests_pass", "the test command ended with 0"
    FAILED = "tests_fail", "the test command ended with something else"
    TIMED_OUT = "timed_out", "the test command did not end in time"
    LIMIT = "box_limit", "the test command took more memory, processes or disk than its box may"
    NO_COMMAND = "no_test_command", "the Target has no test command: nothing goes further than `report`"


def judge(change: Change, config: Config) -> Verdict:
    command = change.test_command
    if not command:
        return _verdict(Result.SKIPPED, Reason.NO_COMMAND, "Set the Target's `test`.", "")
    ran = change.run(command, change.checkout())
    took = f"{' '.join(command)}: {ran.seconds:.1f} s"
    if ran.code is None:
        reason = Reason.LIMIT if ran.ending.limit else Reason.TIMED_OUT
        return _verdict(Result.FAILED, reason, f"{took}, then it was stopped: {ran.ending.gloss}.", ran.output)
    if ran.code:
        return _verdict(Result.FAILED, Reason.FAILED, f"{took}, exit code {ran.code}.", ran.output)
    return _verdict(Result.PASSED, Reason.PASSED, f"{took}.", ran.output)


def _verdict(result: Result, reason: Reason, detail: str, output: str) -> Verdict:
    return Verdict(gate="target_tests", result=result, reason=reason, detail=detail, output=output[-8_000:])
