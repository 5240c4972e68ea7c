"""A test of the change fails without it and passes with it, and the base's own tests still pass.

What it does not prove: the tests share a process with the code they test, so an Agent that wants to can write a test
that looks at the code instead of using it, or forge the report. pytest's exit code must agree with the report, whose
name nobody can guess beforehand, and no test of the base may get lost; the rest is for whoever reads the diff, and
for the Outcome.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from improver.gates import _exit_code, _pytest_run
from improver.gates._proof import Proof, added_names, compare, lost
from improver.gates._red_green_reason import Reason, some, stopped, verdict
from improver.gates._session import Ended, Session
from improver.gates._test_side import is_test_file, is_test_side, steers
from improver.model import FAILURES, Change, FindingKind, Result, Verdict
from improver.model.configured import Configured

ORDER = 70
NONE_COLLECTED = 5  # pytest's exit code
WEAKER = (Reason.NO_PROOF, Reason.RED_BY_ABSENCE)


class Config(Configured):
    absence_counts: list[FindingKind] = []
    """Kinds for which it is proof enough that a test cannot even be imported without the change's new names.
    Where nothing fails (slow routes, friction) it always is, and no proof is demanded; the base's own tests are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sides:
    """A change's paths on the side of the tests; `altered` are those that the base's own tests meet changed."""

    all: tuple[str, ...]
    tests: tuple[str, ...]
    altered: tuple[str, ...]

    @classmethod
    def of(cls, change: Change) -> "_Sides":
        command = change.test_command
        sides = [file for file in change.files if is_test_side(file.path, command)]
        return cls(
            all=tuple(file.path for file in sides),
            tests=tuple(file.path for file in sides if file.status != "D" and is_test_file(file.path)),
            altered=tuple(file.path for file in sides if file.status != "A" or steers(file.path, command)),
        )


def judge(change: Change, config: Config) -> Verdict:
    if not change.test_command:
        return verdict(Result.SKIPPED, Reason.NO_COMMAND, "Set the Target's `test`.")
    sides = _Sides.of(change)
    deleted = [file.path for file in change.files if file.status == "D" and is_test_file(file.path)]
    if deleted:
        return verdict(Result.FAILED, Reason.TESTS_LOST, f"{some(deleted)}.")
    by_tests = _pytest_run.is_pytest(change.test_command)
    asked = change.spec.kind in FAILURES
    if not (_python(sides.tests) if by_tests else sides.tests):
        if not asked:
            return (_base_held(change, sides) if by_tests else None) or verdict(
                Result.SKIPPED, Reason.NOT_ASKED, "The change brings no test."
            )
        return verdict(Result.FAILED, Reason.NO_REGRESSION_TEST, "Nothing shows that the change is what was missing.")
    if not by_tests:
        told = _exit_code.judge(change, sides.all, sides.altered)
        return told if asked else _weaker(told)
    files = _python(sides.tests)
    now = _pytest_run.run(change, change.checkout(), ())
    green = now.of(files) if _tells(now, files) else _pytest_run.run(change, change.checkout(), files)
    told = _not_green(green) or _red(change, sides, green, config)
    if not asked and told.reason in WEAKER:
        return _base_tests(change, sides, now) or _weaker(told)
    return told if told.result is not Result.PASSED else _base_tests(change, sides, now) or told


def _weaker(told: Verdict) -> Verdict:
    """What is proof enough where nothing fails, or a stated reason why there is none."""
    if told.reason == Reason.RED_BY_ABSENCE:
        return replace(told, result=Result.PASSED)
    return verdict(Result.SKIPPED, Reason.NOT_ASKED, told.detail) if told.reason == Reason.NO_PROOF else told


def _base_held(change: Change, sides: _Sides) -> Verdict | None:
    return _base_tests(change, sides, _pytest_run.run(change, change.checkout(), ()))


