"""What the red_green Gate can say."""

from collections.abc import Sequence
from dataclasses import replace

from improver.gates._mutation import Tried
from improver.model import Boxed, Glossed, Result, Verdict
from improver.paths import shown

NAMED = 3  # tests or files named in a detail
PRINTED = 8_000  # characters of the deciding run's output


class Reason(Glossed):
    PROVEN = "proven", "a test fails in its call phase on the base and passes on the change"
    RED_BY_ABSENCE = "red_by_absence", "on the base the tests only miss names that the change adds"
    BY_EXIT_CODE = "by_exit_code", "the whole test command fails on the base with the change's tests, and passes on it"
    NO_FAILURE = "not_a_failure", "this kind of Finding fails nowhere: no test need be red; the base's own tests pass"
    NO_PROOF = "no_proof", "no test tells the base from the change"
    NO_REGRESSION_TEST = "no_regression_test", "the change adds or changes no test"
    TESTS_FAIL = "tests_fail", "the change's own tests fail on the change"
    BASE_TESTS_FAIL = "base_tests_fail", "tests as the base has them fail on the change"
    TESTS_LOST = "tests_lost", "tests that the base has were removed, renamed or switched off"
    FLAKY = "flaky", "the same test, run again on the same code, ended otherwise"
    UNNEEDED = "unneeded_hunk", "without this part of the fix every test still passes: not needed, or not tested"
    UNRELIABLE = "unreliable_report", "pytest's report breaks off, or its exit code or tests made to fail belie it"
    LIMIT = "box_limit", "the tests took more memory, processes or disk than their box may"
    TIMED_OUT = "timed_out", "the tests did not end in time"
    NO_COMMAND = "no_test_command", "the Target has no test command"


def verdict(result: Result, reason: Reason, detail: str, boxed: Boxed | None = None) -> Verdict:
    output = boxed.output[-PRINTED:] if boxed else ""
    return Verdict(gate="red_green", result=result, reason=reason, detail=detail, output=output)


def stopped(boxed: Boxed) -> Verdict | None:
    if boxed.code is not None:
        return None
    reason = Reason.LIMIT if boxed.ending.limit else Reason.TIMED_OUT
    return verdict(Result.FAILED, reason, f"Stopped after {boxed.seconds:.0f} s: {boxed.ending.gloss}.", boxed)


def some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(shown(name) for name in names[:NAMED]) + more


def unneeded(tried: Tried) -> Verdict | None:
    if not tried.unneeded:
        return None
    named = some([str(hunk) for hunk in tried.unneeded])
    detail = f"Every test passes without {named}: take it out, or add a test that needs it."
    return verdict(Result.FAILED, Reason.UNNEEDED, detail, tried.boxed)


def untried(passed: Verdict, tried: Tried) -> Verdict:
    """A passing Verdict that says which parts of the fix nobody has tried to do without."""
    if not tried.untried:
        return passed
    named = some([str(hunk) for hunk in tried.untried])
    return replace(passed, detail=f"{passed.detail} Not tried without: {named}.")
