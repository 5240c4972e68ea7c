"""Red and green by the exit code of a whole test command, for runners whose tests we cannot tell apart."""

from collections.abc import Sequence
from pathlib import Path

from improver.gates._mutation import Limits, Ran, mutate
from improver.gates._red_green_reason import Reason, some, stopped, unneeded, untried, verdict
from improver.model import Change, Result, Verdict


def judge(change: Change, sides: Sequence[str], altered: Sequence[str], repeats: int, limits: Limits) -> Verdict:
    command = change.test_command
    told = [_once(change, sides) for _ in range(repeats)]
    if cut := next((one for one in told if one.reason in (Reason.TIMED_OUT, Reason.LIMIT)), None):
        return cut
    if len({one.reason for one in told}) > 1:
        return verdict(Result.FAILED, Reason.FLAKY, f"Of {repeats} runs: {', '.join(one.reason for one in told)}.")
    if told[0].result is not Result.PASSED:
        return told[0]
    if harm := harmed(change, sides, altered):
        return harm

    def runs(tree: Path) -> Ran:
        boxed = change.run(command, tree)
        return boxed, boxed.code != 0

    tried = mutate(change, runs, limits)
    return unneeded(tried) or untried(told[0], tried)


def harmed(change: Change, sides: Sequence[str], altered: Sequence[str]) -> Verdict | None:
    """What is wrong with the base's own tests, as they were, on the change."""
    if not altered:
        return None
    kept = change.run(change.test_command, change.checkout(overlay=sides))
    if kept.code == 0:
        return None
    detail = f"Altered: {some(altered)}."
    return stopped(kept) or verdict(Result.FAILED, Reason.BASE_TESTS_FAIL, detail, kept)


def _once(change: Change, sides: Sequence[str]) -> Verdict:
    green = change.run(change.test_command, change.checkout())
    if green.code != 0:
        return stopped(green) or verdict(Result.FAILED, Reason.TESTS_FAIL, f"Exit code {green.code}.", green)
    red = change.run(change.test_command, change.checkout(base=True, overlay=sides))
    if not red.code:
        return stopped(red) or verdict(Result.FAILED, Reason.NO_PROOF, "They pass on the base as well.", red)
    return verdict(Result.PASSED, Reason.BY_EXIT_CODE, f"Exit code {red.code} on the base, 0 on the change.", red)
