"""Red and green by the exit code of a whole test command, for runners whose tests we cannot tell apart."""

from collections.abc import Sequence

from improver.gates._red_green_reason import Reason, some, stopped, verdict
from improver.model import Change, Result, Verdict


def judge(change: Change, sides: Sequence[str], altered: Sequence[str]) -> Verdict:
    command = change.test_command
    green = change.run(command, change.checkout())
    if green.code != 0:
        return stopped(green) or verdict(Result.FAILED, Reason.TESTS_FAIL, f"Exit code {green.code}.", green)
    if altered:
        kept = change.run(command, change.checkout(overlay=sides))
        if kept.code != 0:
            detail = f"Altered: {some(altered)}."
            return stopped(kept) or verdict(Result.FAILED, Reason.BASE_TESTS_FAIL, detail, kept)
    red = change.run(command, change.checkout(base=True, overlay=sides))
    if not red.code:
        return stopped(red) or verdict(Result.FAILED, Reason.NO_PROOF, "They pass on the base as well.", red)
    return verdict(Result.PASSED, Reason.BY_EXIT_CODE, f"Exit code {red.code} on the base, 0 on the change.", red)