def _tells(now: Session, files: Sequence[str]) -> bool:
    """Whether the Target's whole run is green and has tests of all these files, so that it need not be repeated."""
    return now.consistent and now.boxed.code == 0 and all(now.of([file]).tests for file in files)


def _not_green(green: Session) -> Verdict | None:
    """What is wrong with the change's tests on the change itself."""
    code = green.boxed.code
    if code is None or not green.consistent:
        return stopped(green.boxed) or _unreliable(green, "the change")
    if code == NONE_COLLECTED:
        return verdict(Result.FAILED, Reason.NO_PROOF, "pytest found no test in the changed test files.", green.boxed)
    return verdict(Result.FAILED, Reason.TESTS_FAIL, f"Exit code {code}.", green.boxed) if code else None


def _red(change: Change, sides: _Sides, green: Session, config: Config) -> Verdict:
    tree = change.checkout(base=True, overlay=sides.all)
    red = _pytest_run.run(change, tree, _python(sides.tests))
    if red.boxed.code is None or (red.complete and not red.consistent):
        return stopped(red.boxed) or _unreliable(red, "the base")
    proof = compare(red, green, added_names(change.diff, tuple(change.files)), tree)
    return _told(proof, red, change.spec.kind, config)


def _told(proof: Proof, red: Session, kind: FindingKind, config: Config) -> Verdict:
    if proof.proven:
        return verdict(Result.PASSED, Reason.PROVEN, f"{some(proof.proven)}.", red.boxed)
    if proof.absent:
        result = Result.PASSED if kind in config.absence_counts else Result.FAILED
        return verdict(result, Reason.RED_BY_ABSENCE, f"{some(proof.absent)}.", red.boxed)
    why = some([f"{name} ({said})" for name, said in proof.nothing.items()])
    return verdict(Result.FAILED, Reason.NO_PROOF, f"{why}." if why else "No test passes.", red.boxed)


def _base_tests(change: Change, sides: _Sides, now: Session) -> Verdict | None:
    """What is wrong with what the change made of the base's own tests, be it in the tests or in the code they load."""
    if now.boxed.code is None or not now.consistent:
        return stopped(now.boxed) or _unreliable(now, "the change")
    before = _pytest_run.run(change, change.checkout(base=True), ())
    if before.boxed.code is None:
        return stopped(before.boxed)
    return (_altered(change, sides, before) if sides.altered else None) or _gone(before, now)


def _altered(change: Change, sides: _Sides, before: Session) -> Verdict | None:
    """What is wrong with the base's own tests when they, as they were, meet the change."""
    whole = not all(is_test_file(path) for path in sides.altered)
    files = () if whole else _python(sides.altered)
    if not whole and not files:
        return None
    kept = _pytest_run.run(change, change.checkout(overlay=sides.all), files)
    if kept.boxed.code is None or not kept.consistent:
        return stopped(kept.boxed) or _unreliable(kept, "the change, with the base's tests")
    if kept.boxed.code not in (0, NONE_COLLECTED):
        return verdict(Result.FAILED, Reason.BASE_TESTS_FAIL, f"Altered: {some(sides.altered)}.", kept.boxed)
    return _gone(before if whole else before.of(files), kept)


def _gone(before: Session, after: Session) -> Verdict | None:
    gone = lost(before, after)
    failed = [name for name in gone if name in after.that(Ended.FAILED) | after.that(Ended.BROKEN)]
    if failed:
        return verdict(Result.FAILED, Reason.BASE_TESTS_FAIL, f"{some(failed)}.", after.boxed)
    return verdict(Result.FAILED, Reason.TESTS_LOST, f"{some(gone)}.", after.boxed) if gone else None


def _unreliable(session: Session, where: str) -> Verdict:
    detail = f"On {where}: exit code {session.boxed.code}, {len(session.tests)} tests reported."
    return verdict(Result.FAILED, Reason.UNRELIABLE, detail, session.boxed)


def _python(paths: Sequence[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if path.endswith(".py"))
